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
            "travel_document": "護照、其他證件",
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
            "bus_ask": "巴士、小巴：向該公司查詢，請準備路線號碼、時間和下車地點。",
            "taxi_ask": "的士：收據上印有車牌號碼；如用應用程式召車，可在程式內聯絡司機。",
            "tram_ferry_ask": "電車、渡輪：向碼頭或營辦公司查詢。",
            "airport_ask": "機場：向機場失物認領處查詢；如在機上遺失，請問航空公司。",
            "hkid": "身份證：14 天內到人事登記處補領。",
            "passport": "護照：向警方索取遺失證明，再到入境事務處和領事館辦理。",
            "home_return_permit": "回鄉證：向警方索取遺失證明，再到香港中國旅行社補領。",
            "exit_entry_permit": (
                "往來港澳通行證：向警方索取遺失證明，連同副本到香港中國旅行社辦理返回內地手續。"
            ),
            "mainland_id": "內地居民身份證：向居住地的公安機關報失。",
            "macao_id": "澳門居民身份證：到港澳碼頭查詢返回澳門的手續。如涉及罪案，請先向警方報案。",
            "other_document": "其他證件：請通知簽發機關。",
            "bank_card": "銀行卡：立即致電銀行停用。",
            "cards_inside": "如銀包內有銀行卡：立即致電銀行停用。",
            "octopus": "八達通：向八達通公司報失，停止使用。",
            "phone": "手提電話：請電訊公司停用 SIM 卡，並用帳戶鎖機。",
            "computer": "電腦：用帳戶鎖機，並更改密碼。",
            "keys": "鎖匙：考慮更換門鎖。",
            "medical": "如今天就要使用，請向藥房或醫院求助。",
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
            "travel_document": "护照、其他证件",
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
            "bus_ask": "公交车、小巴：向该公司查询，请准备好线路号、时间和下车地点。",
            "taxi_ask": "出租车：小票上印有车牌号；用软件叫的车，可以在软件里联系司机。",
            "tram_ferry_ask": "有轨电车、轮渡：向码头或运营公司查询。",
            "airport_ask": "机场：向机场失物招领处查询；在飞机上丢失，请问航空公司。",
            "hkid": "香港身份证：14 天内到人事登记处补领。",
            "passport": "护照：向警方索取遗失证明，再到入境事务处和领事馆办理。",
            "home_return_permit": "回乡证：向警方索取遗失证明，再到香港中国旅行社补办。",
            "exit_entry_permit": (
                "港澳通行证：向警方索取遗失证明，带上复印件到香港中国旅行社办理返回内地的手续。"
            ),
            "mainland_id": "居民身份证：向居住地的公安机关挂失。",
            "macao_id": "澳门居民身份证：到港澳码头咨询返回澳门的手续。如果涉及犯罪，请先向警方报案。",
            "other_document": "其他证件：请通知签发机关。",
            "bank_card": "银行卡：马上打电话给银行挂失。",
            "cards_inside": "如果钱包里有银行卡：马上打电话给银行挂失。",
            "octopus": "八达通：向八达通公司挂失，停止使用。",
            "phone": "手机：请运营商停用 SIM 卡，并通过账户锁定手机。",
            "computer": "电脑：通过账户锁定，并修改密码。",
            "keys": "钥匙：考虑更换门锁。",
            "medical": "如果今天就要用，请找药店或医院帮忙。",
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
            "travel_document": "Passport or other document",
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
            "mtr_not_shared": (
                "You can ask MTR yourself. MTR only looks for things lost in the last 6 weeks."
            ),
            "mtr_ask": ("Please ask MTR yourself. MTR only looks for things lost in the last 6 weeks."),
            "bus_ask": "Bus: ask the company. Have the route, the time and your stop ready.",
            "taxi_ask": (
                "Taxi: your receipt shows the number plate. If you used an app, contact the driver there."
            ),
            "tram_ferry_ask": "Tram or ferry: ask at the pier, or ask the company.",
            "airport_ask": (
                "Airport: ask at its lost property counter. If you lost it on the plane, ask the airline."
            ),
            "hkid": "Identity card: go to a Registration of Persons office within 14 days.",
            "passport": (
                "Passport: ask the police for a loss memo. Then go to the Immigration Department"
                " and your consulate."
            ),
            "home_return_permit": (
                "Home Return Permit: ask the police for a loss memo. "
                "Then go to China Travel Service for a new one."
            ),
            "exit_entry_permit": (
                "Exit-Entry Permit: ask the police for a loss memo. Take "
                "it and a copy to China Travel Service to go home."
            ),
            "mainland_id": "Mainland identity card: tell the police where you live.",
            "macao_id": (
                "Macao identity card: ask at the Macau ferry pier how to "
                "go home. If it was a crime, tell the police first."
            ),
            "other_document": "Other document: tell the office that issued it.",
            "bank_card": "Bank cards: call your bank now and block them.",
            "cards_inside": "If the wallet held bank cards: call your bank now and block them.",
            "octopus": "Octopus: report the loss to Octopus to stop its use.",
            "phone": ("Phone: ask your phone company to block the SIM. Lock the phone from your account."),
            "computer": "Computer: lock it from your account and change your passwords.",
            "keys": "Keys: think about changing your lock.",
            "medical": "If you need it today, ask a pharmacy or a hospital.",
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


def _place_kind(document: Mapping[str, Any]) -> Any:
    """Where it was lost: at "here" of a desk in a station, it was with the railway."""
    kind = _value(document, "event", "place_kind") or _value(document, "loss", "place_kind")
    return "mtr" if kind == "here" and document.get("site_code") == "mtr" else kind


def _share(document: Mapping[str, Any]) -> Any:
    return _value(document, "consents", "mtr_share")


def _operator(document: Mapping[str, Any]) -> Any:
    return _value(document, "event", "operator")


def _asks_mtr(document: Mapping[str, Any]) -> bool:
    is_theirs = _place_kind(document) == "mtr" or _operator(document) in ("light_rail", "mtr_bus")
    return is_theirs and _share(document) is None


_STEPS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "mtr_shared": lambda document: _share(document) == "yes",
    "mtr_not_shared": lambda document: _share(document) == "no",
    "mtr_ask": _asks_mtr,
    "bus_ask": lambda document: (
        _place_kind(document) in ("bus", "minibus") and _operator(document) != "mtr_bus"
    ),
    "taxi_ask": lambda document: _place_kind(document) == "taxi",
    "tram_ferry_ask": lambda document: (
        _place_kind(document) in ("tram", "ferry") and _operator(document) != "light_rail"
    ),
    "airport_ask": lambda document: _place_kind(document) == "airport",
    "hkid": _has("hkid"),
    "passport": _has_document("passport"),
    "home_return_permit": _has_document("home_return_permit"),
    "exit_entry_permit": _has_document("exit_entry_permit"),
    "mainland_id": _has_document("mainland_id"),
    "macao_id": _has_document("macao_id"),
    "other_document": _has_document("other"),
    "bank_card": _has("bank_card"),
    "cards_inside": lambda document: _has("wallet")(document) and not _has("bank_card")(document),
    "octopus": _has("octopus"),
    "phone": _has("phone"),
    "computer": _has("computer"),
    "keys": _has("keys"),
    "medical": _has("medical"),
    "pet": _has("pet"),
    "theft": lambda document: _value(document, "loss", "suspected_theft") in ("yes", "unsure"),
    "contact": lambda _document: True,
}
