"""The way from one service into another with the answers so far, and back again.

Each service of a visit keeps answers and a walk of its own. Whenever the visitor goes from one to another, by
a notice or by the list of services, what fits goes along; what does not stays where it was given, so nothing
is lost by going there and back. Nothing goes along to a service whose cases another office opens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flows.answering.answers import Answers
from flows.answering.carrying import carry, file_fields, note_asked
from flows.answering.known_answers import KnownAnswers, Place
from flows.answering.walk import Walk
from flows.events import Event, ServiceChosen, Touch, Touched
from flows.life.pages import Pages
from flows.life.visit_context import VisitContext
from flows.pack import Pack, PackKind, PageKind


@dataclass(frozen=True, slots=True)
class _Leg:
    """One service of the visit, as it was left."""

    pack: Pack
    answers: Answers
    walk: Walk


@dataclass(slots=True)
class HandOver:
    """`trail` names the services that the visitor came through, the first one first; none stands twice.

    `names` has the pairs of services between which a notice has led in this visit, with the fields that are
    called otherwise there.
    """

    context: VisitContext
    pages: Pages
    trail: list[str] = field(default_factory=list)
    came_from_triage: bool = False
    legs: dict[str, _Leg] = field(default_factory=dict)
    names: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def forget(self) -> None:
        """Forget everything of the visitor."""
        for leg in self.legs.values():
            leg.answers.wipe()
        self.legs.clear()
        self.names.clear()
        self.trail.clear()

    def _target(self) -> Pack | None:
        """The service that the notice leads into, if this site offers it."""
        way = self.pages.page().hand_over if self.pages.walk.here is not None else None
        offered = way is not None and way.pack in self.context.offered
        return self.context.packs[way.pack] if way is not None and offered else None

    # --- named in the table ---------------------------------------------------------------------------------

    def leads_nowhere(self, _event: Event | None) -> bool:
        """The notice leads into a service that this site does not offer."""
        return self.pages.page().hand_over is not None and self._target() is None

    def leads_to_statement(self, _event: Event) -> bool:
        """The notice leads into a service that shows its collection statement first."""
        target = self._target()
        return target is not None and target.has_statement

    def kind_of_opening(self, event: Event) -> PageKind | None:
        """The first page of a service without a collection statement, chosen or handed over to."""
        target = self._opening(event)
        first = self._first_page(target) if target is not None and not target.has_statement else None
        return target.pages[first.page].kind if target is not None and first is not None else None

    def _opening(self, event: Event) -> Pack | None:
        if isinstance(event, ServiceChosen):
            return self._chosen(event)
        return self.information() if event == Touched(Touch.INFORMATION) else self._target()

    def information(self) -> Pack | None:
        """The service of this site that only informs; none that leads on, past the emergency questions."""
        offered = (self.context.packs[name] for name in self.context.offered)
        return next((pack for pack in offered if _only_informs(pack)), None)

    def open_information(self, _event: Event) -> None:
        """Read without the emergency questions."""
        pack = self.information()
        if pack is not None:
            self.choose_service(ServiceChosen(pack.name))
            self.came_from_triage = True

    def is_triage_behind(self, event: Event) -> bool:
        """The visitor only reads, and goes back from the first page."""
        return self.came_from_triage and self._is_opening(event)

    def close_information(self, _event: Event) -> None:
        """Back to the emergency questions; nothing of what was looked at is kept."""
        pack = self.pages.pack
        if pack is None:
            return
        self._leave()
        self.legs.pop(pack.name)
        self.pages.forget()
        self._enter(pack)

    def _chosen(self, event: ServiceChosen) -> Pack | None:
        return self.context.packs[event.service] if event.service in self.context.offered else None

    def _first_page(self, pack: Pack) -> Place | None:
        """Of a service that asks for nothing before its first page."""
        context = self.context
        today = context.clock.now().date()
        services = frozenset(context.offered)
        fresh = KnownAnswers(pack, Answers(), context.site.kind, today, context.language, services)
        return next(iter(fresh.places()), None)

    def choose_service(self, event: Event) -> None:
        """Begin the chosen service with what the others know; one that was left is taken up again."""
        self.came_from_triage = False
        chosen = self._chosen(event) if isinstance(event, ServiceChosen) else None
        if chosen is None:
            return
        if chosen is not self.pages.pack:
            self._change_to(chosen)
            self._note_asked()
            self._forget_confidential(chosen)
        self._open(chosen)

    def _forget_confidential(self, chosen: Pack) -> None:
        """An officer may be called from here on, and could look into a service that is not for their eyes."""
        confidential = [leg for leg in self.legs.values() if not leg.pack.definition.officer_call]
        for leg in confidential:
            if leg.pack is not chosen:
                self.legs.pop(leg.pack.name).answers.wipe()

    def go(self, _event: Event) -> None:
        """Into the other service. One that the visitor came through already is taken up again."""
        here, target = self.pages.pack, self._target()
        way = self.pages.page().hand_over
        if here is None or target is None or way is None:
            return
        self.names[here.name, target.name] = way.carries
        self.names[target.name, here.name] = {there: name for name, there in way.carries.items()}
        self._change_to(target)
        self.trail.append(here.name)
        if target.name in self.trail:
            del self.trail[self.trail.index(target.name) :]
        self._set(way.sets)
        self._note_asked()
        self._open(target)

    def _change_to(self, target: Pack) -> None:
        """Leave this service for another one, with what may go along."""
        here = self.pages.pack
        self._leave()
        if here is not None and not _share(here, target):
            self._forget_files(here)
        self._enter(target)

    def _note_asked(self) -> None:
        note_asked(self.pages.checker(), self.pages.walk, self.pages.answers)

    def _open(self, pack: Pack) -> None:
        """At its collection statement or, without one, at its first page."""
        walk = self.pages.walk
        walk.returning, walk.from_list = False, None
        walk.go(None)
        if not pack.has_statement:
            self.pages.arrive(self._first_page(pack))

    def was_used(self, _event: Event) -> bool:
        """The visitor came here from another service."""
        return bool(self.trail)

    def is_behind(self, event: Event) -> bool:
        """The service that the visitor came from lies behind this page, the first one of a service without a
        collection statement.
        """
        return self.was_used(event) and self._is_opening(event)

    def are_services_behind(self, event: Event) -> bool:
        """The services screen lies behind this page."""
        return not self.was_used(event) and self._is_opening(event)

    def _is_opening(self, event: Event) -> bool:
        pages = self.pages
        statement = pages.known().pack.has_statement
        return not statement and not pages.behind_is_review(event) and pages.kind_behind(event) is None

    def go_back(self, _event: Event) -> None:
        """To where the visitor came from, with every answer."""
        leg = self.legs[self.trail.pop()]
        self._change_to(leg.pack)
        self.pages.arrive(leg.walk.here)

    # --- carrying -------------------------------------------------------------------------------------------

    def _leave(self) -> None:
        """Keep this service as it is, and tell the others of the visit what was answered here."""
        pages = self.pages
        if pages.pack is None:
            return
        source = pages.pack.name
        self.legs[source] = _Leg(pages.pack, pages.answers, pages.walk)
        for name, leg in self.legs.items():
            if name != source and _share(pages.pack, leg.pack):
                carry(pages.checker(), pages.walk, leg.pack, leg.answers, self.names.get((source, name)))

    def _enter(self, pack: Pack) -> None:
        """Take a service up again, or begin it with what the others know."""
        leg = self.legs.get(pack.name)
        if leg is None:
            answers = Answers()
            for each in filter(lambda each: _share(each.pack, pack), self._oldest_first()):
                names = self.names.get((each.pack.name, pack.name))
                carry(self.pages.checker_of(each.pack, each.answers), each.walk, pack, answers, names)
            leg = _Leg(pack, answers, Walk())
        self.pages.take_up(leg.pack, leg.answers, leg.walk)

    def _forget_files(self, left: Pack) -> None:
        """Their way closes, because it is sealed for one office: what came by it is in no case."""
        for leg in self.legs.values():
            if _share(leg.pack, left):
                leg.answers.forget_files(file_fields(leg.pack))
                leg.walk.seen -= {place for place in leg.walk.seen if leg.pack.pages[place.page].files}

    def _set(self, choices: Mapping[str, str]) -> None:
        """What coming this way says already; an answer that was given there stays."""
        known, answers = self.pages.known(), self.pages.answers
        for name, value in choices.items():
            definition = known.pack.fields.get(name)
            if definition is None or answers.values.get(name):
                continue
            if value in known.option_values(definition, None):
                answers.elsewhere.add(name)
                answers.put(name, value)

    def _oldest_first(self) -> list[_Leg]:
        """The services so far; the one that the visitor comes from is the last, and knows best."""
        newest = self.pages.pack.name if self.pages.pack is not None else ""
        return sorted(self.legs.values(), key=lambda leg: leg.pack.name == newest)


def _share(one: Pack, other: Pack) -> bool:
    """Whether the same office opens the cases of both. Who opens a supplement, the centre says only when it
    knows the report: between it and another report nothing goes along.
    """
    both = (one.definition, other.definition)
    is_unsure = any(each.supplement for each in both) and all(each.kind is PackKind.REPORT for each in both)
    return one.definition.recipient is other.definition.recipient and not is_unsure


def _only_informs(pack: Pack) -> bool:
    leads_on = any(page.hand_over is not None for page in pack.definition.pages)
    return pack.definition.kind is PackKind.INFORMATION and not leads_on
