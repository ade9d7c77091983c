"""Where the visitor is among the pages of a pack, and which page comes next."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flows.known_answers import KnownAnswers, Place
from flows.pack import PageKind


@dataclass(slots=True)
class Walk:
    """The current page, the pages seen, and whether the visitor came from review to change a row."""

    here: Place | None = None
    seen: set[Place] = field(default_factory=set)
    returning: bool = False

    def go(self, place: Place | None) -> None:
        """Move to a page."""
        self.here = place

    def leave(self) -> None:
        """The current page is done."""
        if self.here is not None:
            self.seen.add(self.here)


def following(
    walk: Walk, known: KnownAnswers, incomplete: Callable[[], set[Place]], *, reader_usable: bool
) -> Place | None:
    """The page after the current one; None when all is asked, which means review.

    After a change from the review screen: the rest of the changed row, then whatever is newly asked or
    incomplete.
    """
    places = [place for place in known.places() if reader_usable or _kind(known, place) is not PageKind.SCAN]
    after = _after(walk.here, places, known)
    if not walk.returning:
        return after[0] if after else None
    row = row_of(known, walk.here)
    for place in after:
        if row and row_of(known, place) == row:
            return place
    mend = incomplete()
    wanted = [place for place in places if place != walk.here and (place not in walk.seen or place in mend)]
    return next((place for place in wanted if _kind(known, place) is not PageKind.SCAN), None)


def preceding(walk: Walk, known: KnownAnswers) -> Place | None:
    """The page before the current one, without scan pages: those are chosen, not met again by going back."""
    places = known.places()
    if walk.here not in places:
        return None
    before = places[: places.index(walk.here)]
    return next((place for place in reversed(before) if _kind(known, place) is not PageKind.SCAN), None)


def last_page(known: KnownAnswers) -> Place | None:
    """The page before the review screen."""
    return next((p for p in reversed(known.places()) if _kind(known, p) is not PageKind.SCAN), None)


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
    order = list(known.pack.pages)
    return [place for place in places if order.index(place.page) > order.index(here.page)]


def _kind(known: KnownAnswers, place: Place) -> PageKind:
    return known.pack.pages[place.page].kind
