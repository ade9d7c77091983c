"""What a visit promises, looked at after every event."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any

from jsonschema import Draft202012Validator

from config.settings import Site, Timing
from flows.answering.answers import Answers
from flows.answering.known_answers import Place, split
from flows.cases.case_schema import schema
from flows.conditions import at
from flows.events import (
    Answered,
    AnswerValue,
    CaseKept,
    CaseNotKept,
    Command,
    CountSurvey,
    EndVisit,
    Event,
    KeepCase,
    MemberRemoved,
    OpenUpload,
    PrintReceipt,
    Scanned,
    ServiceChosen,
    Touch,
    Touched,
)
from flows.facts import KioskFacts
from flows.life.lifecycle import PAGES, Cover, State
from flows.pack import FieldDef, Pack, PackBook, PackKind
from flows.privacy import Privacy
from flows.recipients import Recipient
from flows.view import FieldKind, NoticeBody, QuestionBody, ReviewBody, Screen, ViewState
from flows.visit import Visit
from tests.services.canaries import texts_of

MOST_HELPERS = 3
MOST_PRINTS = 3
_ALWAYS_LEADS_ON = frozenset(Screen) - {
    Screen.PRIVACY,
    Screen.QUESTION,
    Screen.PHOTO,
    Screen.LIST,
    Screen.NOTICE,
    Screen.FILES,
    Screen.REVIEW,
}
"""Screens whose own buttons are there whatever the view says: a tile, a language, Submit, Finish."""

_SEEN = frozenset(Privacy) - {Privacy.HIDDEN, Privacy.MASKED}
_TYPED = frozenset(
    {FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.PHONE, FieldKind.EMAIL, FieldKind.DOCUMENT}
)
_COMMON = (PackBook, Pack, Site, Timing, KioskFacts)
"""What a visit is made with: nothing of it is the visitor's."""

_ONWARD = (Touched(Touch.NEXT), Touched(Touch.SKIP))


class Violation(AssertionError):  # noqa: N818 - what a proof finds
    """The visit broke a promise."""


