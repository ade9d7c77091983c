import json
import logging
from collections.abc import Iterator
from enum import StrEnum

import pytest

from config.event_names import Event
from config.log import EventError, configure, log

CANARY = "A123456(3)"


@pytest.fixture(autouse=True)
def _unconfigured() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("", "report-kiosk")]
    handlers = [logger.handlers[:] for logger in loggers]
    yield
    for logger, before in zip(loggers, handlers, strict=True):
        logger.handlers[:] = before


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


def test_journald_gets_priorities(capsys: pytest.CaptureFixture[str]) -> None:
    configure("devices", journald=True)
    log(Event.NOT_LET_IN)
    log(Event.PRINTER_CLEANED)
    assert [line[:3] for line in capsys.readouterr().err.splitlines()] == ["<3>", "<6>"]


def test_a_log_that_cannot_be_written_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stderr", Gone())
    configure("screen")
    log(Event.VISIT_STARTED)
