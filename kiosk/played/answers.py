"""What a played visitor says: what the script answers, and what is invented where it says nothing."""

from collections.abc import Mapping
from typing import Any

from flows.loading.pack_loader import PACKS, load_pack
from flows.view import Field
from kiosk.played.inventing import Inventor
from kiosk.played.playbook import Answer, Playbook, in_language


class Answers:
    """The answers of one visit."""

    def __init__(self, book: Playbook) -> None:
        """A script with `fill` has what it does not say invented, from the pack of its service."""
        self._language = book.language
        self._given = dict(book.answers)
        self._inventor = (
            Inventor(load_pack(PACKS / book.service), book.fill, book.language) if book.fill else None
        )

    @property
    def given(self) -> Mapping[str, Answer]:
        """Those of the script, by the name of the field; follows every change."""
        return self._given

    def change(self, answers: Mapping[str, Answer]) -> None:
        """From now on these fields are answered so."""
        self._given |= answers

    def to(self, field: Field) -> Any:
        """The answer to a field; None where the visitor says nothing."""
        if field.name in self._given:
            return in_language(self._given[field.name], self._language)
        return self._inventor.answer(field, self._given) if self._inventor else None
