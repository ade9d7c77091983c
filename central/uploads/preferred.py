"""The language of a phone."""

from central.languages import LANGUAGES

_MOST_TAGS = 20


def preferred(header: str) -> str:
    """What an `Accept-Language` header likes best; Traditional Chinese if it is none of ours."""
    wishes = (_wish(text) for text in header.split(",")[:_MOST_TAGS])
    known = [(language, weight) for language, weight in wishes if language is not None and weight > 0]
    return max(known, key=lambda wish: wish[1], default=(LANGUAGES[0], 1.0))[0]


def _wish(text: str) -> tuple[str | None, float]:
    tag, _, weight = text.partition(";q=")
    try:
        return _of_tag(tag.strip().lower()), float(weight or 1)
    except ValueError:
        return None, 0.0


def _of_tag(tag: str) -> str | None:
    first, *more = tag.split("-")
    if first == "en":
        return "en"
    if first == "yue":
        return "zh-Hant"
    if first != "zh":
        return None
    if "hans" in more:
        return "zh-Hans"
    return "zh-Hant" if {"hant", "hk", "tw", "mo"} & set(more) else "zh-Hans"
