"""What a played visitor does on a list page: adds until the list is as the script wants it, then removes."""

from collections.abc import Mapping, Sequence


def _group(target: str) -> str:
    return target.partition("[")[0]


def _slot(target: str) -> int:
    return int(target.partition("[")[2].rstrip("]"))


class Membership:
    """Remembers the lists that were met. Rows are the targets of their members, as `witnesses[0]`."""

    def __init__(self, counts: Sequence[int], removals: Sequence[str], answers: Mapping[str, object]) -> None:
        """`counts`: members of each list in the order met; without one, as many as `answers` are for."""
        self._counts = list(counts)
        self._waiting = list(removals)
        self._answers = answers
        self._wanted: dict[str, int | None] = {}
        self._met: set[str] = set()
        self._shrunk: set[str] = set()

    def is_to_add(self, page: str, rows: Sequence[str]) -> bool:
        """Whether another member is to be added to the list on `page`."""
        if page not in self._wanted:
            self._wanted[page] = self._counts.pop(0) if self._counts else None
        wanted = self._wanted[page]
        if page in self._shrunk:
            return False
        if wanted is not None:
            return len(rows) < wanted
        return any(self._has_answers_for(group, rows) for group in self._groups(rows))

    def _groups(self, rows: Sequence[str]) -> set[str]:
        """The group of the list; of an empty one, those that have answers and were not met before."""
        begun = {_group(row) for row in rows}
        self._met |= begun
        return begun or {_group(name) for name in self._answers if "[0]." in name} - self._met

    def _has_answers_for(self, group: str, rows: Sequence[str]) -> bool:
        following = max((_slot(row) + 1 for row in rows), default=0)
        return any(name.startswith(f"{group}[{following}].") for name in self._answers)

    def next_removal(self, page: str, rows: Sequence[str]) -> str:
        """The row that is to be removed now; empty when none is."""
        target = next((each for each in self._waiting if each in rows), "")
        if target:
            self._waiting.remove(target)
            self._shrunk.add(page)
        return target
