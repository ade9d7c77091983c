"""From answers to the case document: only what is asked now, checked, under the names of the pack."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config.settings import SiteKind
from flows.answering.answer_checks import Checker, is_empty
from flows.answering.known_answers import member_id
from flows.asking.lookup import LOOKUP_REFERENCE, recipient_of
from flows.case import AccessibilityMode, Attachment, Case
from flows.conditions import holds
from flows.events import AnswerValue
from flows.facts import KioskFacts
from flows.languages import Language
from flows.pack import FieldDef, Pack, Page
from flows.pack_texts import LegalText
from flows.view import FieldKind

CASE_FORMAT = "report-kiosk/case/1"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every case says about how it came about."""

    case_id: UUID
    kiosk: KioskFacts
    site_code: str
    language: Language
    started_at: datetime
    submitted_at: datetime
    accessibility_modes: frozenset[AccessibilityMode]


def build_case(checker: Checker, envelope: Envelope) -> Case:
    """The case as the visitor declares it now."""
    pack = checker.known.pack
    answers = checker.known.answers
    document = _common(checker, envelope)
    for page in pack.pages_of[""]:
        _put_page(document, checker, page, None)
    for definition in pack.fields.values():
        default = checker.known.default(definition)
        if definition.assumed and default is not None:
            _put(document, definition.field, default, only_if_missing=True)
    for group in pack.definition.groups:
        document[group] = _members(checker, group)
    photos = list(_photos(checker))
    document["attachments"] = [{"photo_id": each, "media_type": "image/jpeg"} for each in photos]
    if pack.definition.supplement:
        document["supplement"] = _supplement(checker)
    files = checker.known.files()
    if files and answers.upload is not None:
        document["upload"] = {
            "upload_id": str(answers.upload),
            "files": [asdict(answers.files[each]) for each in files],
        }
    attachments = tuple(Attachment(each, answers.photos[each]) for each in photos)
    return Case(envelope.case_id, document, attachments, recipient_of(pack.definition, answers.lookup))


def _supplement(checker: Checker) -> dict[str, str]:
    """The report that it belongs to. Without a ticket of the centre an officer joins them."""
    lookup, asked = checker.known.answers.lookup, checker.known.pack.fields.get(LOOKUP_REFERENCE)
    if lookup.status is not None:
        return {"reference": lookup.status_for[0], "ticket": lookup.status.ticket}
    reference = checker.check(asked, None).value if asked is not None else ""
    return {"reference": str(reference), "ticket": ""}


def _common(checker: Checker, envelope: Envelope) -> dict[str, Any]:
    pack, answers = checker.known.pack, checker.known.answers
    texts = pack.texts[envelope.language]
    return {
        "format": CASE_FORMAT,
        "report_type": pack.definition.report_type,
        "case_id": str(envelope.case_id),
        "kiosk_id": envelope.kiosk.kiosk_id,
        "site_code": envelope.site_code,
        "app_version": envelope.kiosk.app_version,
        "pack": _pack(pack, envelope.kiosk.bundle),
        "ui_lang": envelope.language.value,
        "started_at": envelope.started_at.isoformat(timespec="seconds"),
        "submitted_at": envelope.submitted_at.isoformat(timespec="seconds"),
        "identity_method": _identity_method(checker),
        "input_methods_used": sorted(method.value for method in answers.methods),
        "accessibility_modes_used": sorted(mode.value for mode in envelope.accessibility_modes),
        "consents": {
            "pics_ack": _consent(texts.privacy),
            "accuracy_declaration": _consent(texts.declaration),
        },
    }


def _pack(pack: Pack, bundle: int) -> dict[str, Any]:
    """Which words and questions these were; packs that came with the software have no number."""
    named = {"name": pack.name, "version": pack.definition.version}
    return named | {"bundle": bundle} if bundle else named


def _identity_method(checker: Checker) -> str:
    """How the visitor showed who they are; `none` where a service did not ask for a document."""
    known = checker.known
    named = (page for page in known.pack.definition.pages if not page.for_each and _names_document(page))
    pages = [page for page in named if known.is_shown(page, None)]
    if any(page.document and page.page in known.answers.scans for page in pages):
        return "scanned"
    asked = any(each.kind is FieldKind.DOCUMENT for page in pages for each in known.asked(page, None))
    return "typed" if asked else "none"


def _names_document(page: Page) -> bool:
    return bool(page.document) or any(each.kind is FieldKind.DOCUMENT for each in page.fields)


def _photos(checker: Checker) -> Iterator[str]:
    """Every photo of the case, in the order of its pages."""
    known = checker.known
    for group, pages in known.pack.pages_of.items():
        named = [page.photos for page in pages if page.photos]
        for slot in known.slots(group) if group else (None,):
            for name in named:
                listed = known.value(name, slot)
                yield from listed if isinstance(listed, list) else ()


def _consent(text: LegalText | None) -> dict[str, Any]:
    """Which words the visitor agreed to. `LookupError` for a service without them, which has no case."""
    if text is None:
        raise LookupError("a case needs a collection statement and a declaration")
    return {
        "version": text.version,
        "sha256": text.sha256,
        "signed_off": not text.needs_sign_off,
    }


def _members(checker: Checker, group: str) -> list[dict[str, Any]]:
    members = []
    for member in checker.known.members(group):
        answers: dict[str, Any] = {"item_id": member_id(member.slot)}
        if member.category:
            answers["category"] = member.category
        for page in checker.known.pack.pages_of[group]:
            _put_page(answers, checker, page, member.slot)
        members.append(answers)
    return members


def _put_page(document: dict[str, Any], checker: Checker, page: Page, slot: int | None) -> None:
    """Also of a page of which nothing is left to ask: what is known from elsewhere stands in the case all the
    same.
    """
    if not holds(page.when, checker.known, slot):
        return
    for definition in page.fields:
        for name, value in _value(checker, definition, slot):
            _put(document, name, value)
    for name in filter(None, (page.photos, page.files)):
        listed = checker.known.value(name, slot)
        if listed:
            _put(document, name, listed)


def _value(checker: Checker, definition: FieldDef, slot: int | None) -> Iterator[tuple[str, Any]]:
    if not definition.is_kept or is_empty(checker.known.field_value(definition, slot)):
        return
    value = checker.check(definition, slot).value
    if is_empty(value):
        return
    option = next((each for each in definition.options if each.value == value), None)
    if option is not None and option.marks:
        yield option.marks, True
    yield definition.field, _canonical(definition, value, checker.known.site_kind)


def _canonical(definition: FieldDef, value: AnswerValue, site_kind: SiteKind) -> AnswerValue:
    """As the case says it: without parts that were left empty, and "here" as the kind of place it is."""
    if isinstance(value, dict):
        return {name: part for name, part in value.items() if part}
    option = next((each for each in definition.options if each.value == value), None)
    return option.stands_for.get(site_kind, value) if option is not None else value


def _put(document: dict[str, Any], name: str, value: Any, *, only_if_missing: bool = False) -> None:
    *parents, last = name.rpartition("[].")[2].split(".")
    for parent in parents:
        document = document.setdefault(parent, {})
    if not (only_if_missing and last in document):
        document[last] = value
