"""Ways between services where files came from a phone, and where another office opens the case."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.events import (
    FileDeleted,
    KeepCase,
    OpenUpload,
    Touch,
    UploadChanged,
)
from flows.life.lifecycle import State
from flows.loading import pack_text_checks
from flows.loading.pack_document import BadPackError
from flows.loading.pack_loader import load_packs
from flows.ports import Upload, UploadedFile
from flows.view import FilesBody, QuestionBody, Screen, UploadState
from tests.flows.conftest import Person
from tests.flows.small_packs import dump, visitor, write_pack

FIRST, LATE = "6f1f9d0e-98ad-4f7e-8d4c-1c6d3a6f9b01", "6f1f9d0e-98ad-4f7e-8d4c-1c6d3a6f9b02"
_DECLARED = {"declaration": {"version": "1", "needs_sign_off": True, "paragraphs": ["This is true."]}}
_FROM = """
recipient: {recipient}
pages:
  - {{page: files, kind: files, files: {files}, limit: 10, row: files}}
  - page: story
    row: story
    fields:
      - {{field: event.story, kind: text, max_length: 80, privacy: shown}}
      - field: event.go
        kind: yes_no
        required: true
        privacy: shown
        options: [{{value: "yes"}}, {{value: "no"}}]
  - page: away
    kind: notice
    when: {{all: [{{field: event.go, is: "yes"}}, {{offers: there}}]}}
    hand_over: {{pack: there{carries}}}
"""
_THERE = """
recipient: {recipient}
pages:
  - page: own
    row: own
    fields: [{{field: own.word, kind: text, max_length: 80, privacy: shown}}]
  - {{page: files, kind: files, files: {files}, limit: 10, row: files}}
  - page: story
    row: story
    fields: [{{field: event.story, kind: text, max_length: 80, privacy: shown}}]
