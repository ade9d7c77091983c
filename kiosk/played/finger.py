"""The finger of a played visitor: of two calendars on one page it touches the one that is meant."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtQuick import QQuickItem

from ui.robot import Robot

_OF_PICKERS = ("day:", "month:", "year:", "years:", "hour:", "minute:", "time:", "when:", "date:")


class Finger(Robot):
    """A robot that can keep to the pickers of one field."""

    field = ""
    """Its name; empty: any."""

    @contextmanager
    def at(self, field: str) -> Iterator[None]:
        """Keep to the pickers of this field as long as the block lasts."""
        self.field = field
        try:
            yield
        finally:
            self.field = ""

    def _shown_items(self) -> Iterator[QQuickItem]:
        for item in super()._shown_items():
            is_of_picker = bool(self.field) and item.objectName().startswith(_OF_PICKERS)
            if not is_of_picker or _is_part_of(item, self.field):
                yield item


def _is_part_of(item: QQuickItem, field: str) -> bool:
    above = item.parentItem()
    while above is not None:
        if above.property("name") == field:
            return True
        above = above.parentItem()
    return False
