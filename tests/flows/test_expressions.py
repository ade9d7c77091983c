"""What packs can say: rows of lists, conditions, ways into other services, sums and dates."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flows.answering.answer_checks import Checker
from flows.answering.known_answers import KnownAnswers
from flows.cases.case_schema import schema
from flows.events import CaseKept, ChangeAsked, KeepCase, PrintReceipt, ServiceChosen, Touch, UploadChanged
from flows.fields.dates import years_before
from flows.life import hand_over
from flows.life.lifecycle import State
from flows.loading.pack_document import BadPackError
from flows.loading.pack_loader import check_packs, load_pack, load_packs, usable_packs
from flows.pack import StepPlace
from flows.picture import next_steps, review
from flows.ports import Kept, Upload, UploadedFile
from flows.receipt import Bullets
from flows.view import Keyboard, ListBody, QuestionBody, ReceivedBody, ReviewBody, Screen, TriageBody
from tests.flows.conftest import RECEIPT_CODE, REFERENCE, Person
from tests.flows.small_packs import arriving, visitor, write_pack

PEOPLE = """
groups: {people: {at_least: 0, limit: 4}}
pages:
  - page: somebody
    for_each: people
    fields:
      - {field: "people[].secret", kind: text, max_length: 40}
      - {field: "people[].name", kind: text, max_length: 40, privacy: masked}
      - {field: "people[].saw", kind: text, max_length: 40, privacy: shown}
      - {field: "people[].when", kind: text, max_length: 40, privacy: spoken}
  - {page: people, row: people, kind: list, list_of: people}
  - page: drawing
    row: drawing
    fields: [{field: event.sketch, kind: sketch, privacy: shown}]
  - {page: files, row: files, kind: files, files: event.files, limit: 5}
"""


def to_review(person: Person) -> Person:
    while person.view.screen is not Screen.REVIEW:
        person.touch(Touch.NEXT if person.view.can_next else Touch.SKIP)
    return person


def rows(person: Person) -> dict[str, tuple[str, ...]]:
    body = to_review(person).view.body
    assert isinstance(body, ReviewBody)
    return {row.label: row.lines for row in body.rows}


def add(person: Person, answers: dict[str, Any]) -> Person:
    return person.touch(Touch.ADD).fill(answers)


# --- rows of the review screen ------------------------------------------------------------------------------


def check_list_row(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", PEOPLE)
    person = visitor(tmp_path, "small")
    add(person, {"people[0].secret": "HIDDEN", "people[0].name": "CHAN TAI MAN", "people[0].saw": "all"})
    assert rows(person)["Row people"] == ("People: C**, all",)


def test_a_list_row_says_who_is_in_it(tmp_path: Path) -> None:
    check_list_row(tmp_path)


def test_a_member_of_which_nothing_may_be_seen_is_only_named(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", PEOPLE)
    person = add(visitor(tmp_path, "small"), {"people[0].secret": "HIDDEN"})
    add(person, {"people[1].when": "noon"})
    assert rows(person)["Row people"] == ("People (1)", "People (2): noon")


def test_a_list_row_names_whom_no_other_row_tells_of(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", PEOPLE.replace("for_each: people", "for_each: people\n    row: somebody"))
    person = add(visitor(tmp_path, "small"), {"people[0].name": "CHAN TAI MAN", "people[0].saw": "all"})
    person.touch(Touch.ADD).touch(Touch.SKIP)
    assert rows(person)["Row somebody"] == ("name: C**", "saw: all")
    assert rows(person)["Row people"] == ("1 listed above", "People (2)")


def test_only_what_may_be_said_of_a_list_is_said(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", PEOPLE)
    person = add(visitor(tmp_path, "small"), {"people[0].when": "noon"})
    add(person, {"people[1].name": "CHAN"})
    body = to_review(person).view.body
    assert isinstance(body, ReviewBody)
    assert body.rows[0].spoken == ("People (1): noon",)


def test_files_and_drawings_have_a_line(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", PEOPLE)
    person = visitor(tmp_path, "small").next().fill({"event.sketch": "1,2 3,4"})
    assert person.visit.state is State.FILES
    upload_id = person.visit._parts.pages.answers.upload
    assert upload_id is not None
    files = tuple(UploadedFile(f"f{n}", "picture", 10, "0" * 64) for n in range(2))
    person.handle(UploadChanged(upload_id, Upload(is_open=True, is_reachable=True, address="x", files=files)))
    said = rows(person)
    assert (said["Row drawing"], said["Row files"]) == (("given",), ("2 files from your phone",))


def test_a_row_that_names_members_only_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "_MOST_TOLD", 0)
    with pytest.raises(AssertionError):
        check_list_row(tmp_path)


PAID = """
groups: {paid: {at_least: 1, limit: 4}}
pages:
  - page: payment
    for_each: paid
    fields:
      - {field: "paid[].amount", kind: money, max_length: 12, privacy: shown}
      - field: paid[].currency
        kind: choice
        privacy: shown
        options: [{value: HKD}, {value: USDT}, {value: other}]
  - {page: paid, row: paid, kind: list, list_of: paid, total: "paid[].amount"}
