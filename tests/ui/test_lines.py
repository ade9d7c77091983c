"""Short texts fall into lines that end well, and are made a little smaller where that saves a line."""

import pytest
from PySide6.QtGui import QFont, QGuiApplication

from ui.bridge.lines import LinesBridge, lines_of
from ui.engine import create_application


@pytest.fixture
def font(qapp: QGuiApplication) -> QFont:
    assert qapp is not None
    create_application()
    font = QFont("Noto Sans CJK HK")
    font.setPixelSize(40)
    return font


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("停止", 400, ["停止"]),
        ("你用哪種證件？", 240, ["你用哪種", "證件？"]),  # Qt alone: "件？" on the last line
        ("加入其他聯絡方法？", 290, ["加入其他聯絡", "方法？"]),
        (
            "離開前看一看：手袋、電話、銀包，還有你的座位。",
            890,
            ["離開前看一看：手袋、電話、", "銀包，還有你的座位。"],
        ),
        (
            "我明白根據《警隊條例》（第 232 章），向警方虛報屬於犯罪。",  # not within "第 232 章"
            740,
            ["我明白根據《警隊條例》（第 232 章），", "向警方虛報屬於犯罪。"],
        ),
        ("We wrote it. Do you want more?", 560, ["We wrote it. Do ", "you want more?"]),
    ],
)
def test_no_character_stands_alone_on_the_last_line(
    font: QFont, text: str, width: float, lines: list[str]
) -> None:
    spare = LinesBridge().spare(text, font, width)
    assert lines_of(text, font, width - spare) == lines


def test_a_paragraph_is_left_alone(font: QFont) -> None:
    assert LinesBridge().spare("字" * 81, font, 410) == 0


@pytest.mark.parametrize(
    ("text", "width", "size"),
    [
        ("你的身份證號碼", 282, 40),  # fits as it is
        ("你的身份證號碼", 260, 37),  # a little smaller saves the second line
        ("你的身份證號碼", 180, 40),  # even the smallest would not
    ],
)
def test_a_heading_is_made_smaller_only_where_that_saves_a_line(
    font: QFont, text: str, width: float, size: int
) -> None:
    assert LinesBridge().fitting(text, font, 0.8, width) == size
