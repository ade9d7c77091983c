"""The catalogues: complete, fitting each other, plain, and short."""

import re
from pathlib import Path

import pytest

from flows.asking.survey import QUESTIONS
from flows.icons import Icon
from flows.languages import Language
from flows.messages import Caution, Notice, Problem, Triage
from flows.pack import ServiceGroup
from flows.view import PaperState
from ui.bridge.pictures import ICONS
from ui.i18n.catalogue import CatalogueError, load_catalogue, placeholders
from ui.messages import load_messages

QML = Path(__file__).parents[2] / "ui" / "qml"
MOST_WORDS = 20
REPORT_STATES = ("received", "in_progress", "accepted", "rejected")
"""As `ReportStatus` names them."""


@pytest.mark.parametrize("language", list(Language))
def test_every_message_of_a_visit_has_words_and_no_other(language: Language) -> None:
    table = load_catalogue()[language]
    wanted = {
        *(f"problem.{key.value}" for key in Problem),
        *(f"warning.{key.value}" for key in Caution),
        *(f"notice.{key.value}" for key in Notice),
        *(f"triage.{key.value}" for key in Triage),
        *(f"paper.{key.value}" for key in PaperState),
        *(f"slip.{key.value}" for key in PaperState),
        *(f"services.group.{group.value}" for group in ServiceGroup),
        *(f"status.{state}" for state in REPORT_STATES),
        *(f"survey.{asked.question}" for asked in QUESTIONS),
        *(f"survey.{asked.question}.{option}" for asked in QUESTIONS for option in asked.options),
    }
    tables = ("problem.", "warning.", "notice.", "paper.", "slip.", "services.group.", "status.")
    assert wanted <= table.keys()
    assert {key for key in table if key.startswith(tables)} <= wanted


def test_every_key_that_a_screen_names_exists() -> None:
    table = load_catalogue()[Language.ENGLISH]
    pattern = re.compile(r'Words\.(?:text|fill)\("([a-z_.]+)"[,)]|Words\.spoken\([^,]+, "([a-z_.]+)"\)')
    named = {
        first or second
        for path in QML.rglob("*.qml")
        if path.parent.name != "maintenance"  # which has words of its own, and a test of its own
        for first, second in pattern.findall(path.read_text())
    }
    assert len(named) > 60
    assert named <= table.keys()


def test_values_that_messages_carry_have_their_place() -> None:
    source = (Path(__file__).parents[2] / "flows" / "messages.py").read_text(encoding="utf-8")
    carried = {
        key: placeholders(comment) for key, comment in re.findall(r'= "(\w+)"  # ((?:\{\w+\}[, ]*)+)', source)
    }
    table = load_catalogue()[Language.ENGLISH]
    for key, values in carried.items():
        entry = next(
            table[f"{kind}.{key}"] for kind in ("problem", "warning", "notice") if f"{kind}.{key}" in table
        )
        assert placeholders(entry) == values, key


def test_sentences_are_short() -> None:
    long = [
        (key, sentence)
        for key, text in load_catalogue()[Language.ENGLISH].items()
        for sentence in re.split(r"(?<=[.?!])\s", text)
        if len(sentence.split()) > MOST_WORDS
    ]
    assert not long


@pytest.mark.parametrize("language", [Language.TRADITIONAL_CHINESE, Language.SIMPLIFIED_CHINESE])
def test_chinese_is_written_in_its_own_characters(language: Language) -> None:
    foreign = (
        "们这时间请国会个说电话证点击内码台币"
        if language is Language.TRADITIONAL_CHINESE
        else "們這時間請國會個說電話證點擊內碼臺幣"
    )
    allowed = set("内点台") if language is Language.SIMPLIFIED_CHINESE else set("電話內碼時間台")
    table = load_catalogue()[language]
    other_names = {"bar.language"}  # a language button names the other languages in their own script
    wrong = {
        key: set(text) & (set(foreign) - allowed)
        for key, text in table.items()
        if key not in other_names and set(text) & (set(foreign) - allowed)
    }
    assert not wrong


def test_traditional_chinese_is_written_as_in_hong_kong() -> None:
    words = "".join(load_catalogue()[Language.TRADITIONAL_CHINESE].values())
    assert not set(words) & set("裡著綫爲啓羣")


def _copy(folder: Path) -> Path:
    for language in Language:
        source = Path(__file__).parents[2] / "ui" / "i18n" / f"{language.value}.toml"
        (folder / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('next = "继续"\n', "", r"zh-Hans\.toml: add \['button\.next'\]"),
        ('next = "继续"\n', 'next = "继续"\nnext_one = "继续"\n', r"remove \['button\.next_one'\]"),
        ('next = "继续"\n', 'next = ""\n', r"button\.next: write a text"),
        ("{percent}", "{percents}", r"bar\.text_size_say needs the placeholders \['percent'\]"),
        ('next = "继续"\n', "next = 继续\n", r"zh-Hans\.toml: "),
    ],
)
def test_a_faulty_catalogue_is_refused_with_place_and_remedy(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    path = _copy(tmp_path) / "zh-Hans.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=told):
        load_catalogue(tmp_path)


def test_every_icon_is_there() -> None:
    there = {path.stem for path in ICONS.glob("*.svg")}
    named = {icon.value for icon in Icon} | {message.icon for message in load_messages()}
    assert named <= there


def test_icons_take_the_colour_of_the_theme() -> None:
    fixed = [
        path.name for path in ICONS.glob("*.svg") if "currentColor" not in path.read_text(encoding="utf-8")
    ]
    assert not fixed


def test_a_public_message_without_a_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "10.toml").write_text(
        'icon = "clock"\n[caption]\nen = "Hello"\nzh-Hant = "你好"\n', encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"10\.toml: add a caption in zh-Hans"):
        load_messages(tmp_path)