"""
SUMS = [
    ([("100", "HKD"), ("0.50", "HKD"), ("20.00125", "USDT")], "Total: HK$ 100.50, USDT 20.00125"),
    ([("20", "USDT"), ("", "")], "Total: USDT 20"),
    ([("100", "HKD"), ("20", "other")], ""),
    ([("100", "")], ""),
]


@pytest.mark.parametrize(("paid", "total"), SUMS)
def test_a_sum_is_right_or_not_there(tmp_path: Path, paid: list[tuple[str, str]], total: str) -> None:
    write_pack(tmp_path, "small", PAID)
    person = visitor(tmp_path, "small")
    for slot, (amount, currency) in enumerate(paid):
        if slot:
            person.touch(Touch.ADD)
        person.fill({f"paid[{slot}].amount": amount, f"paid[{slot}].currency": currency})
    body = person.view.body
    assert isinstance(body, ListBody)
    assert body.total == total


@pytest.mark.parametrize(
    ("currency", "prefix", "problem"),
    [("HKD", "HK$", "money_places"), ("USDT", "USDT", ""), ("other", "", ""), ("", "", "money_places")],
)
def test_a_currency_stands_before_its_amount_and_says_how_fine_it_is(
    tmp_path: Path, currency: str, prefix: str, problem: str
) -> None:
    write_pack(tmp_path, "small", PAID)
    person = visitor(tmp_path, "small").fill({"paid[0].amount": "0.00125", "paid[0].currency": currency})
    if not problem:
        assert isinstance(person.view.body, ListBody)
        person.touch(Touch.BACK)
    body = person.view.body
    assert isinstance(body, QuestionBody)
    amount = body.fields[0]
    assert (amount.prefix, amount.problem.key if amount.problem else "") == (prefix, problem)
    assert amount.keyboard is Keyboard.AMOUNT


def test_an_amount_says_its_currency(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", PAID)
    person = visitor(tmp_path, "small").fill({"paid[0].amount": "20", "paid[0].currency": "USDT"})
    person.touch(Touch.ADD).fill({"paid[1].amount": "5", "paid[1].currency": "other"})
    assert rows(person)["Row paid"] == ("Paid (1): USDT 20", "Paid (2): 5, other")


def test_without_a_choice_of_currency_the_sum_is_in_dollars(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", PAID.replace("currency", "purse"))
    person = visitor(tmp_path, "small").fill({"paid[0].amount": "1000", "paid[0].purse": "USDT"})
    assert rows(person)["Row paid"][-1] == "Total: HK$ 1,000"


SEEN = """
groups: {people: {at_least: 0, limit: 4}}
pages:
  - page: somebody
    for_each: people
    one_of: ["people[].name", "people[].looks"]
    fields:
      - {field: "people[].name", kind: text, max_length: 40, privacy: shown}
      - field: people[].looks
        kind: multi_choice
        privacy: shown
        options: [{value: tall}, {value: old}]
  - {page: people, row: people, kind: list, list_of: people}
