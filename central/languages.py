"""The languages visitors are written to in."""

LANGUAGES = ("zh-Hant", "zh-Hans", "en")
"""BCP 47 tags; the last one is for those whose language is not known."""
