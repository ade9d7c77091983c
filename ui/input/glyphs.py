"""Which characters the fonts of the kiosk can draw; librime knows many more than any font."""

from PySide6.QtGui import QFont, QRawFont

FAMILY = "Noto Sans CJK HK"
"""All faces of the collection hold the same characters."""


class Glyphs:
    """Answers for one font and remembers what it answered."""

    def __init__(self, family: str = FAMILY) -> None:
        self._font = QRawFont.fromFont(QFont(family))
        self._known: dict[str, bool] = {}

    def draw(self, text: str) -> bool:
        """Whether every character of `text` has a glyph."""
        return all(self._draws(character) for character in text)

    def _draws(self, character: str) -> bool:
        if character not in self._known:
            self._known[character] = self._font.supportsCharacter(ord(character))
        return self._known[character]