"""


def check_empty_member(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", SEEN)
    person = add(visitor(tmp_path, "small"), {})
    body = person.view.body
    assert isinstance(body, QuestionBody)
    assert [each.problem and each.problem.key for each in body.fields] == ["one_required", None]
    person.touch(Touch.SKIP)
    assert names(person) == ["people[0].name", "people[0].looks"]
    person.fill({"people[0].looks": ["old"]})
    assert rows(person)["Row people"] == ("People: old",)
    person.next().touch(Touch.SUBMIT)
    assert person.visit.state is State.SUBMITTING


def test_an_empty_member_is_not_added(tmp_path: Path) -> None:
    check_empty_member(tmp_path)


def test_an_empty_member_that_is_added_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KnownAnswers, "is_one_of_several", lambda *_: False)
    with pytest.raises(AssertionError):
        check_empty_member(tmp_path)


# --- conditions ---------------------------------------------------------------------------------------------

BANK = """
pages:
  - page: bank
    fields:
      - {field: paid.bank, kind: listed, options_list: banks, privacy: shown}
      - {field: paid.name, kind: text, max_length: 40, when: {field: paid.bank, in: [other_hk, other_macao]}}
"""


def names(person: Person) -> list[str]:
    body = person.view.body
    assert isinstance(body, QuestionBody)
    return [each.name for each in body.fields]


def test_a_condition_looks_at_a_code_of_a_list(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", BANK)
    person = visitor(tmp_path, "small").answer("paid.bank", "hsbc")
    assert names(person) == ["paid.bank"]
    assert names(person.answer("paid.bank", "other_macao")) == ["paid.bank", "paid.name"]


def mistakes(tmp_path: Path, definition: str, old: str, new: str) -> list[tuple[str, str]]:
    """What is wrong with a pack in which one thing is written otherwise, and the remedies."""
    assert old in definition
    write_pack(tmp_path, "small", definition)
    load_pack(tmp_path / "small")
    write_pack(tmp_path, "small", definition.replace(old, new))
    with pytest.raises(BadPackError) as bad:
        load_pack(tmp_path / "small")
    return [(error.what, error.remedy) for error in bad.value.errors]


def test_a_code_that_the_list_does_not_have_is_a_mistake(tmp_path: Path) -> None:
    said = mistakes(tmp_path, BANK, "other_macao", "other_maca")
    ((what, remedy),) = said
    assert what == "“other_maca” is no entry of the list “banks”"
    assert "did you mean “other_macao”" in remedy


# --- into another service -----------------------------------------------------------------------------------

NOISE = """
pages:
  - page: threats
    fields: [{field: noise.threats, kind: yes_no, required: true, options: [{value: "yes"}, {value: "no"}]}]
  - page: to_crime
    kind: notice
    when: {all: [{field: noise.threats, is: "yes"}, {offers: crime}]}
    hand_over: {pack: crime, sets: {crime.kind: threats}}
"""
CRIME = """
pages:
  - page: kind
    row: kind
    fields:
      - field: crime.kind
        kind: choice
        required: true
        privacy: shown
        options: [{value: theft}, {value: threats}]
  - page: story
    row: story
    fields: [{field: crime.story, kind: text, required: true, max_length: 40, privacy: shown}]
