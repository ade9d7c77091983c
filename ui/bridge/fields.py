"""The fields of a question page as a list model that changes only what changed.

Rows are keyed by the field's name. A new view of the same page touches only the roles that differ, so text
cursor, scroll position and a finger that is just down stay where they are.
"""

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt

from flows.view import Field
from ui.bridge.plain import Plain, to_plain

# "value" alone would clash with the property of that name which many controls have.
_ROLES = {
    "name": "name",
    "kind": "kind",
    "label": "label",
    "value": "answer",
    "hint": "hint",
    "required": "needed",
    "options": "options",
    "headings": "headings",
    "picture": "picture",
    "keyboard": "keyboard",
    "max_length": "maxLength",
    "prefix": "prefix",
    "earliest": "earliest",
    "latest": "latest",
    "problem": "problem",
    "warning": "warning",
}
_FIRST_ROLE = int(Qt.ItemDataRole.UserRole)
_NUMBERS = {_FIRST_ROLE + place: attribute for place, attribute in enumerate(_ROLES)}

_Index = QModelIndex | QPersistentModelIndex
_Row = dict[str, Plain]


def _row(field: Field) -> _Row:
    return {attribute: to_plain(getattr(field, attribute)) for attribute in _ROLES}


class FieldsModel(QAbstractListModel):
    """Fields of the page in order; see `_ROLES` for what a delegate may require."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []

    def show(self, fields: tuple[Field, ...]) -> None:
        """Bring the rows to `fields` with as few changes as possible."""
        wanted = [_row(field) for field in fields]
        names = {row["name"] for row in wanted}
        for place in reversed(range(len(self._rows))):
            if self._rows[place]["name"] not in names:
                self._remove(place)
        for place, row in enumerate(wanted):
            if place < len(self._rows) and self._rows[place]["name"] == row["name"]:
                self._update(place, row)
            else:
                self._place(place, row)

    def _remove(self, place: int) -> None:
        self.beginRemoveRows(QModelIndex(), place, place)
        del self._rows[place]
        self.endRemoveRows()

    def _place(self, place: int, row: _Row) -> None:
        for later in range(place, len(self._rows)):
            if self._rows[later]["name"] == row["name"]:
                self._remove(later)
                break
        self.beginInsertRows(QModelIndex(), place, place)
        self._rows.insert(place, row)
        self.endInsertRows()

    def _update(self, place: int, row: _Row) -> None:
        before = self._rows[place]
        changed = [number for number, attribute in _NUMBERS.items() if before[attribute] != row[attribute]]
        if changed:
            self._rows[place] = row
            index = self.index(place, 0)
            self.dataChanged.emit(index, index, changed)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Number of fields."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Plain:
        """One role of one field."""
        attribute = _NUMBERS.get(role)
        if attribute is None or not 0 <= index.row() < len(self._rows):
            return None
        return self._rows[index.row()][attribute]

    def roleNames(self) -> dict[int, QByteArray]:
        """Roles as QML knows them."""
        return {number: QByteArray(_ROLES[attribute].encode()) for number, attribute in _NUMBERS.items()}
