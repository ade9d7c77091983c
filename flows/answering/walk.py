"""Where the visitor is among the pages of a pack, and which page comes next."""

from dataclasses import dataclass, field

from flows.answering.answer_checks import Checker
from flows.answering.known_answers import KnownAnswers, Place
from flows.pack import PageKind


@dataclass(slots=True)
class Walk:
    """The current page, the pages seen, and whether the visitor came from review to change a row.

    `from_list` is the list page that the visitor left for one of its members, and comes back to.
    """

    here: Place | None = None
    seen: set[Place] = field(default_factory=set)
    returning: bool = False
    from_list: Place | None = None

    def go(self, place: Place | None) -> None:
        """Move to a page."""
        self.here = place

    def leave(self) -> None:
        """The current page is done."""
        if self.here is not None:
            self.seen.add(self.here)


def following(walk: Walk, checker: Checker, *, reader_usable: bool) -> Place | None:
    """The page after the current one; None when all is asked, which means review.

    After a change from the review screen: the rest of the changed row, then whatever is newly asked or
    incomplete. From a list: the member's own pages, then the list again. What another service asked already
    is passed over.
    """
    known = checker.known
    places = [place for place in known.places() if reader_usable or _kind(known, place) is not PageKind.SCAN]
    after = _after(walk.here, places, known)
    if walk.from_list is not None:
        return next((place for place in after if _is_same_member(known, place, walk.here)), walk.from_list)
    unfinished = _unfinished_member(walk.here, places, checker)
    if unfinished is not None:
        return unfinished
    if not walk.returning:
        return next((place for place in after if not checker.is_settled(place)), None)
    row = row_of(known, walk.here)
    for place in after:
        if row and row_of(known, place) == row:
            return place
    mend = checker.incomplete()
    wanted = [place for place in places if place != walk.here and (place not in walk.seen or place in mend)]
    return next(
        (p for p in wanted if _kind(known, p) is not PageKind.SCAN and not checker.is_settled(p)), None
    )


def preceding(walk: Walk, checker: Checker) -> Place | None:
    """The page before the current one, without scan pages: those are chosen, not met again by going back."""
    known = checker.known
    places = known.places()
    if walk.here not in places:
        return walk.from_list
    before = [p for p in places[: places.index(walk.here)] if _kind(known, p) is not PageKind.SCAN]
    if walk.from_list is not None:
        own = (place for place in reversed(before) if _is_same_member(known, place, walk.here))
        return next(own, walk.from_list)
    return next((place for place in reversed(before) if is_shown_again(walk, checker, place)), None)


def last_page(walk: Walk, checker: Checker) -> Place | None:
    """The page before the review screen; where nothing was asked here, the last of elsewhere."""
    known = checker.known
    places = [p for p in reversed(known.places()) if _kind(known, p) is not PageKind.SCAN]
    return next((place for place in places if is_shown_again(walk, checker, place)), next(iter(places), None))


def is_shown_again(walk: Walk, checker: Checker, place: Place) -> bool:
    """Whether the page is met by going back: not what only another service asked."""
    return place in walk.seen or not checker.is_settled(place)


def row_of(known: KnownAnswers, place: Place | None) -> tuple[str, int | None] | None:
    """The row of the review screen in which a page's answers stand."""
    if place is None:
        return None
    row = known.pack.pages[place.page].row
    return (row, place.slot) if row else None


def _after(here: Place | None, places: list[Place], known: KnownAnswers) -> list[Place]:
    if here is None:
        return places
    if here in places:
        return places[places.index(here) + 1 :]
    order = known.pack.page_numbers
    return [place for place in places if order[place.page] > order[here.page]]


def _is_same_member(known: KnownAnswers, place: Place, other: Place | None) -> bool:
    if other is None or place.slot is None or place.slot != other.slot:
        return False
    return known.pack.pages[place.page].for_each == known.pack.pages[other.page].for_each


def _unfinished_member(here: Place | None, places: list[Place], checker: Checker) -> Place | None:
    """On a list page: where a member still needs an answer."""
    page = checker.known.pack.pages[here.page] if here is not None else None
    if page is None or page.kind is not PageKind.LIST:
        return None
    pages = checker.known.pack.pages
    own = (place for place in places if pages[place.page].for_each == page.list_of)
    return next((place for place in own if checker.has_problem(place)), None)


def _kind(known: KnownAnswers, place: Place) -> PageKind:
    return known.pack.pages[place.page].kind