"""


def check_sets(tmp_path: Path) -> Person:
    write_pack(tmp_path, "noise", NOISE)
    write_pack(tmp_path, "crime", CRIME)
    person = visitor(tmp_path, "noise", "crime").fill({"noise.threats": "yes"}).next().next()
    assert names(person) == ["crime.story"]
    assert rows(person.fill({"crime.story": "a letter"})) == {
        "Row kind": ("threats",),
        "Row story": ("a letter",),
    }
    return person


def test_coming_this_way_says_what_it_is(tmp_path: Path) -> None:
    check_sets(tmp_path)


def test_what_the_way_said_is_changed_and_stays_so(tmp_path: Path) -> None:
    person = check_sets(tmp_path)
    person.handle(ChangeAsked("kind"))
    person.fill({"crime.kind": "theft"})
    while person.view.screen is not Screen.NOTICE:
        person.touch(Touch.BACK)
    assert rows(person.next().next())["Row kind"] == ("theft",)


WAYS = [
    ("crime.kind: threats", "crime.knd: threats", "“crime” has no field “crime.knd”", "crime.kind"),
    ("crime.kind: threats", "crime.kind: threat", "“threat” is no option of “crime.kind”", "threats"),
    ("crime.kind: threats", "crime.story: threats", "“crime.story” is no choice", "set a choice"),
    ("sets: {crime.kind: threats}", "carries: {noise.threats: crime.stor}", "no field", "crime.story"),
]


@pytest.mark.parametrize(("old", "new", "what", "remedy"), WAYS)
def test_a_way_that_says_what_is_not_known_there(
    tmp_path: Path, old: str, new: str, what: str, remedy: str
) -> None:
    assert old in NOISE
    write_pack(tmp_path, "noise", NOISE.replace(old, new))
    write_pack(tmp_path, "crime", CRIME)
    (error,) = check_packs(tmp_path)
    assert what in error.what
    assert remedy in error.remedy
    assert (error.file, error.line > 1) == ("noise/pack.yaml", True)
    with pytest.raises(BadPackError):
        load_packs(["noise", "crime"], tmp_path)
    book, refused = usable_packs(["noise", "crime"], tmp_path)
    assert (list(book.packs), refused) == (["crime"], ("noise",))
    load_packs(["noise"], tmp_path)  # a site without the other service has no such way


def test_a_way_into_a_service_that_nobody_knows(tmp_path: Path) -> None:
    write_pack(tmp_path, "noise", NOISE.replace("crime", "crimes"))
    write_pack(tmp_path, "crime", CRIME)
    (error,) = check_packs(tmp_path)
    assert error.what == "the service “crimes” is not known"
    assert "crime" in error.remedy


def test_a_way_that_says_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand_over.HandOver, "_set", lambda *_: None)
    with pytest.raises(AssertionError):
        check_sets(tmp_path)


# --- days and times -----------------------------------------------------------------------------------------

DAYS = """
pages:
  - page: days
    row: days
    fields:
      - {field: event.first, kind: date, future: true, required: true, privacy: shown}
      - {field: event.last, kind: date, future: true, not_before: event.first, privacy: shown}
  - page: soon
    kind: notice
    final: true
    when: {field: event.first, within_days: 27}
  - page: time
    row: time
    when: {field: event.first, at_least_days_ahead: 28}
    fields: [{field: event.begins, kind: time, required: true, privacy: shown}]
  - page: regions
    row: regions
    fields:
      - field: event.regions
        kind: multi_choice
        required: true
        privacy: shown
        options: [{value: east}, {value: west}, {value: north}]
  - page: headquarters
    kind: notice
    when: {chosen: event.regions, more_than: 1}
