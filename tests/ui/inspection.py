"""Looks at a window the way a careful person would: what is cut, torn, tiny, crowded, unnamed or pale."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible, QColor, QFont, QFontDatabase, QFontMetricsF, QGuiApplication, QRawFont
from PySide6.QtQml import QQmlEngine, QQmlExpression
from PySide6.QtQuick import QQuickItem, QQuickWindow

from ui.bridge.lines import PUNCTUATION, lines_of
from ui.engine import NEEDED_FAMILIES

MM_PER_PIXEL = 0.2767
SLACK = 1.5  # pixels: rounding of fonts and millimetres


@dataclass(frozen=True)
class Seen:
    """An item and where it lies in the window."""

    item: QQuickItem
    kinds: frozenset[str]
    rect: QRectF
    sight: QRectF  # the part of the window in which it may show


_kinds: dict[str, frozenset[str]] = {}


def _kinds_of(item: QQuickItem) -> frozenset[str]:
    """Names of the item's class and all its bases; asked once per class, because asking is slow."""
    meta = item.metaObject()
    name = meta.className()
    if name not in _kinds:
        names = set()
        while meta is not None:
            names.add(meta.className())
            meta = meta.superClass()
        _kinds[name] = frozenset(names)
    return _kinds[name]


class Look:
    """All that is shown in a window at one moment."""

    def __init__(self, window: QQuickWindow) -> None:
        QGuiApplication.processEvents()
        self.picture = window.grabWindow()  # also brings every layout up to date
        assert window.contentItem().width() == window.width(), "the window has not been mapped yet"
        self.window = window
        self.items = list(self._shown())
        self.texts = [
            seen for seen in self.items if "QQuickText" in seen.kinds and seen.item.property("text")
        ]
        self.controls = [seen for seen in self.items if seen.kinds & _CONTROLS and seen.item.isEnabled()]
        self.buttons = [seen for seen in self.controls if _BUTTON in seen.kinds]

    def _shown(self) -> Iterator[Seen]:
        window = self.window
        waiting = [(window.contentItem(), QRectF(0, 0, window.width(), window.height()))]
        while waiting:
            item, sight = waiting.pop()
            if not item.isVisible() or item.opacity() == 0:
                continue
            rect = item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))
            yield Seen(item, _kinds_of(item), rect, sight)
            inner = sight.intersected(rect) if item.clip() else sight
            waiting.extend((child, inner) for child in item.childItems())


_BUTTON = "QQuickAbstractButton"
_CONTROLS = frozenset({_BUTTON, "QQuickTextInput", "QQuickTextEdit"})


def enum_of(item: QQuickItem, name: str) -> int:
    """A property that is an enum of Qt Quick; PySide has no converter for those, QML has."""
    return int(QQmlExpression(QQmlEngine.contextForObject(item), item, name).evaluate()[0])


def name_of(item: QQuickItem) -> str:
    """Enough to find the item: its own or an ancestor's `objectName`, and its words."""
    above: QQuickItem | None = item
    while above is not None and not above.objectName():
        above = above.parentItem()
    own = above.objectName() if above is not None else ""
    words = str(item.property("text") or "")[:24]
    return f"{item.metaObject().className()} in {own or '?'} {words!r}"


def cut_texts(look: Look) -> list[str]:
    """Texts that are elided, wider or higher than their place, or outside of the button they belong to."""
    faults = []
    for seen in look.texts:
        item, rect = seen.item, seen.rect
        if item.property("truncated"):
            faults.append(f"elided: {name_of(item)}")
        if float(item.property("contentWidth")) > rect.width() + SLACK:
            faults.append(f"too wide: {name_of(item)} {item.property('contentWidth')} > {rect.width()}")
        if float(item.property("contentHeight")) > rect.height() + SLACK:
            faults.append(f"too high: {name_of(item)} {item.property('contentHeight')} > {rect.height()}")
        holder = _holder(item)
        if holder is not None and not _grown(holder).contains(rect):
            faults.append(f"sticks out of its button: {name_of(item)}")
    return faults


