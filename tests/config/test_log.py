import json
import logging
import socket
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from config.event_names import Event
from config.journal import Journal, datagram, message_id
from config.log import EventError, configure, log

CANARY = "A123456(3)"


@pytest.fixture(autouse=True)
def _unconfigured() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("", "report-kiosk")]
    handlers = [logger.handlers[:] for logger in loggers]
    yield
    for logger, before in zip(loggers, handlers, strict=True):
        logger.handlers[:] = before


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    line = Journal(tmp_path / "socket")
    yield line
    line.close()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_an_event_is_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure("screen")
    log(Event.VISIT_ENDED, ending="finished")
    (line,) = lines(capsys)
    assert line.pop("at")
    assert line == {"process": "screen", "level": "info", "event": "visit_ended", "ending": "finished"}


def test_unconfigured_a_wrong_call_raises_and_a_right_one_says_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log(Event.VISIT_STARTED)
    assert lines(capsys) == []
    with pytest.raises(EventError, match="ending: wrong_value") as caught:
        log(Event.VISIT_ENDED, ending=CANARY)
    assert CANARY not in str(caught.value)


def test_strict_a_wrong_call_raises() -> None:
    configure("screen", strict=True)
    with pytest.raises(EventError, match="name: unknown_field"):
        log(Event.VISIT_STARTED, name=CANARY)


def test_in_service_a_wrong_field_is_left_out_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    configure("screen")
    log(Event.VISIT_ENDED, ending=CANARY, name=CANARY)
    (line,) = lines(capsys)
    assert line["refused"] == ["unknown_field", "wrong_value"]
    assert CANARY not in json.dumps(line)


def test_words_of_libraries_are_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    configure("courier")
    logging.getLogger("httpx._client").warning("sent %s", CANARY)
    log(StrEnum("Other", {"WORDS": CANARY}).WORDS)  # type: ignore[arg-type]  # not in the catalogue
    library, unknown = lines(capsys)
    assert (library["event"], library["library"]) == ("library_warned", "httpx")
    assert (unknown["event"], unknown["refusal"]) == ("event_refused", "unknown_event")


def test_journald_gets_the_event_with_its_fields(
    tmp_path: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journald:
        journald.bind(str(tmp_path / "socket"))
        configure("devices", journal=journal)
        log(Event.DEVICE_LOST, device="printer", state="paper_out")
        entry = dict(line.split("=", 1) for line in journald.recv(4096).decode().splitlines())
    assert lines(capsys) == []
    assert json.loads(entry.pop("MESSAGE"))["state"] == "paper_out"
    assert entry == {
        "MESSAGE_ID": message_id("device_lost"),
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "kiosk-devices",
        "KIOSK_EVENT": "device_lost",
        "KIOSK_PROCESS": "devices",
        "KIOSK_DEVICE": "printer",
        "KIOSK_STATE": "paper_out",
    }


def test_without_journald_the_lines_carry_priorities(
    journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("devices", journal=journal)
    log(Event.NOT_LET_IN)
    log(Event.PRINTER_CLEANED)
    assert [line[:3] for line in capsys.readouterr().err.splitlines()] == ["<3>", "<6>"]


def test_a_journal_that_does_not_read_holds_nothing_up(
    tmp_path: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journald:
        journald.bind(str(tmp_path / "socket"))
        configure("devices", journal=journal)
        for _ in range(2000):  # more than its queue holds
            log(Event.PRINTER_CLEANED)
    assert capsys.readouterr().err


def test_no_value_becomes_a_field_of_its_own() -> None:
    entry = datagram("m", 6, "cli", "printer_cleaned", {"reason": "a\nKIOSK_EVENT=forged\r\nb\x85c"})
    assert entry.count(b"\n") == len(entry.splitlines()) == 7
    assert b"KIOSK_REASON=a KIOSK_EVENT=forged b c\n" in entry


def test_a_log_that_cannot_be_written_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stderr", Gone())
    configure("screen")
    log(Event.VISIT_STARTED)
