"""What is longer than its field never gets into a case, whose schema would refuse it at the very end."""

from datetime import datetime

from flows.documents.types import DocumentType
from flows.fields.check import check
from flows.view import FieldKind

NOW = datetime.fromisoformat("2026-11-21T12:00:00+08:00")


def test_a_document_number_is_cut() -> None:
    checked = check(FieldKind.DOCUMENT, "X" * 400, now=NOW, max_length=30, document=DocumentType.PASSPORT)
    assert len(str(checked.value)) <= 30


def test_an_address_is_refused_and_never_cut() -> None:
    address = f"{'a' * 60}@{'b' * 60}.example.org"
    assert check(FieldKind.EMAIL, address, now=NOW, max_length=120).problem is not None
    assert check(FieldKind.EMAIL, address, now=NOW, max_length=200).problem is None
