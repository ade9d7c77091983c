"""What kind of page a way leads to, as conditions of the life cycle."""

from collections.abc import Callable
from dataclasses import dataclass

from flows.events import Event
from flows.pack import PageKind


@dataclass(frozen=True, slots=True)
class Way:
    """A way among the pages: ahead, back, to a change. `leads_to` gives None where no page lies on it."""

    leads_to: Callable[[Event], PageKind | None]

    def is_question(self, event: Event) -> bool:
        """A question lies there."""
        return self.leads_to(event) is PageKind.QUESTION

    def is_scan(self, event: Event) -> bool:
        """A scan lies there."""
        return self.leads_to(event) is PageKind.SCAN

    def is_photo(self, event: Event) -> bool:
        """Photos lie there."""
        return self.leads_to(event) is PageKind.PHOTOS

    def is_list(self, event: Event) -> bool:
        """The list of a group lies there."""
        return self.leads_to(event) is PageKind.LIST

    def is_notice(self, event: Event) -> bool:
        """A notice lies there."""
        return self.leads_to(event) is PageKind.NOTICE

    def is_files(self, event: Event) -> bool:
        """Files from a phone lie there."""
        return self.leads_to(event) is PageKind.FILES
