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


@dataclass(frozen=True, slots=True)
class Wording:
    """A message to a visitor: `subject` for e-mail only, `text` in paragraphs."""

    subject: str
    text: str


_FORCE: Mapping[str, str] = {"zh-Hant": "香港警務處", "zh-Hans": "香港警务处", "en": "Hong Kong Police Force"}

_SUBJECTS: Mapping[Kind, Mapping[str, str]] = {
    Kind.RECEIVED: {
        "zh-Hant": "已收到你的報案（參考編號 {reference}）",
        "zh-Hans": "已收到您的报案（参考编号 {reference}）",
        "en": "We have received your report (reference {reference})",
    },
    Kind.ACCEPTED: {
        "zh-Hant": "警方已受理你的報案（參考編號 {reference}）",
        "zh-Hans": "警方已受理您的报案（参考编号 {reference}）",
        "en": "Your report has been accepted (reference {reference})",
    },
    Kind.REJECTED: {
        "zh-Hant": "有關你的報案（參考編號 {reference}）",
        "zh-Hans": "关于您的报案（参考编号 {reference}）",
        "en": "About your report (reference {reference})",
    },
    Kind.CHECK: {
        "zh-Hant": "查詢報案的驗證碼",
        "zh-Hans": "查询报案的验证码",
        "en": "Code to look up your report",
    },
}

_TEXTS: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    Kind.RECEIVED: {
        "zh-Hant": (
            "警方已收到你的報案。參考編號：{reference}。官方編號：{number}。",
            "請保留收據。你可在任何自助報案機查詢進度或補充資料。",
        ),
        "zh-Hans": (
            "警方已收到您的报案。参考编号：{reference}。官方编号：{number}。",
            "请保留收据。您可以在任何自助报案机查询进度或补充信息。",
        ),
        "en": (
            "We have received your report. Reference: {reference}. Official number: {number}.",
            "Please keep your receipt. At any self-service kiosk you can look up your report or add to it.",
        ),
    },
    Kind.ACCEPTED: {
        "zh-Hant": (
            "警方已受理你的報案。參考編號：{reference}。官方編號：{number}。",
            "{words}",
            "如有進展，我們會與你聯絡，毋須再查詢。",
        ),
        "zh-Hans": (
            "警方已受理您的报案。参考编号：{reference}。官方编号：{number}。",
            "{words}",
            "如有进展，我们会与您联系，不用再来查询。",
        ),
        "en": (
            "The police have accepted your report. Reference: {reference}. Official number: {number}.",
            "{words}",
            "We will contact you if there is news. You do not need to ask again.",
        ),
    },
    Kind.REJECTED: {
        "zh-Hant": (
            "警方未能受理你的報案（參考編號：{reference}）。",
            "{words}",
            "如有疑問，請帶同收據到警署查詢。",
        ),
        "zh-Hans": (
            "警方未能受理您的报案（参考编号：{reference}）。",
            "{words}",
            "如有疑问，请带收据到警署咨询。",
        ),
        "en": (
            "The police could not accept your report (reference: {reference}).",
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
    }
    paragraphs = [paragraph.format_map(fields) for paragraph in _TEXTS[kind][language]]
    text = "\n".join([*filter(None, paragraphs), _FORCE[language]])
    return Wording(_SUBJECTS[kind][language].format_map(fields), text)


def _grouped(digits: str) -> str:
    """`528319476034` as people read it: `5283 1947 6034`."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