def outside_the_window(look: Look) -> list[str]:
    """Texts and pictures that reach over an edge and that no scrolling can bring into sight."""
    window = _grown(QRectF(0, 0, look.window.width(), look.window.height()))
    return [
        f"{name_of(seen.item)} {seen.rect.getRect()}"
        for seen in look.items
        if seen.kinds & _CONTENT and not seen.rect.isEmpty() and not window.contains(_reachable(seen))
    ]


_CONTENT = frozenset({"QQuickText", "QQuickImage", _BUTTON})


def _reachable(seen: Seen) -> QRectF:
    """Where the item lies, or the page that it can be scrolled on."""
    above = seen.item.parentItem()
    while above is not None:
        if "QQuickFlickable" in _kinds_of(above):
            content = QRectF(0, 0, above.property("contentWidth"), above.property("contentHeight"))
            place = seen.item.mapRectToItem(above.property("contentItem"), seen.item.boundingRect())
            frame = above.mapRectToScene(QRectF(0, 0, above.width(), above.height()))
            whole = place.top() >= -SLACK and place.bottom() <= content.bottom() + SLACK
            return (
                QRectF(seen.rect.left(), frame.top(), seen.rect.width(), frame.height())
                if whole
                else seen.rect
            )
        above = above.parentItem()
    return seen.rect


def lone_characters(look: Look) -> list[str]:
    """Texts whose last line is one lone Chinese character, with or without punctuation."""
    faults = []
    for seen in look.texts:
        count = int(seen.item.property("lineCount"))
        if not 1 < count <= 4:
            continue
        padding = sum(float(seen.item.property(f"{side}Padding")) for side in ("left", "right"))
        lines = lines_of(str(seen.item.property("text")), _drawn_font(seen.item), seen.rect.width() - padding)
        last = lines[-1].strip(PUNCTUATION)
        if len(lines) == count and len(last) < 2 and not last.isascii():
            faults.append(f"{last} alone: {name_of(seen.item)}")
    return faults


def _drawn_font(item: QQuickItem) -> QFont:
    font = QFont(item.property("font"))
    font.setPixelSize(enum_of(item, "fontInfo.pixelSize"))  # smaller than asked for where text is made to fit
    return font


def _holder(item: QQuickItem) -> QRectF | None:
    above = item.parentItem()
    while above is not None:
        if _BUTTON in _kinds_of(above):
            return above.mapRectToScene(QRectF(0, 0, above.width(), above.height()))
        above = above.parentItem()
    return None


def _grown(rect: QRectF) -> QRectF:
    return rect.adjusted(-SLACK, -SLACK, SLACK, SLACK)


def broken_words(look: Look) -> list[str]:
    """Latin words that a line break tears apart, found by asking how wide the longest word is."""
    faults = []
    for seen in look.texts:
        longest = max(str(seen.item.property("text")).split(), key=len, default="")
        if not longest.isascii():
            continue
        width = _width(seen.item, longest)
        if width > seen.rect.width() + 0.25 and enum_of(seen.item, "fontSizeMode") == 0:
            faults.append(f"{longest!r} is torn: {name_of(seen.item)} {width:.0f} > {seen.rect.width():.0f}")
    return faults


def _width(item: QQuickItem, word: str) -> float:
    return QFontMetricsF(item.property("font")).horizontalAdvance(word)


def small_targets(look: Look) -> list[str]:
    """Controls below 20 mm, keys of the keyboard and cells of the pickers below 15 mm."""
    faults = []
    for seen in look.buttons:
        least = 15.0 if _is_key(seen.item) else 20.0
        shorter = min(seen.rect.width(), seen.rect.height()) * MM_PER_PIXEL
        if shorter < least - 0.15:
            faults.append(f"{shorter:.1f} mm: {name_of(seen.item)}")
    return faults


def _is_key(item: QQuickItem) -> bool:
    return item.objectName().partition(":")[0] in _KEYS


_KEYS = {"key", "candidate", "hour", "minute", "day", "month", "year"}


def crowded_targets(look: Look) -> list[str]:
    """Pairs of controls that overlap or lie nearer than 3 mm."""
    faults = []
    for place, first in enumerate(look.buttons):
        for second in look.buttons[place + 1 :]:
            one, two = first.rect & first.sight, second.rect & second.sight
            if one.isEmpty() or two.isEmpty():
                continue
            across = max(one.left() - two.right(), two.left() - one.right())
            down = max(one.top() - two.bottom(), two.top() - one.bottom())
            gap = max(across, down) * MM_PER_PIXEL
            if gap < 3.0 - 0.3:
                faults.append(f"{gap:.1f} mm between {name_of(first.item)} and {name_of(second.item)}")
    return faults


