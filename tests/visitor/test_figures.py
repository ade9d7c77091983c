"""What a played visit reports: effort, memory, pages."""

import json
import os
from pathlib import Path

import pytest

from kiosk.memory import family, family_mb, proportional_mb
from kiosk.played import playbook, visit_report
from kiosk.played.keystroke_level import KEY_S, POINT_S, PRESS_S, THINK_S, Effort
from kiosk.played.visit_report import Outcome


def test_the_keystroke_level_model_adds_up() -> None:
    effort = Effort(taps=2, keys=3, thoughts=1) + Effort(taps=1)
    assert effort == Effort(taps=3, keys=3, thoughts=1)
    assert effort.seconds == pytest.approx(3 * (POINT_S + PRESS_S) + 3 * KEY_S + THINK_S)


def test_memory_is_that_of_living_processes() -> None:
    assert os.getpid() in family(os.getpid())
    assert proportional_mb(os.getpid()) > 1
    assert family_mb(os.getpid()) >= proportional_mb(os.getpid())
    assert family(2**22 + 1) == []
    assert family_mb(None) == 0


def outcome(failure: str) -> Outcome:
    step = {"page": "declare", "seconds": 1.5, "taps": 1, "keys": 2, "thoughts": 1, "keystroke_level_s": 3.55}
    return Outcome(
        playbook=playbook.load("lost-wallet"),
        failure=failure,
        reference="000144791998",
        official_number="ADM RN 26000001",
        steps=[step, step],
        memory_mb={"screen": 100.0, "courier": 30.0},
        cases=[{"reference": "000144791998"}],
        delivered_s=1.0,
    )


def test_a_report_says_how_it_went_and_shows_the_pictures(tmp_path: Path) -> None:
    (tmp_path / "01-attract.png").touch()
    visit_report.write(outcome(""), tmp_path)
    times = json.loads((tmp_path / "times.json").read_text())
    assert times["finished"] is True
    assert times["totals"]["keys"] == 4
    assert json.loads((tmp_path / "case.json").read_text())["reference"] == "000144791998"
    report = (tmp_path / "report.md").read_text()
    assert "| all | 130 |" in report
    assert "![01-attract](01-attract.png)" in report


def test_a_failed_visit_says_where(tmp_path: Path) -> None:
    visit_report.write(outcome("declare: the report is not taken"), tmp_path)
    assert "Not finished:** declare" in (tmp_path / "report.md").read_text()
    assert json.loads((tmp_path / "times.json").read_text())["finished"] is False