"""
TODAY = date(2026, 11, 21)


def in_days(count: int) -> str:
    return (TODAY + timedelta(days=count)).isoformat()


def check_order(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", DAYS)
    person = visitor(tmp_path, "small").fill({"event.first": in_days(40), "event.last": in_days(39)})
    body = person.view.body
    assert isinstance(body, QuestionBody)
    problem = body.fields[1].problem
    assert problem is not None
    assert (problem.key, problem.values) == ("date_order", {"earliest": in_days(40)})
    assert [each.earliest for each in body.fields] == [in_days(0), in_days(40)]
    assert [each.latest for each in body.fields] == [in_days(366), in_days(366)]
    assert names(person.fill({"event.last": in_days(40)})) == ["event.begins"]


def test_a_last_day_is_not_before_the_first(tmp_path: Path) -> None:
    check_order(tmp_path)


def test_days_out_of_order_that_are_taken_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Checker, "_follows", lambda *_: None)
    with pytest.raises((AssertionError, IndexError)):
        check_order(tmp_path)


@pytest.mark.parametrize(("days", "state"), [(0, State.NOTICE), (27, State.NOTICE), (28, State.QUESTION)])
def test_four_weeks_ahead_are_counted_in_days(tmp_path: Path, days: int, state: State) -> None:
    write_pack(tmp_path, "small", DAYS)
    person = visitor(tmp_path, "small").fill({"event.first": in_days(days)})
    assert person.visit.state is state


def test_a_time_is_a_time(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", DAYS)
    person = visitor(tmp_path, "small").fill({"event.first": in_days(40)})
    for wrong in ("", "24:00", "9:05", "noon"):
        person.fill({"event.begins": wrong})
        assert names(person) == ["event.begins"]
    person.fill({"event.begins": "09:05"}).fill({"event.regions": ["east"]})
    assert rows(person)["Row time"] == ("begins: 09:05",)
    person.next().touch(Touch.SUBMIT)
    assert person.visit.state is State.SUBMITTING


@pytest.mark.parametrize(("regions", "state"), [(["east"], State.REVIEW), (["east", "west"], State.NOTICE)])
def test_how_many_were_chosen_is_a_condition(tmp_path: Path, regions: list[str], state: State) -> None:
    write_pack(tmp_path, "small", DAYS)
    person = visitor(tmp_path, "small").fill({"event.first": in_days(40)}).fill({"event.begins": "09:05"})
    assert person.fill({"event.regions": regions}).visit.state is state


LATELY = """
pages:
  - page: found
    row: found
    fields:
      - {field: event.found, kind: date, within_years: 5, privacy: shown}
      - {field: event.seen, kind: when, within_years: 5, privacy: shown}
      - {field: event.born, kind: date, privacy: shown}
"""


def check_lately(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", LATELY)
    person = visitor(tmp_path, "small")
    first, before = "2021-11-21", "2021-11-20"
    assert isinstance(person.view.body, QuestionBody)
    assert [each.earliest for each in person.view.body.fields] == [first, first, "1900-01-01"]
    seen = {"certainty": "exact", "date": before, "time": ""}
    person.fill({"event.found": before, "event.seen": seen, "event.born": "1951-02-28"})
    assert isinstance(person.view.body, QuestionBody)
    problems = [each.problem and (each.problem.key, each.problem.values) for each in person.view.body.fields]
    assert problems == [*[("date_too_early", {"earliest": first})] * 2, None]
    person.fill({"event.found": first, "event.seen": seen | {"date": first}})
    assert person.view.screen is Screen.REVIEW


def test_what_happened_lately_was_not_decades_ago(tmp_path: Path) -> None:
    check_lately(tmp_path)


def test_a_bound_that_is_not_kept_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Checker, "_floor", lambda *_: None)
    with pytest.raises(AssertionError):
        check_lately(tmp_path)


def test_years_are_counted_from_the_last_of_february_too() -> None:
    assert years_before(date(2028, 2, 29), 4) == date(2024, 2, 29)
    assert years_before(date(2028, 2, 29), 5) == date(2023, 2, 28)


YEARS = [
    ("{field: event.born, kind: date,", "{field: event.born, kind: date, within_years: -1,", "no bound"),
    ("{field: event.born, kind: date,", "{field: event.born, kind: date, within_years: 101,", "no bound"),
    ("event.found, kind: date,", "event.found, kind: date, future: true,", "lies ahead"),
    ("event.seen, kind: when,", "event.seen, kind: time,", "has no years"),
]


@pytest.mark.parametrize(("old", "new", "what"), YEARS)
def test_a_mutant_of_years_is_refused(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert any(what in each for each, _ in mistakes(tmp_path, LATELY, old, new))


DATED = [
    ("within_days: 27", "within_weeks: -4", "looks back", ""),
    ("within_days: 27", "within_days: -1", "from 0", ""),
    ("{field: event.first, at_least_days_ahead: 28}", "{field: event.frst, within_days: 2}", "not known", ""),
    ("future: true, required: true", "required: true", "no date that lies ahead", "future: true"),
    ("not_before: event.first", "not_before: event.begins", "only later", "before"),
    ("not_before: event.first", "not_before: event.frist", "not known", "event.first"),
    ("kind: time, required: true", "kind: time, not_before: event.first", "only a date", "kind date"),
    ("kind: time, required: true", "kind: time, max_length: 5", "has no length", "remove"),
    ("{chosen: event.regions, more_than: 1}", "{chosen: event.regions}", "write more_than", ""),
    ("{chosen: event.regions, more_than: 1}", "{chosen: event.first, more_than: 1}", "one answer", "multi"),
    ("{chosen: event.regions, more_than: 1}", "{chosen: event.region, more_than: 1}", "not known", "regions"),
]


@pytest.mark.parametrize(("old", "new", "what", "remedy"), DATED)
def test_a_mutant_of_days_is_refused(tmp_path: Path, old: str, new: str, what: str, remedy: str) -> None:
    said = mistakes(tmp_path, DAYS, old, new)
    assert any(what in each and remedy in mended for each, mended in said), said


# --- what others may see ------------------------------------------------------------------------------------

QUIET = """
pages:
  - page: story
    row: story
    fields: [{field: event.story, kind: text, required: true, max_length: 40, privacy: shown}]