"""


def packs(folder: Path, here: dict[str, str], there: dict[str, str]) -> Path:
    said = {"recipient": "reports", "files": "event.files", "carries": ""}
    write_pack(folder, "here", _FROM.format(**said | here), **_DECLARED)
    write_pack(folder, "there", _THERE.format(**said | there), **_DECLARED)
    return folder


def a_file(name: str) -> UploadedFile:
    return UploadedFile(name, "picture", 1000, "ab" * 32)


def arrive(person: Person, *names: str) -> None:
    upload_id = person.commands(OpenUpload)[-1].upload_id
    files = tuple(map(a_file, names))
    person.handle(
        UploadChanged(
            upload_id,
            Upload(is_open=True, is_reachable=True, address="HTTPS://CENTRE.EXAMPLE/U/1", files=files),
        )
    )


def shown(person: Person) -> list[str]:
    body = person.view.body
    assert isinstance(body, FilesBody)
    return [each.file_id for each in body.files]


def said(person: Person) -> Any:
    body = person.view.body
    assert isinstance(body, QuestionBody)
    return body.fields[0].value


def with_a_file(folder: Path) -> Person:
    person = visitor(folder, "here", "there")
    assert person.visit.state is State.FILES
    arrive(person, FIRST)
    return person.next()


def go_over(person: Person) -> Person:
    person.fill({"event.story": "A word", "event.go": "yes"})
    person.next()
    assert person.view.screen is Screen.PRIVACY
    return person.next()


def submitted(person: Person) -> Any:
    while person.visit.state is not State.DECLARE:
        person.next()
    person.touch(Touch.SUBMIT)
    return person.commands(KeepCase)[-1].case


def test_a_file_deleted_in_the_other_service_is_gone_here_too(tmp_path: Path) -> None:
    person = go_over(with_a_file(packs(tmp_path, {}, {}))).fill({"own.word": "x"})
    assert shown(person) == [FIRST]
    person.handle(FileDeleted(FIRST))
    person.touch(Touch.BACK, Touch.BACK, Touch.BACK)
    assert person.visit.state is State.NOTICE
    person.touch(Touch.BACK).fill({"event.go": "no"})
    assert "upload" not in submitted(person).document


def test_files_go_along_under_whatever_name(tmp_path: Path) -> None:
    folder = packs(tmp_path, {}, {"files": "own.files"})
    person = go_over(with_a_file(folder)).fill({"own.word": "x"})
    assert shown(person) == [FIRST]
    assert [each["file_id"] for each in submitted(person).document["upload"]["files"]] == [FIRST]


def test_a_file_that_comes_after_the_way_is_shown_where_the_visitor_is(tmp_path: Path) -> None:
    folder = packs(tmp_path, {}, {"files": "own.files"})
    person = go_over(with_a_file(folder))
    arrive(person, FIRST, LATE)
    person.fill({"own.word": "x"})
    assert shown(person) == [FIRST, LATE]
    person.handle(FileDeleted(FIRST))
    person.touch(Touch.BACK, Touch.BACK, Touch.BACK, Touch.BACK, Touch.BACK)
    assert shown(person) == [LATE]


def test_a_way_that_has_ended_by_itself_is_closed_and_not_about_to_open(tmp_path: Path) -> None:
    person = visitor(packs(tmp_path, {}, {}), "here", "there")
    arrive(person, FIRST)
    upload_id = person.commands(OpenUpload)[-1].upload_id
    ended = Upload(is_open=False, is_reachable=True, address="", files=(a_file(FIRST),))
    person.handle(UploadChanged(upload_id, ended))
    assert shown(person) == [FIRST]
    assert isinstance(person.view.body, FilesBody)
    assert person.view.body.state is UploadState.CLOSED


# --- another office -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("here", "there"), [("reports", "complaints"), ("complaints", "reports")])
def test_nothing_goes_along_to_another_office(tmp_path: Path, here: str, there: str) -> None:
    person = go_over(with_a_file(packs(tmp_path, {"recipient": here}, {"recipient": there})))
    person.fill({"own.word": "x"})
    assert shown(person) == []
    person.touch(Touch.SKIP)
    assert person.page == "event.story"
    assert said(person) == ""
    case = submitted(person)
    assert "A word" not in str(case.document)
    assert "upload" not in case.document
    assert case.recipient.value == there


def test_back_from_another_office_the_files_are_asked_for_again(tmp_path: Path) -> None:
    person = go_over(with_a_file(packs(tmp_path, {}, {"recipient": "complaints"})))
    person.fill({"own.word": "private"}).touch(Touch.BACK, Touch.BACK, Touch.BACK)
    assert person.visit.state is State.NOTICE
    person.touch(Touch.BACK)
    assert said(person) == "A word"
    person.touch(Touch.BACK)
    assert shown(person) == []
    person.next().fill({"event.go": "no"})
    case = submitted(person)
    assert "upload" not in case.document
    assert "private" not in str(case.document)


def test_a_way_to_another_office_names_no_answers(tmp_path: Path) -> None:
    carries = ", carries: {event.story: own.word}"
    folder = packs(tmp_path, {"recipient": "complaints", "carries": carries}, {})
    with pytest.raises(BadPackError, match="other eyes"):
        load_packs(["here", "there"], folder)


# --- words --------------------------------------------------------------------------------------------------


def words_with(folder: Path, place: str, words: str) -> Path:
    packs(folder, {}, {})
    for path in (folder / "here" / "texts").iterdir():
        texts = yaml.safe_load(path.read_text(encoding="utf-8"))
        option, value = texts["fields"][place]["options"], "yes"
        option[value] = words
        dump(path, texts)
    return folder


def test_an_option_that_names_its_own_choice_is_a_mistake(tmp_path: Path) -> None:
    folder = words_with(tmp_path, "event.go", "Yes, {event.go}")
    with pytest.raises(BadPackError, match=r"event\.go"):
        load_packs(["here", "there"], folder)


def test_words_that_name_each_other_come_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_text_checks, "_braces", lambda *_: ())
    folder = words_with(tmp_path, "event.go", "Yes, {event.go} at {site}")
    person = visitor(folder, "here", "there").touch(Touch.SKIP)
    person.fill({"event.story": "A word", "event.go": "yes"}).touch(Touch.BACK)
    body = person.view.body
    assert isinstance(body, QuestionBody)
    assert (
        body.fields[1].options[0].label
        == "Yes, Yes, {event.go} at Wan Chai Report Room at Wan Chai Report Room"
    )


_PAPER = """
pages:
  - page: one
    row: one
    fields:
      - {field: event.kind, kind: choice, required: true, privacy: %s, options: [{value: a}, {value: b}]}
next_steps: [{step: go, when: {field: event.kind, is: a}}]
slips: [{slip: tag, lines: []}]
"""


@pytest.mark.parametrize(
    "texts",
    [
        {"next_steps": {"go": "Because of {event.kind}"}},
        {"slips": {"tag": {"title": "A {event.kind}", "ask": "Print"}}},
        {"slips": {"tag": {"title": "Tag", "ask": "Print", "note": "A {event.kind}"}}},
    ],
    ids=["step", "title", "note"],
)
def test_paper_names_no_choice_that_may_not_be_printed(tmp_path: Path, texts: dict[str, Any]) -> None:
    write_pack(tmp_path, "open", _PAPER % "printed", **_DECLARED, **texts)
    assert load_packs(["open"], tmp_path)
    write_pack(tmp_path, "secret", _PAPER % "shown", **_DECLARED, **texts)
    with pytest.raises(BadPackError, match=r"event\.kind"):
        load_packs(["secret"], tmp_path)
