"""The languages a visit can be held in."""

from enum import StrEnum


class Language(StrEnum):
    """A language of screen, receipt and case, as a BCP 47 tag."""

    TRADITIONAL_CHINESE = "zh-Hant"
    SIMPLIFIED_CHINESE = "zh-Hans"
    ENGLISH = "en"
