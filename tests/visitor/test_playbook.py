"""Scripts of played visits: read, refused with a remedy, claimed once."""

from datetime import date
from pathlib import Path

import pytest

from devices import relay
from flows.languages import Language
from flows.ports import Device
from flows.view import PaperState
from kiosk.played import playbook
from kiosk.played.playbook import (
    DeviceMishap,
    LeverMishap,
    Network,
    NetworkMishap,
    OfficerTouch,
    Part,
    Playbook,
    PlaybookError,
    Process,
    ProcessMishap,
    Treatment,
)


def test_the_named_scripts_ship() -> None:
    wanted = {"lost-wallet", "lost-passport-border", "lost-bag-mtr", "printer-out", "centre-down"} | {
        "one-thing-after-another",
        "passport-by-lines",
        "officer-called",
        "every-device-once",
    }
    assert wanted <= set(playbook.names())
    assert all(playbook.load(name).answers for name in playbook.names())


def test_a_script_may_be_like_another_and_differ() -> None:
    wallet, out = playbook.load("lost-wallet"), playbook.load("printer-out")
    assert out.answers == wallet.answers
    assert out.expected.paper is PaperState.NO_PRINTER
    assert out.mishaps == [DeviceMishap(at="event.when", device=Device.PRINTER, fault="paper_out")]


def test_mishaps_lie_at_a_place() -> None:
    down = playbook.load("centre-down")
    assert down.mishaps_at("gone") == [ProcessMishap(at="gone", process=Process.CENTRE, do=Treatment.START)]
    assert down.mishaps_at("declare") == []


def test_the_network_may_be_cut_and_documents_go_to_their_reader() -> None:
    hard = playbook.load("one-thing-after-another")
    assert NetworkMishap(at="privacy", network=Network.CUT) in hard.mishaps_at("privacy")
    assert hard.reader is Device.DOCUMENT_READER
    assert [way.value for way in Network] == [way.value for way in relay.Network]


def test_any_word_of_a_simulator_may_be_said_and_an_officer_be_called(tmp_path: Path) -> None:
    path = tmp_path / "panel.toml"
    path.write_text(
        "title = 'x'\nlike = 'officer-called'\n"
        "[[mishaps]]\nat = 'services'\ndevice = 'panel'\ndo = { press = 'acknowledge' }"
    )
    book = playbook.load(str(path))
    assert book.mishaps == [LeverMishap(at="services", device=Device.PANEL, do={"press": "acknowledge"})]
    assert book.officer == [OfficerTouch(at="event.when", touch="call_officer")]


def test_the_command_line_has_the_last_word() -> None:
    book = playbook.load("lost-wallet").wanted(language="en", site="mtr", orientation="landscape")
    assert (book.language, book.site, book.orientation.value) == (Language.ENGLISH, "mtr", "landscape")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("title = ", "not TOML"),
        ("title = 'x'", "answers: Field required"),
        ("title = 'x'\nanswer = 1\n[answers]", "answer: Extra inputs are not permitted"),
        ("title = 'x'\nlanguage = 'fr'\n[answers]", "language: Input should be"),
        ("title = 'x'\n[answers]\n[[mishaps]]\nat = 'x'\ndevice = 'fax'\nfault = 'y'", "mishaps.0"),
    ],
)
def test_a_bad_script_is_refused_with_place_and_remedy(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(PlaybookError, match=r"bad\.toml") as refused:
        playbook.load(str(path))
    assert complaint in str(refused.value)


def test_an_unknown_script_names_the_known_ones() -> None:
    with pytest.raises(PlaybookError, match="lost-wallet"):
        playbook.load("lost-marbles")


def test_words_are_typed_by_keys_and_read_without_them() -> None:
    assert playbook.typed("a{heise=黑色}b") == [("a", "a"), ("heise", "黑色"), ("b", "b")]
    assert playbook.text_of("a{heise=黑色}b") == "a黑色b"


def test_an_answer_may_differ_by_language() -> None:
    answer = {"zh-Hant": "銀包", "en": "wallet"}
    assert playbook.in_language(answer, Language.ENGLISH) == "wallet"
    assert playbook.in_language({"certainty": "exact"}, Language.ENGLISH) == {"certainty": "exact"}


def test_a_part_is_claimed_by_one_player_only(tmp_path: Path) -> None:
    book = Playbook(title="x", answers={})
    for name in ("000", "001"):
        part = Part(playbook=book, out=None, stage=tmp_path / name, today=date(2026, 11, 21))
        part.write(tmp_path / f"{name}.json")
    claimed = [Part.claim(tmp_path) for _ in range(3)]
    assert [part and part.stage.name for part in claimed] == ["000", "001", None]