next_steps:
  - {step: both}
  - {step: careful, where: [screen]}
  - {step: keep, where: [paper]}
"""


def check_places(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", QUIET)
    person = to_review(visitor(tmp_path, "small").fill({"event.story": "a letter"}))
    person.next().touch(Touch.SUBMIT)
    case_id = person.commands(KeepCase)[-1].case.case_id
    person.handle(CaseKept(Kept(case_id, REFERENCE, RECEIPT_CODE)))
    body = person.wait(60).view.body
    assert isinstance(body, ReceivedBody)
    assert [each.text for each in body.next_steps] == ["Do both", "Do careful"]
    blocks = person.commands(PrintReceipt)[-1].receipt.blocks
    assert [each.lines for each in blocks if isinstance(each, Bullets)] == [("Do both", "Do keep")]


def test_advice_stands_where_the_pack_says(tmp_path: Path) -> None:
    check_places(tmp_path)


def test_advice_in_the_wrong_place_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere = next_steps.next_steps
    monkeypatch.setattr(
        "flows.cases.receipt_builder.next_steps",
        lambda wording, _where: everywhere(wording, StepPlace.SCREEN),
    )
    with pytest.raises(AssertionError):
        check_places(tmp_path)


def test_a_place_that_there_is_not(tmp_path: Path) -> None:
    said = mistakes(tmp_path, QUIET, "where: [screen]", "where: [sky]")
    assert any("screen" in what + remedy for what, remedy in said)


def test_the_band_shows_the_neutral_name(tmp_path: Path) -> None:
    write_pack(tmp_path, "small", QUIET, header="A form")
    progress = visitor(tmp_path, "small").view.progress
    assert progress is not None
    assert progress.service == "A form"
    write_pack(tmp_path, "small", QUIET)
    progress = visitor(tmp_path, "small").view.progress
    assert progress is not None
    assert progress.service == "Service small"


# --- information without a visit ----------------------------------------------------------------------------

READ = """
kind: information
pages:
  - page: topic
    fields:
      - field: read.topic
        kind: choice
        required: true
        in_case: false
        options: [{value: map}, {value: phone}]
  - {page: words, kind: notice}
