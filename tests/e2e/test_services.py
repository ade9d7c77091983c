"""A phone, a paper of before, an office of its own, the survey and packs from the centre, in real processes.

One day is played (`services.py`); each test looks at one thing that it left.
"""

import copy
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from services import NEW_OPTION, PICTURES, SERVICE, SURVEY, Day, play_day

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

HASHES = [hashlib.sha256(each).hexdigest() for each in PICTURES]
PUBLIC_PAGES = {"attract", "language", "triage", "services"}
"""Of no service yet, or of none any more."""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    return play_day(tmp_path_factory.mktemp("day"))


# --- what must be true of a day ---


def check_files(day: Day) -> None:
    """What the phone sent is what the officer opens, and nothing else is there."""
    assert day.phone is not None
    assert day.phone.page == 200
    taken = [200 <= answer < 300 for answer in day.phone.answers]
    assert taken == [True, False, True], "two pictures and no program"
    named = day.scam["document"]["upload"]["files"]
    assert [each["sha256"] for each in named] == HASHES
    assert [each["state"] for each in day.opened["files"]] == ["here", "here"]
    assert day.file_hashes == HASHES
    assert day.claimed == [True, True]


def check_code(day: Day) -> None:
    """The screen showed the address as a code that a phone reads."""
    assert day.phone is not None
    assert day.phone.address.upper() in {text.upper() for text in day.codes}


def check_joined(day: Day) -> None:
    """What was added stands with the report, and nothing was asked twice."""
    fields = [page for page in day.shown if "." in page]
    assert "enquiry.check" in fields
    assert len(fields) == len(set(fields)), "asked twice"
    assert not any(field.startswith("reporter.") for field in fields), "asked again what the report says"
    assert day.added_to == day.scam["case"]
    assert day.added["document"]["report_type"] == "SUPPLEMENT"


def check_office(day: Day) -> None:
    """A complaint is opened by its office and seen by nobody else."""
    complaint = day.complaint["case"]
    assert day.by_reports_key == "closed"
    assert complaint in day.lists["complaints"]
    assert complaint not in day.lists["officer"]
    assert set(day.lists["officer"]) >= {day.scam["case"], day.added["case"]}
    assert {page.partition(" ")[0] for page in day.calls} <= PUBLIC_PAGES, "an officer could be called"


def check_numbers(day: Day) -> None:
    """The survey is at the centre as counts of a day, and the kiosk forgot them."""
    counts = {(service, question, option): count for _, _, service, question, option, count in day.counts}
    wanted = {(question, option) for question, options in SURVEY.items() for option in options}
    assert counts == {
        (service, question, option): 1
        for service in (SERVICE, "police_complaint")
        for question, option in wanted
    }
    assert day.counts_left == 0
    for case in (day.scam, day.added, day.complaint):
        assert case["case"] not in str(day.counts)
        assert str(case["reference"]) not in str(day.counts)
    assert "satisfied" not in str(day.scam["document"])


def check_packs(day: Day) -> None:
    """The next visit asked what the centre had published; what is broken is refused with its reason."""
    assert day.scam["document"]["pack"]["version"] == "1.0"
    assert day.changed["document"]["pack"]["version"] == "1.1"
    assert day.changed["document"]["scam"]["kind"] == NEW_OPTION
    ledger = day.broken
    assert ledger is not None
    assert ledger.refused is not None
    assert (ledger.in_use, ledger.refused.number) == (1, 2)
    assert any(f"{SERVICE}/" in each and NEW_OPTION in each for each in ledger.refused.mistakes)
    assert NEW_OPTION in day.doctor, "the doctor says why"


def check_killed(day: Day) -> None:
    """Files of a visit that died belong to no case, and leave nothing on the kiosk."""
    assert day.killed_files
    assert not any(day.killed_files)
    assert day.left_on_kiosk == []
    assert day.after_kill == 404, "the way of a dead visit is closed"


CHECKS = (check_files, check_code, check_joined, check_office, check_numbers, check_packs, check_killed)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_the_day_was_as_it_must_be(day: Day, check: Callable[[Day], None]) -> None:
    check(day)


# --- planted bugs ---


def _phone(day: Day) -> Any:
    return day.phone


BUGS: dict[str, tuple[Callable[[Day], None], Callable[[Day], object]]] = {
    "another file is opened": (check_files, lambda day: day.file_hashes.reverse()),
    "a program is taken": (check_files, lambda day: _phone(day).answers.__setitem__(1, 201)),
    "a file is not claimed": (check_files, lambda day: day.claimed.remove(True)),
    "the code is of another way": (check_code, lambda day: day.codes.clear()),
    "the number is asked twice": (check_joined, lambda day: day.shown.append("enquiry.reference")),
    "the name is asked again": (check_joined, lambda day: day.shown.append("reporter.name_en")),
    "added to another report": (check_joined, lambda day: setattr(day, "added_to", day.added["case"])),
    "reports open a complaint": (check_office, lambda day: setattr(day, "by_reports_key", "opened")),
    "an officer sees it": (check_office, lambda day: day.lists["officer"].append(day.complaint["case"])),
    "an officer is offered": (check_office, lambda day: day.calls.append("complaint.happened")),
    "a number says whose it is": (
        check_numbers,
        lambda day: day.counts.append((1, "2026-11-21", SERVICE, "case", day.scam["case"], 1)),
    ),
    "numbers stay": (check_numbers, lambda day: setattr(day, "counts_left", 3)),
    "the old question is asked": (
        check_packs,
        lambda day: day.changed["document"].update(pack=day.scam["document"]["pack"]),
    ),
    "no reason is given": (check_packs, lambda day: setattr(day, "doctor", "all is well")),
    "a dead visit's file is claimed": (check_killed, lambda day: setattr(day, "killed_files", [True])),
    "a phone goes on": (check_killed, lambda day: setattr(day, "after_kill", 201)),
    "something is left": (check_killed, lambda day: day.left_on_kiosk.append("core")),
}


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(day: Day, name: str) -> None:
    check, plant = BUGS[name]
    other = copy.deepcopy({name: value for name, value in vars(day).items() if name != "phone"})
    phone = copy.copy(day.phone)
    assert phone is not None
    phone.answers = list(phone.answers)
    doctored = Day(**other, phone=phone)
    plant(doctored)
    with pytest.raises(AssertionError):
        check(doctored)
