import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.fields.plain import bounded, plain, storable

SHOWN = frozenset(
    [
        "Lu",
        "Ll",
        "Lm",
        "Lt",
        "Lo",
        "Mn",
        "Mc",
        "Me",
        "Nd",
        "Nl",
        "No",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "Zs",
        "Co",
        "Cn",
    ]
)
FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("陳大文", "陳大文"),
        ("㗎啲嘅邨𨋢", "㗎啲嘅邨𨋢"),
        ("Zoë नेपाली اردو ไทย", "Zoë नेपाली اردو ไทย"),
        (f"{FAMILY}❤️", f"{FAMILY}❤️"),
        ("a\x00\x1b@\x1dV\x07b", "a@Vb"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("\u2066a\u2069\u200e\u200f\u061c", "a"),
        ("a\u200bb\ufeffc\u2060d\ufffee", "abcde"),
        ("a\ud800b", "a\ufffdb"),
        ("one\r\ntwo\rthree\u2028four\u0085five", "one\ntwo\nthree\nfour\nfive"),
        ("a\tb", "a b"),
        ("<b>&amp;{x}%s", "<b>&amp;{x}%s"),
        ("a" + "\u0301" * 50, "a" + "\u0301" * 4),
    ],
)
def test_shown_plain(typed: str, shown: str) -> None:
    assert plain(typed) == shown


@given(st.text(st.characters()))
def test_nothing_that_commands_is_shown(text: str) -> None:
    shown = plain(text)
    assert {unicodedata.category(char) for char in shown if char not in "\n\u200c\u200d"} <= SHOWN
    assert shown.encode().decode() == shown
    assert plain(shown) == shown


@given(st.text(st.characters(codec="utf-8")))
def test_whole_text_is_stored_as_typed(text: str) -> None:
    assert storable(text) == text


@given(st.text(), st.integers(1, 40))
def test_bounded(text: str, most: int) -> None:
    kept = bounded(text, most)
    assert text.startswith(kept)
    assert len(kept) <= most
    assert kept or not text


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("ab", 2, "ab"),
        ("abc", 2, "ab"),
        (f"a{FAMILY}", 3, "a"),
        ("ae\u0301", 2, "a"),
        ("🇭🇰🇭🇰", 2, "🇭🇰"),
        ("\u0301" * 5, 3, "\u0301" * 3),
    ],
)
def test_never_cut_inside_a_character(text: str, most: int, kept: str) -> None:
    assert bounded(text, most) == kept