"""


def check_information(tmp_path: Path) -> None:
    write_pack(tmp_path, "read", READ)
    write_pack(tmp_path, "small", QUIET)
    person = arriving(tmp_path, "small", "read").touch(Touch.INFORMATION)
    assert (names(person), person.view.can_back) == (["read.topic"], True)
    person.fill({"read.topic": "map"}).touch(Touch.BACK, Touch.BACK)
    assert isinstance(person.view.body, TriageBody)
    assert person.view.progress is None
    assert not person.visit._parts.pages.answers.values
    person.touch(Touch.INFORMATION).fill({"read.topic": "phone"}).touch(Touch.EMERGENCY)
    assert person.view.screen is Screen.EMERGENCY
    person.touch(Touch.EMERGENCY_CLOSE, Touch.FINISH)
    assert person.visit.state is State.WIPED
    assert not person.commands(KeepCase)


def test_information_needs_no_answers_first(tmp_path: Path) -> None:
    check_information(tmp_path)


def test_after_information_the_questions_come_all_the_same(tmp_path: Path) -> None:
    write_pack(tmp_path, "read", READ)
    write_pack(tmp_path, "small", QUIET)
    person = arriving(tmp_path, "small", "read").touch(Touch.NO, Touch.INFORMATION, Touch.BACK)
    body = person.view.body
    assert isinstance(body, TriageBody)
    assert (body.number, body.can_inform) == (2, True)
    person.touch(Touch.NO, Touch.NO)
    person.handle(ServiceChosen("read"))
    assert person.touch(Touch.BACK).view.screen is Screen.SERVICES


def test_without_information_the_touch_means_nothing(tmp_path: Path) -> None:
    leads = "{page: out, kind: notice, when: {offers: small}, hand_over: {pack: small}}"
    leading = READ.replace("pages:\n", f"pages:\n  - {leads}\n")
    write_pack(tmp_path, "small", QUIET)
    for services in (("small",), ("small", "read")):
        write_pack(tmp_path, "read", leading)  # it leads into a report, past the emergency questions
        person = arriving(tmp_path, *services).touch(Touch.INFORMATION)
        assert person.view.body == TriageBody("danger_now", 1, 3, can_inform=False)


def test_information_that_is_kept_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand_over.HandOver, "close_information", lambda *_: None)
    with pytest.raises(AssertionError):
        check_information(tmp_path)


# --- the envelope -------------------------------------------------------------------------------------------

ENVELOPE = """
groups: {things: {at_least: 0}}
pages:
  - page: thing
    for_each: things
    fields: [{field: "things[].name", kind: text, required: true, max_length: 40, privacy: shown}]
  - {page: things, kind: list, list_of: things}
  - page: story
    row: story
    fields: [{field: event.story, kind: text, required: true, max_length: 40, privacy: shown}]
  - {page: pictures, kind: photos, photos: event.photos, limit: 2}
  - {page: files, kind: files, files: event.files, limit: 2}
"""
TAKEN = [
    ("event.story", "upload.story"),
    ("event.story", "supplement.story"),
    ("event.photos", "upload.photos"),
    ("event.files", "upload.files"),
    ("things", "upload"),
]


@pytest.mark.parametrize(("old", "new"), TAKEN)
def test_a_name_of_the_envelope_is_refused(tmp_path: Path, old: str, new: str) -> None:
    said = mistakes(tmp_path, ENVELOPE, old, new)
    assert any("belongs to the common part" in what and "another name" in remedy for what, remedy in said)


@pytest.mark.parametrize("bundle", [0, 7])
def test_a_case_names_the_bundle_of_its_pack(tmp_path: Path, bundle: int) -> None:
    write_pack(tmp_path, "small", QUIET)
    person = visitor(tmp_path, "small")
    context = person.visit._context
    context.kiosk = replace(context.kiosk, bundle=bundle)
    to_review(person.fill({"event.story": "a letter"})).next().touch(Touch.SUBMIT)
    document = dict(person.commands(KeepCase)[-1].case.document)
    named = {"name": "small", "version": "1"}
    assert document["pack"] == (named | {"bundle": 7} if bundle else named)
    validator = Draft202012Validator(schema(person.visit._parts.pages.known().pack))
    assert validator.is_valid(document)
    assert not validator.is_valid(document | {"pack": named | {"bundle": 0}})


# --- what the centre is asked -------------------------------------------------------------------------------

ASKED = """
kind: enquiry
pages:
  - page: scan
    row: paper
    kind: scan
    fills: {reference: enquiry.reference, receipt_code: enquiry.receipt_code}
  - page: receipt
    row: paper
    scan_page: scan
    ask: check
    fields:
      - {field: enquiry.reference, kind: text, format: reference, required: true, max_length: 20}
      - {field: enquiry.receipt_code, kind: text, format: receipt_code, required: true, max_length: 20}
  - page: check
    row: paper
    ask: status
    fields: [{field: enquiry.check, kind: text, format: check, required: true, max_length: 12}]
  - {page: answer, kind: notice, shows_status: true}
