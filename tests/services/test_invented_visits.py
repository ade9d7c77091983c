"""The shortest and the longest visit to every service, with answers that the played visitor invents."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flows.events import Answered, KeepCase
from flows.languages import Language
from flows.pack import Pack, PackBook, PackKind
from flows.view import Field, FieldKind, Screen
from kiosk.played import inventing, tour
from kiosk.played.inventing import MOST_MEMBERS, Inventor, Way
from kiosk.played.playbook import in_language, text_of
from kiosk.played.tour import Length
from tests.flows.conftest import Person
from tests.services.conftest import NAMES
from tests.services.plans import Plan
from tests.services.visitor import DeadEndError, Traveller, Travels

Arrive = Callable[..., Person]
PAPER = {"reference": "004276384875", "receipt_code": "7KQ2M9XWHT", "check": "123456"}


class Inventing(Traveller):
    """Says what the script and the inventor say, to the machine instead of to the screen."""

    inventor: Inventor
    answers: dict[str, Any]

    def _fill(self, each: Field) -> None:
        if each.name in self.answers:
            answer = in_language(self.answers[each.name], self.language)
        else:
            answer = self.inventor.answer(each, self.answers)
        if answer is not None:
            self.person.handle(Answered(each.name, self._said(answer)))

    def _said(self, answer: Any) -> Any:
        match answer:
            case {"earlier": str(what)}:
                return PAPER[what]
            case {"certainty": _}:
                return self._moment(answer)
            case dict():
                return self._day(answer)
            case str():
                return text_of(answer)
        return answer

    def _moment(self, moment: dict[str, Any]) -> dict[str, str]:
        days = {"days_ago": "date", "until_days_ago": "until_date"}
        return {
            days.get(name, name): self._day({"days_ago": value}) if name in days else value
            for name, value in moment.items()
        }

    def _day(self, answer: dict[str, int]) -> str:
        ahead = answer.get("days_ahead", 0) - answer.get("days_ago", 0)
        return (self.person.clock.now().date() + timedelta(days=ahead)).isoformat()


def walk(
    book: PackBook, arrive: Arrive, service: str, way: Way, language: Language = Language.ENGLISH
) -> tuple[Travels, Person]:
    script, person = tour.script(service, Length(way.value)), arrive()
    members = str(MOST_MEMBERS if way is Way.LONGEST else 0)
    plan = Plan({f"+{group}": (members,) for pack in book.packs.values() for group in pack.definition.groups})
    visitor = Inventing(person, plan, language=language)
    visitor.inventor = Inventor(book[service], way, language)
    visitor.answers = script.answers
    return visitor.begin(service).walk(), person


def complaint(book: PackBook, arrive: Arrive, service: str, way: Way, language: Language) -> str:
    """What is wrong with a visit; empty where it came to its end, in its own service."""
    try:
        travels, person = walk(book, arrive, service, way, language)
    except DeadEndError as stuck:
        return str(stuck)
    pack = book[service]
    if travels.services != [service]:
        return f"went on to {travels.services}"
    if pack.definition.kind is PackKind.REPORT and len(person.commands(KeepCase)) != 1:
        return f"no case; it ended on {travels.end}"
    return ""


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("service", NAMES)
def test_an_invented_visit_comes_to_its_end(book: PackBook, arrive: Arrive, service: str, way: Way) -> None:
    language = list(Language)[NAMES.index(service) % len(Language)]
    assert complaint(book, arrive, service, way, language) == ""


@pytest.mark.parametrize("service", ["crime_report", "report_supplement", "police_complaint"])
def test_the_longest_visit_is_longer(book: PackBook, arrive: Arrive, service: str) -> None:
    short, long = (walk(book, arrive, service, way)[0] for way in (Way.SHORTEST, Way.LONGEST))
    assert len(long.screens) > len(short.screens)
    assert Counter(long.screens)[Screen.QUESTION] >= Counter(short.screens)[Screen.QUESTION]


# --- planted bugs


def test_a_visitor_who_ends_on_a_stop_is_seen(
    book: PackBook, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventing, "_leading_away", lambda _pack: {("crime.concern", "none")})
    assert "no case" in complaint(book, arrive, "crime_report", Way.SHORTEST, Language.ENGLISH)


def test_a_page_that_cannot_be_left_is_seen(
    book: PackBook, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(inventing._BY_KIND, FieldKind.PHONE, "12")
    assert "does not let go" in complaint(book, arrive, "traffic_complaint", Way.SHORTEST, Language.ENGLISH)


def test_a_visitor_who_forgets_what_must_be_answered_is_seen(
    book: PackBook, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Inventor, "_is_wanted", lambda _self, _shown: False)
    assert "does not let go" in complaint(book, arrive, "nuisance", Way.SHORTEST, Language.ENGLISH)


def test_a_visitor_who_goes_on_in_another_service_is_seen(
    book: PackBook, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(pack: Pack) -> set[tuple[str, str]]:
        return {("nuisance.threats", "no")} if pack.name == "nuisance" else set()

    monkeypatch.setattr(inventing, "_leading_away", leave)
    assert "went on to" in complaint(book, arrive, "nuisance", Way.LONGEST, Language.ENGLISH)
