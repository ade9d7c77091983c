"""The words of messages, in the visitor's language: short, and with nothing personal in them."""

from collections.abc import Mapping
from dataclasses import dataclass

from central.store.messages import Kind


@dataclass(frozen=True, slots=True)
class About:
    """What a message may speak of. `number` is the force's own or the official one, `words` the officer's."""

    reference: str
    number: str
    words: str = ""
    digits: str = ""
    report_type: str = ""
    """As the case document has it; not of a message that is a code alone."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A message to a visitor: `subject` for e-mail only, `text` in paragraphs."""

    subject: str
    text: str


_FORCE: Mapping[str, str] = {"zh-Hant": "香港警務處", "zh-Hans": "香港警务处", "en": "Hong Kong Police Force"}

_REPORT: Mapping[str, str] = {"zh-Hant": "報案", "zh-Hans": "报案", "en": "report"}
_NOTICE: Mapping[str, str] = {"zh-Hant": "舉報", "zh-Hans": "举报", "en": "report"}
_APPLICATION: Mapping[str, str] = {"zh-Hant": "申請", "zh-Hans": "申请", "en": "application"}
_REQUEST: Mapping[str, str] = {"zh-Hant": "要求", "zh-Hans": "请求", "en": "request"}
_INFORMATION: Mapping[str, str] = {"zh-Hant": "線索", "zh-Hans": "线索", "en": "information"}
_ADDED: Mapping[str, str] = {"zh-Hant": "補充資料", "zh-Hans": "补充信息", "en": "added information"}
_COMMENDATION: Mapping[str, str] = {"zh-Hant": "嘉許", "zh-Hans": "表扬", "en": "commendation"}
# Who looks over a shoulder does not learn what it is about: the paper says no more.
_FORM: Mapping[str, str] = {"zh-Hant": "表格", "zh-Hans": "表格", "en": "form"}

_THINGS: Mapping[str, Mapping[str, str]] = {
    "CLOSED_AREA_PERMIT": _APPLICATION,
    "ROAD_EVENT_PERMIT": _APPLICATION,
    "REQUEST_FOR_INFORMATION": _REQUEST,
    "CRIME_INFORMATION": _INFORMATION,
    "SUPPLEMENT": _ADDED,
    "COMMENDATION": _COMMENDATION,
    "COMPLAINT_AGAINST_POLICE": _FORM,
    "NUISANCE": _NOTICE,
    "TRAFFIC_COMPLAINT": _NOTICE,
    "VEHICLE_OBSTRUCTION": _NOTICE,
}
"""What a visitor handed in, if it is no report of something lost, found or done."""

_SUBJECTS: Mapping[Kind, Mapping[str, str]] = {
    Kind.RECEIVED: {
        "zh-Hant": "已收到你的{thing}（參考編號 {reference}）",
        "zh-Hans": "已收到您的{thing}（参考编号 {reference}）",
        "en": "We have received your {thing} (reference {reference})",
    },
    Kind.ACCEPTED: {
        "zh-Hant": "警方已受理你的{thing}（參考編號 {reference}）",
        "zh-Hans": "警方已受理您的{thing}（参考编号 {reference}）",
        "en": "We are handling your {thing} (reference {reference})",
    },
    Kind.REJECTED: {
        "zh-Hant": "有關你的{thing}（參考編號 {reference}）",
        "zh-Hans": "关于您的{thing}（参考编号 {reference}）",
        "en": "About your {thing} (reference {reference})",
    },
    Kind.CHECK: {
        "zh-Hant": "查詢進度的驗證碼",
        "zh-Hans": "查询进度的验证码",
        "en": "Your code for the self-service kiosk",
    },
}

_TEXTS: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    Kind.RECEIVED: {
        "zh-Hant": (
            "警方已收到你的{thing}。參考編號：{reference}。官方編號：{number}。",
            "請保留收據。你可在任何自助報案機查詢進度或補充資料。",
        ),
        "zh-Hans": (
            "警方已收到您的{thing}。参考编号：{reference}。官方编号：{number}。",
            "请保留收据。您可以在任何自助报案机查询进度或补充信息。",
        ),
        "en": (
            "We have received your {thing}. Reference: {reference}. Official number: {number}.",
            "Please keep your receipt. At any self-service kiosk you can see how it stands or add to it.",
        ),
    },
    Kind.ACCEPTED: {
        "zh-Hant": (
            "警方已受理你的{thing}。參考編號：{reference}。官方編號：{number}。",
            "{words}",
            "如有進展，我們會與你聯絡，毋須再查詢。",
        ),
        "zh-Hans": (
            "警方已受理您的{thing}。参考编号：{reference}。官方编号：{number}。",
            "{words}",
            "如有进展，我们会与您联系，不用再来查询。",
        ),
        "en": (
            "The police are handling your {thing}. Reference: {reference}. Official number: {number}.",
            "{words}",
            "We will contact you if there is news. You do not need to ask again.",
        ),
    },
    Kind.REJECTED: {
        "zh-Hant": (
            "警方未能受理你的{thing}（參考編號：{reference}）。",
            "{words}",
            "如有疑問，請帶同收據到警署查詢。",
        ),
        "zh-Hans": (
            "警方未能受理您的{thing}（参考编号：{reference}）。",
            "{words}",
            "如有疑问，请带收据到警署咨询。",
        ),
        "en": (
            "The police could not accept your {thing} (reference: {reference}).",
            "{words}",
            "If you have questions, please take your receipt to a police station.",
        ),
    },
    Kind.CHECK: {
        "zh-Hant": ("你的驗證碼是 {digits}，10 分鐘內有效。", "切勿向他人透露。如非你本人查詢，毋須理會。"),
        "zh-Hans": ("您的验证码是 {digits}，10 分钟内有效。", "请勿告诉他人。如果不是您本人查询，请忽略。"),
        "en": (
            "Your code is {digits}. It is valid for 10 minutes.",
            "Do not give it to anyone. If it was not you who asked, ignore this message.",
        ),
    },
}


def compose(kind: Kind, language: str, about: About) -> Wording:
    """The message of `kind` in one of `central.languages.LANGUAGES`."""
    fields = {
        "reference": _grouped(about.reference),
        "number": about.number,
        "words": about.words,
        "digits": about.digits,
        "thing": _THINGS.get(about.report_type, _REPORT)[language],
    }
    paragraphs = [paragraph.format_map(fields) for paragraph in _TEXTS[kind][language]]
    text = "\n".join([*filter(None, paragraphs), _FORCE[language]])
    return Wording(_SUBJECTS[kind][language].format_map(fields), text)


def _grouped(digits: str) -> str:
    """`528319476034` as people read it: `5283 1947 6034`."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