"""
ASKED_WRONG = [
    ("field: enquiry.receipt_code,", "field: enquiry.receipt,", "asked with", "enquiry.receipt_code"),
    ("field: enquiry.check,", "field: enquiry.chek,", "asked with", "enquiry.check"),
    ("format: reference, required: true", "required: true", "not read", "format: reference"),
    ("format: check, required: true", "format: check", "cannot be asked", "required: true"),
    ("    ask: check\n", "", "no one-time check", "lookup"),
    ("    ask: status\n", "", "never asked for", "lookup"),
    ("    ask: status\n", "", "not asked before how the report stands", "lookup"),
    ("ask: status", "ask: check", "twice", "remove"),
    (", shows_status: true", "", "nothing shows", "shows_status"),
    ("kind: enquiry", "kind: information", "asks the centre nothing", "kind: enquiry"),
    ("{reference: enq", "{referense: enq", "cannot be read", "reference"),
    ("receipt_code: enquiry.receipt_code}", "number: enquiry.receipt_code}", "cannot be read", ""),
    ("ask: status", "ask: stauts", "", "status"),
]


@pytest.mark.parametrize(("old", "new", "what", "remedy"), ASKED_WRONG)
def test_a_mutant_of_what_is_asked_is_refused(
    tmp_path: Path, old: str, new: str, what: str, remedy: str
) -> None:
    said = mistakes(tmp_path, ASKED, old, new)
    assert any(what in each and remedy in mended for each, mended in said), said


def test_a_supplement_without_its_report_is_refused(tmp_path: Path) -> None:
    said = mistakes(tmp_path, "supplement: false\n" + QUIET, "supplement: false", "supplement: true")
    assert any("which report" in what and "lookup" in remedy for what, remedy in said)


# --- review -------------------------------------------------------------------------------------------------

REVIEWED = """
pages:
  - page: first
    row: first
    fields:
      - {field: event.kind, kind: choice, privacy: shown, options: [{value: theft}, {value: fall}]}
      - {field: event.words, kind: text, max_length: 40, privacy: shown}
  - page: second
    row: second
    fields:
      - {field: event.fare, kind: money, max_length: 12, privacy: shown}
  - page: third
    row: third
    fields:
      - {field: event.name, kind: text, max_length: 40, privacy: hidden}
  - page: fourth
    row: fourth
    fields:
      - {field: event.story, kind: text, max_length: 40, privacy: shown}
"""


def check_review(folder: Path) -> None:
    write_pack(folder, "small", REVIEWED)
    person = visitor(folder, "small").fill({"event.kind": "fall", "event.words": "x"})
    person.fill({"event.fare": "1200.5"}).fill({"event.name": "y"}).fill({"event.story": "z"})
    assert list(rows(person).values())[:4] == [
        ("fall", "words: x"),
        ("fare: HK$ 1,200.50",),
        ("name: given",),
        ("z",),
    ]


def test_an_answer_that_says_little_stands_with_its_label(tmp_path: Path) -> None:
    check_review(tmp_path)


def test_a_review_without_labels_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "_is_labelled", lambda _lines, _row: False)
    with pytest.raises(AssertionError):
        check_review(tmp_path)
