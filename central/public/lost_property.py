"""What the receipt of a lost property report adds: its title, what was lost, and what to do next.

The words and the conditions are those of the kiosk's own receipt; tests/central holds them together.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

REPORT_TYPE = "LOST_PROPERTY"


@dataclass(frozen=True, slots=True)
class LostPropertyWords:
    """Words in one language."""

    title: str
    not_a_memo: str
    categories: Mapping[str, str]
    steps: Mapping[str, str]


WORDS: Mapping[str, LostPropertyWords] = {
    "zh-Hant": LostPropertyWords(
        title="報失收據",
        not_a_memo="此收據並非旅行證件遺失證明書。",
        categories={
            "wallet": "銀包",
            "bag": "手袋、行李",
            "hkid": "香港身份證",
            "travel_document": "護照、旅行證件",
            "bank_card": "銀行卡",
            "octopus": "八達通",
            "phone": "手提電話",
            "computer": "電腦、平板",
            "electronics": "相機、耳機",
            "keys": "鎖匙",
            "cash": "現金",
            "jewellery": "首飾、手錶",
            "clothing": "衣物、雨傘、眼鏡",
            "medical": "醫療、輔助用品",
            "pet": "寵物",
            "other": "其他",
        },
        steps={
            "mtr_shared": "港鐵會尋找失物，並在 7 天內回覆你。",
            "mtr_not_shared": "你可自行向港鐵查詢。港鐵只尋找最近 6 星期內的失物。",
            "mtr_ask": "請自行向港鐵查詢。港鐵只尋找最近 6 星期內的失物。",
            "hkid": "身份證：14 天內到人事登記處補領。",
            "passport": "護照：向警方索取遺失證明，再到入境處和領事館辦理。",
            "mainland_permit": "通行證：向警方索取遺失證明，再到中國旅行社辦理。",
            "other_document": "旅行證件：請通知簽發機關。",
            "bank_card": "銀行卡：立即致電銀行停用。",
            "cards_inside": "如銀包內有銀行卡：立即致電銀行停用。",
            "octopus": "八達通：向八達通公司報失，停止使用。",
            "phone": "手提電話：請電訊公司停用 SIM 卡，並用帳戶鎖機。",
            "keys": "鎖匙：考慮更換門鎖。",
            "pet": "寵物：亦可向附近的動物收容機構查詢。",
            "theft": "如你其後認為是被偷，請告知警員。",
            "contact": "如尋獲失物，我們會聯絡你，毋須再查詢。",
        },
    ),
    "zh-Hans": LostPropertyWords(
        title="报失收据",
        not_a_memo="此收据不是旅行证件遗失证明。",
        categories={
            "wallet": "钱包",
            "bag": "包、行李",
            "hkid": "香港身份证",
            "travel_document": "护照、通行证",
            "bank_card": "银行卡",
            "octopus": "八达通",
            "phone": "手机",
            "computer": "电脑、平板",
            "electronics": "相机、耳机",
            "keys": "钥匙",
            "cash": "现金",
            "jewellery": "首饰、手表",
            "clothing": "衣物、雨伞、眼镜",
            "medical": "医疗、辅助用品",
            "pet": "宠物",
            "other": "其他",
        },
        steps={
            "mtr_shared": "港铁会寻找失物，并在 7 天内回复您。",
            "mtr_not_shared": "您可以自己向港铁查询。港铁只查找最近 6 周内的失物。",
            "mtr_ask": "请自己向港铁查询。港铁只查找最近 6 周内的失物。",
            "hkid": "香港身份证：14 天内到人事登记处补领。",
            "passport": "护照：向警方索取遗失证明，再到入境处和领事馆办理。",
            "mainland_permit": "通行证：向警方索取遗失证明，再到中国旅行社办理。",
            "other_document": "旅行证件：请通知签发机关。",
            "bank_card": "银行卡：马上打电话给银行挂失。",
            "cards_inside": "如果钱包里有银行卡：马上打电话给银行挂失。",
            "octopus": "八达通：向八达通公司挂失，停止使用。",
            "phone": "手机：请运营商停用 SIM 卡，并通过账户锁定手机。",
            "keys": "钥匙：考虑更换门锁。",
            "pet": "宠物：也可以向附近的动物收容机构查询。",
            "theft": "如果您后来觉得是被偷的，请告诉警员。",
            "contact": "找到失物后我们会联系您，不用再来查询。",
        },
    ),
    "en": LostPropertyWords(
        title="Lost property report – receipt",
        not_a_memo="This slip is not a loss memo for travel documents.",
        categories={
            "wallet": "Wallet or purse",
            "bag": "Bag or luggage",
            "hkid": "Hong Kong identity card",
            "travel_document": "Passport or travel permit",
            "bank_card": "Bank card",
            "octopus": "Octopus card",
            "phone": "Mobile phone",
            "computer": "Computer or tablet",
            "electronics": "Camera or earphones",
            "keys": "Keys",
            "cash": "Cash",
            "jewellery": "Jewellery or watch",
            "clothing": "Clothes, umbrella, glasses",
            "medical": "Medical or mobility aid",
            "pet": "Pet",
            "other": "Something else",
        },
        steps={
            "mtr_shared": "MTR looks for your things and answers you within 7 days.",
            "mtr_not_shared": "You can ask MTR yourself. MTR only looks for things lost in the last 6 weeks.",
            "mtr_ask": "Please ask MTR yourself. MTR only looks for things lost in the last 6 weeks.",
            "hkid": "Identity card: go to a Registration of Persons office within 14 days.",
            "passport": (
                "Passport: ask the police for a loss memo. Then go to Immigration and your consulate."
            ),
            "mainland_permit": (
                "Travel permit: ask the police for a loss memo. Then go to China Travel Service."
            ),
            "other_document": "Travel document: tell the office that issued it.",
            "bank_card": "Bank cards: call your bank now and block them.",
            "cards_inside": "If the wallet held bank cards: call your bank now and block them.",
            "octopus": "Octopus: report the loss to Octopus to stop its use.",
            "phone": "Phone: ask your phone company to block the SIM. Lock the phone from your account.",
            "keys": "Keys: think about changing your lock.",
            "pet": "Pet: also ask animal shelters near the place.",
            "theft": "If you later think it was stolen, tell an officer.",
            "contact": "We contact you if we find it. You do not need to ask again.",
        },
    ),
}


def categories(document: Mapping[str, Any], words: LostPropertyWords) -> list[str]:
    """What was lost, as the receipt on paper lists it: `Keys ×2`. Never how it looks."""
    counted = Counter(_categories(document))
    labels = ((words.categories.get(name), count) for name, count in counted.items())
    return [label if count == 1 else f"{label} ×{count}" for label, count in labels if label]


def steps(document: Mapping[str, Any]) -> list[str]:
    """Which advice fits this report, in order; keys of `LostPropertyWords.steps`."""
    return [name for name, fits in _STEPS.items() if fits(document)]


def _categories(document: Mapping[str, Any]) -> list[str]:
    return [str(item.get("category")) for item in _items(document)]


def _items(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    items = document.get("items")
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _value(document: Mapping[str, Any], group: str, name: str) -> Any:
    inside = document.get(group)
    return inside.get(name) if isinstance(inside, Mapping) else None


def _has(category: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda document: category in _categories(document)


def _has_document(*types: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda document: any(_value(item, "identity_doc", "type") in types for item in _items(document))


def _share(document: Mapping[str, Any]) -> Any:
    return _value(document, "consents", "mtr_share")


_STEPS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "mtr_shared": lambda document: _share(document) == "yes",
    "mtr_not_shared": lambda document: _share(document) == "no",
    "mtr_ask": lambda document: _value(document, "loss", "place_kind") == "mtr" and _share(document) is None,
    "hkid": _has("hkid"),
    "passport": _has_document("passport"),
    "mainland_permit": _has_document("home_return_permit", "exit_entry_permit"),
    "other_document": _has_document("other"),
    "bank_card": _has("bank_card"),
    "cards_inside": lambda document: _has("wallet")(document) and not _has("bank_card")(document),
    "octopus": _has("octopus"),
    "phone": _has("phone"),
    "keys": _has("keys"),
    "pet": _has("pet"),
    "theft": lambda document: _value(document, "loss", "suspected_theft") in ("yes", "unsure"),
    "contact": lambda _document: True,
}
