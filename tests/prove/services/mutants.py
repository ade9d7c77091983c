"""Bugs planted in the engine, each of which the random visits must notice."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from flows.answering import known_answers, walk
from flows.answering.answers import Answers
from flows.answering.carrying import _Carrier
from flows.answering.known_answers import KnownAnswers, Place
from flows.asking import slips
from flows.asking.enquiring import Enquiring
from flows.asking.survey import Survey
from flows.asking.uploading import Uploading
from flows.events import Event, KeepCase, LanguageChosen, Touch, Touched
from flows.languages import Language
from flows.life import listing
from flows.life.hand_over import HandOver
from flows.life.lifecycle import Cover, State
from flows.life.listing import Listing
from flows.life.pages import Pages
from flows.life.preliminaries import Preliminaries
from flows.life.submission import Submission
from flows.pack import FieldDef
from flows.picture import review
from flows.picture.view_builder import Picture
from flows.visit import Visit

Plant = Callable[[pytest.MonkeyPatch], None]


def _language_forgets(patch: pytest.MonkeyPatch) -> None:
    """The pages begin anew in another language."""
    whole = Visit._act

    def act(visit: Visit, event: Event, now: float) -> None:
        whole(visit, event, now)
        values = visit._parts.pages.answers.values
        if isinstance(event, LanguageChosen) and values:
            values.popitem()

    patch.setattr(Visit, "_act", act)


def _back_forgets(patch: pytest.MonkeyPatch) -> None:
    """Who goes back answers again."""
    whole = Pages.go_back

    def go_back(pages: Pages, event: Event) -> None:
        for name in pages.remarks():
            pages.answers.values.pop(name, None)
        pages.answers.version += 1
        whole(pages, event)

    patch.setattr(Pages, "go_back", go_back)


def _case_kept_twice(patch: pytest.MonkeyPatch) -> None:
    """A touch that lasts submits twice."""
    whole = Submission.submit

    def submit(submission: Submission, event: Event) -> None:
        whole(submission, event)
        whole(submission, event)

    patch.setattr(Submission, "submit", submit)


def _case_id_anew(patch: pytest.MonkeyPatch) -> None:
    """Every attempt is a case of its own."""
    whole = Submission.show_not_kept

    def show_not_kept(submission: Submission, event: Event) -> None:
        whole(submission, event)
        submission.case_id = None

    patch.setattr(Submission, "show_not_kept", show_not_kept)


def _notice_holds(patch: pytest.MonkeyPatch) -> None:
    """Quick exit is not heard on a notice."""
    whole = Visit._touch_cover

    def touch_cover(visit: Visit, touch: Touch, now: float) -> None:
        if not (touch is Touch.QUICK_EXIT and visit.state is State.NOTICE):
            whole(visit, touch, now)

    patch.setattr(Visit, "_touch_cover", touch_cover)


def _no_help_from_a_list(patch: pytest.MonkeyPatch) -> None:
    """The emergency button does nothing in a list."""
    whole = Visit._touch_cover

    def touch_cover(visit: Visit, touch: Touch, now: float) -> None:
        if not (touch is Touch.EMERGENCY and visit.state is State.LIST):
            whole(visit, touch, now)

    patch.setattr(Visit, "_touch_cover", touch_cover)


def _neighbour_goes(patch: pytest.MonkeyPatch) -> None:
    """Removing a member removes the next one."""
    whole = Listing.drop

    def drop(one: Listing, group: str, slot: int) -> None:
        slots = one.pages.known().slots(group)
        whole(one, group, slots[(slots.index(slot) + 1) % len(slots)] if slot in slots else slot)

    patch.setattr(listing.Listing, "drop", drop)


def _member_leaves_answers(patch: pytest.MonkeyPatch) -> None:
    """A member goes, and what was said of it stays."""
    patch.setattr(
        Answers,
        "remove_member",
        lambda answers, group, slot, *_: answers.removed.setdefault(group, set()).add(slot),
    )


def _hand_over_drops(patch: pytest.MonkeyPatch) -> None:
    """What a visitor typed does not go along."""
    whole = _Carrier._field

    def carry(one: _Carrier, definition: FieldDef, place: Place) -> None:
        if not definition.max_length:
            whole(one, definition, place)

    patch.setattr(_Carrier, "_field", carry)


def _fourth_helper(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(known_answers, "MOST_HELPERS", 9)


def _hidden_in_review(patch: pytest.MonkeyPatch) -> None:
    """Review shows what was typed, whatever its class."""
    patch.setattr(review.Wording, "show", lambda words, each, value, _slot: words.full(each, value))


def _slip_prints_all(patch: pytest.MonkeyPatch) -> None:
    """A slip carries the telephone number, too."""
    whole = slips.build_slip

    def build(wording: slips.Wording, paper: slips.Paper, *rest: str, **more: bool) -> slips.ReceiptDocument:
        document = whole(wording, paper, *rest, **more)
        typed = [str(value) for value in wording.known.answers.values.values()]
        return replace(document, blocks=(*document.blocks, slips.Text(" ".join(typed), Language.ENGLISH)))

    patch.setattr(slips, "build_slip", build)


def _survey_stays(patch: pytest.MonkeyPatch) -> None:
    """What was said of the service is still there when the next visitor comes."""
    whole = Survey.end

    def end(survey: Survey) -> list[object]:
        chosen = dict(survey.chosen)
        commands = whole(survey)
        survey.chosen |= chosen
        return list(commands)

    patch.setattr(Survey, "end", end)


def _nothing_after_an_empty_list(patch: pytest.MonkeyPatch) -> None:
    """Continue and Back are not offered on a list without members."""
    whole = Picture._list

    def shown(picture: Picture) -> object:
        made = whole(picture)
        empty = not picture.listing.body(picture._wording()).rows
        return replace(made, can_next=not empty, can_back=not empty)

    patch.setattr(Picture, "_list", shown)


def _circle(patch: pytest.MonkeyPatch) -> None:
    """After a change from review everything is asked once more, and never review again."""
    whole = walk.following

    def following(one: walk.Walk, checker: walk.Checker, *, reader_usable: bool) -> Place | None:
        found = whole(one, checker, reader_usable=reader_usable)
        return checker.known.places()[0] if found is None and len(one.seen) % 7 == 3 else found

    patch.setattr("flows.life.pages.following", following)


def _asked_twice(patch: pytest.MonkeyPatch) -> None:
    """Now and then going on stays a page behind."""
    whole = walk.following

    def following(one: walk.Walk, checker: walk.Checker, *, reader_usable: bool) -> Place | None:
        found = whole(one, checker, reader_usable=reader_usable)
        behind = walk.preceding(one, checker)
        return behind if behind is not None and len(one.seen) == 6 else found

    patch.setattr("flows.life.pages.following", following)


def _other_service_stays(patch: pytest.MonkeyPatch) -> None:
    """A wipe forgets all but what was said in the services before."""
    patch.setattr("flows.life.hand_over.HandOver.forget", lambda _self: None)


def _wipe_leaves_words(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Answers, "wipe", lambda answers: answers.photos.clear())


def _files_of_nobody(patch: pytest.MonkeyPatch) -> None:
    """A file that was removed is still in the case."""

    def delete(one: Uploading, event: Event) -> None:
        one.pages.answers.files.pop(getattr(event, "file_id", ""), None)

    patch.setattr(Uploading, "delete", delete)


def _waits_for_ever(patch: pytest.MonkeyPatch) -> None:
    """An answer that does not fit is taken for none: the visitor waits on."""
    patch.setattr(Enquiring, "has_problem", lambda _self, _event: True)


def _cover_closes_the_page(patch: pytest.MonkeyPatch) -> None:
    """Help and back leads to the page before."""
    whole = Visit._touch_cover

    def touch_cover(visit: Visit, touch: Touch, now: float) -> None:
        was = visit.cover
        whole(visit, touch, now)
        if was is Cover.EMERGENCY and touch is Touch.EMERGENCY_CLOSE and visit.state is State.QUESTION:
            visit._meet(Touched(Touch.BACK))

    patch.setattr(Visit, "_touch_cover", touch_cover)


def _language_unheard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Preliminaries, "is_language_offered", lambda _self, _event: False)


def _receipt_code_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Submission, "forget", lambda _self: None)


def _invalid_is_sent(patch: pytest.MonkeyPatch) -> None:
    """The case is sent without its check, and without what was answered last."""
    whole = Submission.submit

    def submit(submission: Submission, event: Event) -> None:
        submission.checked = None
        whole(submission, event)
        command = submission.context.commands[-1]
        if isinstance(command, KeepCase):
            document = {name: part for name, part in command.case.document.items() if name != "consents"}
            submission.context.commands[-1] = KeepCase(replace(command.case, document=document))

    patch.setattr(Submission, "submit", submit)


def _final_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """After a notice that ends a service nothing is offered."""
    whole = Picture._notice

    def shown(picture: Picture) -> object:
        made = whole(picture)
        return replace(made, can_back=False, can_next=False, body=replace(made.body, final=False))

    patch.setattr(Picture, "_notice", shown)


def _all_is_asked_again(patch: pytest.MonkeyPatch) -> None:
    """Another service asks as if nobody had been asked before."""
    patch.setattr(KnownAnswers, "was_asked_elsewhere", lambda _self, _place: False)


def _list_forgets(patch: pytest.MonkeyPatch) -> None:
    """Another service from the list begins as if nobody had answered before."""
    whole = HandOver.choose_service

    def choose_service(one: HandOver, event: Event) -> None:
        before = one.pages.pack
        whole(one, event)
        if one.pages.pack is not before:
            one.pages.answers.wipe()

    patch.setattr(HandOver, "choose_service", choose_service)


def _other_eyes(patch: pytest.MonkeyPatch) -> None:
    """Answers go along whoever opens the case."""
    patch.setattr("flows.life.hand_over._share", lambda _one, _other: True)


def _complaint_stays(patch: pytest.MonkeyPatch) -> None:
    """A complaint can be looked at after another service was chosen."""
    patch.setattr(HandOver, "_forget_confidential", lambda _self, _chosen: None)


def _any_question(patch: pytest.MonkeyPatch) -> None:
    """Where it was lost counts as where it was found."""
    patch.setattr(_Carrier, "_is_same", lambda _self, _here, _there: True)


MUTANTS: Mapping[str, Plant] = {
    "the list forgets": _list_forgets,
    "answers go to another office": _other_eyes,
    "a complaint lies open": _complaint_stays,
    "another question counts as the same": _any_question,
    "an answer is forgotten with the language": _language_forgets,
    "an answer is forgotten by going back": _back_forgets,
    "a case is sent twice": _case_kept_twice,
    "another attempt is another case": _case_id_anew,
    "a case is sent that does not fit": _invalid_is_sent,
    "quick exit is not heard on a notice": _notice_holds,
    "no help from a list": _no_help_from_a_list,
    "help and back is another page": _cover_closes_the_page,
    "removing a member removes the neighbour": _neighbour_goes,
    "a member leaves its answers": _member_leaves_answers,
    "a hand-over drops answers": _hand_over_drops,
    "what another service asked is asked again": _all_is_asked_again,
    "a fourth helper question": _fourth_helper,
    "review shows what is hidden": _hidden_in_review,
    "a slip prints what is not for paper": _slip_prints_all,
    "the survey remembers": _survey_stays,
    "no way on from an empty list": _nothing_after_an_empty_list,
    "no way on from a stop": _final_is_forgotten,
    "a circle instead of review": _circle,
    "a page is asked twice": _asked_twice,
    "another service is remembered": _other_service_stays,
    "answers are remembered": _wipe_leaves_words,
    "the receipt code is remembered": _receipt_code_stays,
    "a file that was removed": _files_of_nobody,
    "nobody hears the centre": _waits_for_ever,
    "no language is offered": _language_unheard,
}
