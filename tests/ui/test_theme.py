"""The design tokens: sizes on the real display, and the contrast of every pair of colours that meet."""

from collections.abc import Callable

import pytest
from inspection import MM_PER_PIXEL, contrast
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QFont, QFontMetricsF
from PySide6.QtQml import QQmlComponent

from ui.engine import QML, Face

Build = Callable[..., Face]

TEXT_PAIRS = (
    ("text", "page"),
    ("text", "surface"),
    ("text", "soft"),
    ("text", "key"),
    ("text", "keySpecial"),
    ("muted", "page"),
    ("muted", "surface"),
    ("muted", "soft"),
    ("accent", "page"),
    ("accent", "surface"),
    ("accent", "soft"),
    ("accentInk", "accent"),
    ("accentInk", "accentPressed"),
    ("bandInk", "band"),
    ("bandInk", "bandCard"),
    ("bandInk", "bandPressed"),
    ("bandInkMuted", "band"),
    ("bandInkMuted", "bandCard"),
    ("emergencyInk", "emergency"),
    ("emergencyInk", "emergencyPressed"),
    ("caution", "cautionSoft"),
    ("success", "page"),
)
"""Ink and ground of words."""

EDGE_PAIRS = (
    ("outline", "page"),
    ("outline", "surface"),
    ("barOutline", "surface"),
    ("accent", "page"),
    ("accent", "soft"),
    ("bandOutline", "band"),
    ("stepDone", "band"),
    ("stepNow", "band"),
    ("emergency", "surface"),
    ("focus", "page"),
    ("focus", "surface"),
    ("focusOnBand", "band"),
    ("caution", "surface"),
    ("highlight", "bandCard"),
)
"""What shows where a control is, or its state."""


def _theme(face: Face, expression: str) -> object:
    """The value of an expression in which `Theme` is the theme of `face`."""
    component = QQmlComponent(face._engine)
    source = f'import QtQuick\nimport "theme"\nQtObject {{ property var answer: {expression} }}'
    component.setData(source.encode(), QUrl.fromLocalFile(str(QML / "Asked.qml")))
    asked = component.create()
    assert asked is not None, component.errorString()
    return asked.property("answer")


def _colour(face: Face, name: str) -> QColor:
    return QColor(str(_theme(face, f"Theme.{name}.toString()")))


@pytest.mark.parametrize("high", [False, True], ids=["standard", "contrast"])
def test_colours_that_meet_stand_out(gallery: Build, high: bool) -> None:
    face = gallery()
    if high:
        face.comfort.toggleContrast()
    pale = {
        pair: round(ratio, 2)
        for pairs, least in ((TEXT_PAIRS, 7.0 if high else 4.5), (EDGE_PAIRS, 3.0))
        for pair in pairs
        if (ratio := contrast(_colour(face, pair[0]), _colour(face, pair[1]))) < least
    }
    assert not pale


def test_red_is_for_emergencies_only(gallery: Build) -> None:
    face = gallery()
    names = {name for pair in TEXT_PAIRS + EDGE_PAIRS for name in pair if "emergency" not in name}
    reds = [name for name in names if _is_red(_colour(face, name))]
    assert not reds


def _is_red(colour: QColor) -> bool:
    return colour.saturationF() > 0.5 and colour.valueF() > 0.5 and not 15 <= colour.hue() <= 345


@pytest.mark.parametrize("family", ["Noto Sans", "Noto Sans CJK HK", "Noto Sans CJK SC"])
@pytest.mark.parametrize(
    ("size", "least_mm"),
    [("bodyText", 6.1), ("supportText", 6.1), ("smallText", 6.1), ("captionText", 4.8)],
)
def test_capitals_are_tall_enough_to_read(gallery: Build, family: str, size: str, least_mm: float) -> None:
    font = QFont(family)
    font.setPixelSize(int(str(_theme(gallery(), f"Theme.{size}"))))
    assert QFontMetricsF(font).capHeight() * MM_PER_PIXEL >= least_mm


def test_body_text_doubles(gallery: Build) -> None:
    face = gallery()
    sizes = []
    for _ in range(3):
        sizes.append(int(str(_theme(face, "Theme.bodyText"))))
        face.comfort.nextTextSize()
    assert [size / sizes[0] for size in sizes] == pytest.approx([1, 1.5, 2], abs=0.02)


def test_a_millimetre_follows_the_display(gallery: Build) -> None:
    assert _theme(gallery(), "Theme.mm(27.67)") == 100
    assert _theme(gallery(scale=0.5), "Theme.mm(27.67)") == 50