def covered_field(look: Look) -> list[str]:
    """The field with the cursor, if it is out of sight or under the keyboard; also that there is none."""
    keys = min(seen.rect.top() for seen in look.buttons if seen.item.objectName().startswith("key:"))
    fields = [each for each in look.controls if _BUTTON not in each.kinds and each.item.hasActiveFocus()]
    faults = [] if fields else ["no field has the cursor"]
    for seen in fields:
        cursor = seen.item.mapRectToScene(seen.item.property("cursorRectangle"))
        if not _grown(seen.sight).contains(cursor) or cursor.bottom() > keys:
            faults.append(f"{name_of(seen.item)}: cursor at {cursor.top():.0f}..{cursor.bottom():.0f}")
    return faults


def rich_texts(look: Look) -> list[str]:
    """Texts that would take markup."""
    kinds = {"QQuickText", "QQuickTextEdit"}
    return [
        name_of(seen.item)
        for seen in look.items
        if seen.kinds & kinds and enum_of(seen.item, "textFormat") != 0
    ]


def unnamed_controls(look: Look) -> list[str]:
    """Controls that speech could not name, and those without the role of a control."""
    faults = []
    for seen in look.controls:
        told = QAccessible.queryAccessibleInterface(seen.item)
        name = told.text(QAccessible.Text.Name).strip() if told else ""
        if not name:
            faults.append(name_of(seen.item))
    return faults


@cache
def _raw_fonts() -> tuple[QRawFont, ...]:
    return tuple(QRawFont.fromFont(QFontDatabase.font(family, "", 20)) for family in NEEDED_FAMILIES)


@cache
def _drawable(character: str) -> bool:
    return any(font.supportsCharacter(ord(character)) for font in _raw_fonts())


def missing_glyphs(look: Look) -> list[str]:
    """Characters that no installed family of ours can draw."""
    return [
        f"U+{ord(character):04X} in {name_of(seen.item)}"
        for seen in look.texts
        for character in set(str(seen.item.property("text"))) - set("\n\u200b\u2028")
        if not _drawable(character)
    ]


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(first: QColor, second: QColor) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pale_texts(look: Look, least: float) -> list[str]:
    """Texts whose ink, as the picture has it, stands out less than `least` from what lies behind."""
    faults = []
    for seen in look.texts:
        rect = (seen.rect & seen.sight).toAlignedRect()
        whole_line = min(seen.rect.height(), QFontMetricsF(seen.item.property("font")).height())
        if rect.width() < 4 or rect.height() < whole_line or _faded(seen.item):
            continue
        pixels = Counter(
            look.picture.pixel(x, y)
            for y in range(rect.top(), rect.bottom(), 2)
            for x in range(rect.left(), min(rect.right(), rect.left() + 400), 1)
        )
        ground = QColor(pixels.most_common(1)[0][0])
        ink = max((QColor(pixel) for pixel in pixels), key=lambda colour: contrast(colour, ground))
        if contrast(ink, ground) < least:
            faults.append(
                f"{contrast(ink, ground):.1f}: {name_of(seen.item)} {ink.name()} on {ground.name()}"
            )
    return faults


def _faded(item: QQuickItem) -> bool:
    above: QQuickItem | None = item
    while above is not None:
        if above.opacity() < 1 or not above.isEnabled():
            return True
        above = above.parentItem()
    return False


def buried_texts(look: Look) -> list[str]:
    """Texts that a button of another part of the screen lies upon."""
    faults = []
    for seen in look.texts:
        place = seen.rect & seen.sight
        if _holder(seen.item) is not None or place.isEmpty() or _faded(seen.item):
            continue
        drawn = place.adjusted(SLACK, SLACK, -SLACK, -SLACK)
        faults += [
            f"{name_of(seen.item)} under {name_of(button.item)}"
            for button in look.buttons
            if drawn.intersects(button.rect & button.sight)
        ]
    return faults