def promise(kept: object, what: str) -> None:
    """Raises `Violation` where a promise was not kept."""
    if not kept:
        raise Violation(what)


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a visit stands between two events."""

    state: State
    cover: Cover
    pack: Pack | None
    place: Place | None
    answers: Answers
    values: dict[str, AnswerValue]
    version: int
    removed: frozenset[tuple[str, int]]
    view: ViewState


@dataclass(slots=True)
class Promises:
    """The promises of one visit. `given` is what the visitor answered, by service; `typed` in which service a
    word was; `declared` are pairs of services between which a notice has led.
    """

    visit: Visit
    words: dict[str, str]
    validators: dict[str, Draft202012Validator]
    met: Counter[str]
    given: dict[str, dict[str, AnswerValue]] = field(default_factory=dict)
    typed: dict[str, Pack] = field(default_factory=dict)
    declared: set[frozenset[str]] = field(default_factory=set)
    told: dict[str, AnswerValue] = field(default_factory=dict)
    met_going_on: set[Place] = field(default_factory=set)
    helpers: set[Place] = field(default_factory=set)
    refused: int = 0
    is_kept: bool = False
    kept_cases: list[KeepCase] = field(default_factory=list)
    ways: dict[str, Recipient] = field(default_factory=dict)
    papers: dict[str, int] = field(default_factory=dict)
    counted: int = 0
    ended: int = 0

    def moment(self, view: ViewState) -> Moment:
        """Where the visit stands now."""
        pages = self.visit._parts.pages
        answers = pages.answers
        here = pages.walk.here if self.visit.state in PAGES else None
        return Moment(
            self.visit.state,
            self.visit.cover,
            pages.pack,
            here,
            answers,
            answers.values,
            answers.version,
            frozenset((group, slot) for group, slots in answers.removed.items() for slot in slots),
            view,
        )

    def look(self, before: Moment, event: Event, commands: list[Command], view: ViewState) -> Moment:
        """Whether everything is as promised after an event."""
        now = self.moment(view)
        if self.visit.fault is not None:
            raise Violation("a fault inside the visit") from self.visit.fault
        self._commands(commands, event, now)
        if now.state is State.WIPED:
            self._wiped()
            return now
        self._leads_on(view)
        self._answers(before, event, now)
        self._not_twice(before, event, now)
        self._helpers(now)
        self._shown(view, now)
        return now

    # --- cases, papers, counts ------------------------------------------------------------------------------

    def _commands(self, commands: list[Command], event: Event, now: Moment) -> None:
        if isinstance(event, CaseNotKept):
            self.refused += 1
        self.ways |= {
            str(each.upload_id): each.recipient for each in commands if isinstance(each, OpenUpload)
        }
        for command in commands:
            match command:
                case KeepCase():
                    self._case(command, now)
                case PrintReceipt():
                    self._paper(command, now)
                case CountSurvey():
                    self.met["surveys counted"] += 1
                    self.counted += 1
                    promise(self.counted == 1, "a survey is counted twice")
                case EndVisit():
                    self.ended += 1
        if isinstance(event, CaseKept) and now.state is State.RECEIVED:
            self.is_kept = True
        promise(self.ended == (now.state is State.WIPED), "a visit ends once, and when it is wiped")

    def _case(self, command: KeepCase, now: Moment) -> None:
        self.kept_cases.append(command)
        promise(not self.is_kept, "another case after one was kept")
        promise(len({each.case.case_id for each in self.kept_cases}) == 1, "two cases in a visit")
        promise(len(self.kept_cases) <= 1 + self.refused, "a case is sent twice for one submission")
        promise(command.case.recipient is self._recipient(now), "a case for somebody else")
        way = command.case.document.get("upload")
        same = way is None or self.ways[way["upload_id"]] is command.case.recipient
        promise(same, "files for somebody else")
        if now.pack is not None:
            if now.pack.name not in self.validators:
                self.validators[now.pack.name] = Draft202012Validator(schema(now.pack))
            validator = self.validators[now.pack.name]
            promise(validator.is_valid(dict(command.case.document)), "a case that does not fit its schema")
        listed = [each["photo_id"] for each in command.case.document["attachments"]]
        promise(listed == [each.photo_id for each in command.case.attachments], "photos that are not there")

    def _recipient(self, now: Moment) -> Recipient | None:
        """Who is to open the case: of what adds to a report whoever the centre named."""
        status = now.answers.lookup.status
        if now.pack is None or not now.pack.definition.supplement or status is None:
            return now.pack.definition.recipient if now.pack is not None else None
        self.met["supplements after an answer"] += 1
        return status.recipient

    def _paper(self, command: PrintReceipt, now: Moment) -> None:
        self.met["papers"] += 1
        self.papers[command.job_id] = self.papers.get(command.job_id, 0) + 1
        promise(self.papers[command.job_id] <= MOST_PRINTS, "one paper again and again")
        promise(self.is_kept or now.state is State.RECEIVED, "paper before the case is kept")
        self._only(texts_of(command.receipt), now, frozenset({Privacy.PRINTED, Privacy.OPEN}), "on paper")

    # --- at the end -----------------------------------------------------------------------------------------

    def _wiped(self) -> None:
        """Nothing of the visitor can be reached from what is left of the visit."""
        left = "\n".join(_texts_in(self.visit, set()))
        promise(not [word for word in self.words if word in left], "words of the visitor after the end")
        parts = self.visit._parts
        promise(not parts.pages.answers.values and not parts.pages.answers.photos, "answers after the end")
        promise(not parts.survey.chosen, "answers to the survey after the end")
        promise(parts.submission.kept is None, "the receipt code after the end")
        promise(not parts.hand_over.legs, "another service after the end")
        promise(self.visit.view().body is None, "a picture after the end")

    # --- no dead end ----------------------------------------------------------------------------------------

    def _leads_on(self, view: ViewState) -> None:
        ends = isinstance(view.body, NoticeBody) and view.body.final
        ways = view.can_back or view.can_next or view.can_skip or ends or view.screen in _ALWAYS_LEADS_ON
        promise(ways, f"no way on from {view.screen} “{view.title}”")

    # --- no lost answer -------------------------------------------------------------------------------------

    def _answers(self, before: Moment, event: Event, now: Moment) -> None:
        if now.pack is None:
            return
        if before.pack is not None and now.answers is not before.answers:
            self._another_service(before, event, now)
        mine = self.given.setdefault(now.pack.name, {})
        if now.answers is before.answers and (now.version, now.removed) == (before.version, before.removed):
            return
        if isinstance(event, Scanned):
            for name in _read_by_scan(before, now.pack):
                mine.pop(name, None)
        self._members(before, event, mine, now)
        if isinstance(event, Answered) and before.state is State.QUESTION:
            self._answered(before, event, mine, now)
        for name, value in mine.items():
            promise(now.values.get(name) == value, f"the answer to {name} is lost at {event}")

    def _answered(self, before: Moment, event: Event, mine: dict[str, AnswerValue], now: Moment) -> None:
        body = before.view.body
        if not isinstance(body, QuestionBody) or event.field not in [each.name for each in body.fields]:
            return
        if isinstance(event.value, str) and event.value in self.words:
            promise(
                now.values.get(event.field) == event.value, f"what was typed into {event.field} is not kept"
            )
            if now.pack is not None:
                self.typed[event.value] = now.pack
        if event.field in now.values:
            mine[event.field] = now.values[event.field]

    def _members(self, before: Moment, event: Event, mine: dict[str, AnswerValue], now: Moment) -> None:
        """Only the member goes that the visitor removed, or left without a word; what was said of it, too."""
        gone = now.removed - before.removed if now.answers is before.answers else frozenset()
        if not gone or now.pack is None:
            return
        wanted = split(event.target)[1] if isinstance(event, MemberRemoved) else None
        if event == Touched(Touch.BACK) and before.place is not None:
            wanted = before.place.slot
        self.met["members removed"] += 1
        promise({slot for _, slot in gone} == {wanted}, "a member is gone that nobody removed")
        prefixes = tuple(f"{group}[{slot}]." for group, slot in gone)
        for name in list(mine):
            definition = now.pack.fields.get(split(name)[0])
            if name.startswith(prefixes):
                promise(name not in now.values, f"{name} of a member that is gone")
                del mine[name]
            elif definition is not None and definition.options_from:
                del mine[name]

    def _another_service(self, before: Moment, event: Event, now: Moment) -> None:
        pack = now.pack
        if pack is None or before.pack is None:
            return
        if pack is before.pack:  # information that was only looked at
            self.met["information closed"] += 1
            self.given.pop(pack.name, None)
            self.told = {}
            return
        if isinstance(event, ServiceChosen):
            self.met["other services from the list"] += 1
            self._confidential_is_forgotten(pack)
        else:
            self.met["hand-overs and back"] += 1
            self.declared.add(frozenset({before.pack.name, pack.name}))
        self._no_other_eyes(pack, now)
        self._carried(before, pack, now)
        mine = self.given.setdefault(pack.name, {})
        for name in self.given.get(before.pack.name, {}):
            kept = (None, mine.get(name))
            other = name in pack.fields and not self._may_be_told(name, pack)
            promise(not other or now.values.get(name) in kept, f"{name} is another question in {pack.name}")
        for name, value in list(mine.items()):
            if self._may_be_told(name, pack):
                mine[name] = now.values.get(name, value)
            promise(now.values.get(name) == mine[name], f"the answer to {name} is lost on the way")

    def _confidential_is_forgotten(self, pack: Pack) -> None:
        """An officer may be called in the next service, and look."""
        packs = self.visit._parts.context.packs
        for name in [each for each in self.given if not packs[each].definition.officer_call]:
            if name != pack.name:
                del self.given[name]
                promise(name not in self.visit._parts.hand_over.legs, f"{name} lies open for an officer")

    def _no_other_eyes(self, pack: Pack, now: Moment) -> None:
        """Nothing that was typed for one office stands where another will read."""
        whole = "\n".join(_texts_in(now.values, set()))
        for word, origin in self.typed.items():
            if not _is_for_same_eyes(origin, pack):
                self.met["words for other eyes"] += 1
                promise(word not in whole, f"{word} of {origin.name} goes along into {pack.name}")

    def _may_be_told(self, name: str, pack: Pack) -> bool:
        """Whether an answer may be another one now: the same question was answered in another service."""
        others = [self.visit._parts.context.packs[each] for each in self.given if each != pack.name]
        return any(self._is_one_question(name, other, pack) for other in others)

    def _is_one_question(self, name: str, here: Pack, there: Pack) -> bool:
        base = split(name)[0]
        if not _is_for_same_eyes(here, there):
            return False
        if frozenset({here.name, there.name}) in self.declared:
            return name in self.given.get(here.name, {}) or base in _renamed(here, there) or "[" in name
        if base not in here.page_of or base not in there.page_of:
            return False
        one, other = (each.texts[self.visit._parts.context.language] for each in (here, there))
        pages = here.page_of[base].page, there.page_of[base].page
        same_page = one.pages[pages[0]].title == other.pages[pages[1]].title
        if base not in here.fields or base not in there.fields:
            return same_page
        same_label = one.fields[base].label == other.fields[base].label
        return same_label and (same_page or base.startswith("reporter."))

    def _carried(self, before: Moment, pack: Pack, now: Moment) -> None:
        """What both services ask under one name and in one way goes along."""
        if before.pack is None:
            return
        self.told = {}
        for name, value in self.given.get(before.pack.name, {}).items():
            here, there = before.pack.fields.get(name), pack.fields.get(name)
            if here is None or there is None or not _is_same(here, there, value):
                continue
            if not self._is_one_question(name, before.pack, pack):
                continue
            page = before.pack.page_of[name]
            if Place(page.page) in self._seen(before.pack) and page.when is None and here.when is None:
                promise(now.values.get(name) == value, f"{name} does not go along into {pack.name}")
                self.told[name] = value
                self.met["answers carried"] += 1

    def _seen(self, pack: Pack) -> set[Place]:
        leg = self.visit._parts.hand_over.legs.get(pack.name)
        return leg.walk.seen if leg is not None else set()

    # --- never asked twice ----------------------------------------------------------------------------------

    def _not_twice(self, before: Moment, event: Event, now: Moment) -> None:
        if event not in _ONWARD or now.cover is not Cover.CLEAR or before.cover is not Cover.CLEAR:
            if now.place != before.place:
                self.met_going_on.clear()
            return
        if now.place == before.place or now.place is None or now.state is not State.QUESTION:
            return
        if now.answers is not before.answers or before.state is State.LIST:
            self.met_going_on.clear()
        body = now.view.body
        fields = body.fields if isinstance(body, QuestionBody) else ()
        has_problem = any(each.required and not each.value for each in fields)
        is_mended = any(c.problem for c in self.visit._parts.pages.remarks().values())
        promise(now.place not in self.met_going_on or has_problem or is_mended, f"{now.place} is asked twice")
        names = [each.name for each in fields]
        known = [name in self.told and now.values.get(name) == self.told[name] for name in names]
        is_change = self.visit._parts.pages.walk.returning
        if before.place not in self.met_going_on and names and not is_mended and not is_change:
            promise(not all(known), f"{now.place} was asked in another service already")
        if before.place is not None:
            self.met_going_on.add(before.place)

    def _helpers(self, now: Moment) -> None:
        if now.pack is not None and now.place is not None and now.pack.pages[now.place.page].helper:
            self.helpers.add(now.place)
            self.met["helpers shown"] += 1
            promise(len(self.helpers) <= MOST_HELPERS, "a fourth helper question")

    # --- what is shown --------------------------------------------------------------------------------------

    def _shown(self, view: ViewState, now: Moment) -> None:
        body = view.body
        if isinstance(body, QuestionBody) and now.pack is not None:
            mine = self.given.get(now.pack.name, {})
            for each in body.fields:
                if each.name in mine:
                    promise(each.value == mine[each.name], f"{each.name} shows another answer")
        elif isinstance(body, ReviewBody):
            self.met["reviews"] += 1
            self._only(texts_of(body), now, _SEEN, "in review")
        elif body is not None:
            self._only(texts_of(body), now, _SEEN, "on a screen")

    def _only(self, texts: Iterator[str], now: Moment, classes: frozenset[Privacy], where: str) -> None:
        if now.pack is None:
            return
        whole = "\n".join(texts)
        if "Kq" not in whole and "A" not in whole:
            return
        for word, name in self.words.items():
            definition = now.pack.fields.get(name)
            if (definition is None or definition.privacy not in classes) and word in whole:
                promise(self._is_answer_of(word, now.pack, classes), f"{name} stands {where}")

    def _is_answer_of(self, word: str, pack: Pack, classes: frozenset[Privacy]) -> bool:
        """Whether a field that may appear has this answer now: typed, by `same_as`, or carried."""
        known = self.visit._parts.pages.known()
        return any(
            word in str(known.value(at(each.field, slot)))
            for each in pack.fields.values()
            if each.privacy in classes
            for slot in (known.slots(each.field.partition("[]")[0]) if "[]" in each.field else (None,))
        )


def _read_by_scan(before: Moment, pack: Pack) -> set[str]:
    """The fields that a document may fill or choose."""
    page = pack.pages[before.place.page] if before.place is not None else None
    return {*page.fills.values(), page.document} if page is not None else set()


def _is_for_same_eyes(one: Pack, other: Pack) -> bool:
    """Whether what was said in one service may be known in the other. Whose report a supplement adds to,
    nobody at the kiosk knows beforehand.
    """
    if one is other:
        return True
    if one.definition.recipient is not other.definition.recipient:
        return False
    supplements = [each.definition.supplement for each in (one, other)]
    return not any(supplements) or PackKind.ENQUIRY in (one.definition.kind, other.definition.kind)


def _renamed(one: Pack, other: Pack) -> set[str]:
    """Fields that go along between two services under another name."""
    ways = [page.hand_over for pack in (one, other) for page in pack.definition.pages if page.hand_over]
    return {name for way in ways for pair in way.carries.items() for name in pair}


def _is_same(here: FieldDef, there: FieldDef, value: AnswerValue) -> bool:
    """Whether an answer fits both fields as it is."""
    if here.kind is not there.kind or here.kind not in _TYPED or here.same_as or there.same_as:
        return False
    return isinstance(value, str) and bool(value) and (not there.max_length or len(value) <= there.max_length)


def _texts_in(value: Any, met: set[int]) -> Iterator[str]:
    """Every text that can be reached from a value, without what the visit was made with."""
    if isinstance(value, (Enum, int, float, type(None), *_COMMON)):
        return
    if isinstance(value, str | bytes):
        yield value if isinstance(value, str) else value.decode("latin-1")
        return
    if id(value) in met:
        return
    met.add(id(value))
    for part in _inside(value):
        yield from _texts_in(part, met)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, each.name, None) for each in fields(value)]
    module = type(value).__module__
    return list(vars(value).values()) if module.startswith("flows.") and hasattr(value, "__dict__") else []
