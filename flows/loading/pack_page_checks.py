"""Checks of the pages of a pack, each by its kind."""

from collections.abc import Iterator

from flows.case import MOST_FILES, MOST_PHOTOS
from flows.loading.marked_yaml import Path
from flows.loading.mistakes import Mistake, did_you_mean
from flows.loading.pack_index import Index
from flows.pack import Ask, PackKind, Page, PageKind
from flows.view import FieldKind

SCAN_SOURCES = ("number", "issuer", "name", "nationality", "birth", "sex")
"""What can be read from a document."""

RECEIPT_SOURCES = ("reference", "receipt_code")
"""What can be read from the code of a receipt."""

_OWN: dict[PageKind, tuple[str, ...]] = {
    PageKind.QUESTION: ("helper", "ask"),
    PageKind.SCAN: (),
    PageKind.PHOTOS: ("photos", "limit"),
    PageKind.LIST: ("list_of", "total"),
    PageKind.NOTICE: ("final", "hand_over", "entries", "code", "shows_status"),
    PageKind.FILES: ("files", "limit"),
}
_ASKED_WITH = {
    Ask.CHECK: ("enquiry.reference", "enquiry.receipt_code"),
    Ask.STATUS: ("enquiry.check",),
}


def check_pages(index: Index) -> Iterator[Mistake]:
    """Every mistake in what pages have, by their kind."""
    for number, page in enumerate(index.definition.pages):
        path: Path = ("pages", number)
        yield from _group_of(page, path, index)
        yield from _foreign(page, path)
        yield from _KIND_CHECKS[page.kind](page, path, index)


def _group_of(page: Page, path: Path, index: Index) -> Iterator[Mistake]:
    groups = index.definition.groups
    if page.for_each and page.for_each not in groups:
        where = (*path, "for_each")
        remedy = (
            did_you_mean(page.for_each, groups)
            if groups
            else f"declare it: groups: {{{page.for_each}: {{at_least: 1}}}}"
        )
        yield Mistake(where, f"the group “{page.for_each}” is not known", remedy)


def _question(page: Page, path: Path, index: Index) -> Iterator[Mistake]:
    if page.document or page.fills or page.photos or page.limit:
        yield Mistake(path, "document, fills, photos and limit do not belong to a question", "remove them")
    yield from _one_of(page, path)
    if page.scan_page and not is_kind(page.scan_page, PageKind.SCAN, index):
        where = (*path, "scan_page")
        yield Mistake(
            where, f"“{page.scan_page}” is no scan page", did_you_mean(page.scan_page, scan_pages(index))
        )


def _one_of(page: Page, path: Path) -> Iterator[Mistake]:
    """The schema of the case asks for one of them too, so each must be asked always."""
    free = [each.field for each in page.fields if each.in_case and not (each.required or each.when)]
    for number, name in enumerate(page.one_of):
        if name not in free:
            where = (*path, "one_of", number)
            yield Mistake(where, f"“{name}” is no field that this page always asks", did_you_mean(name, free))
    if len(page.one_of) == 1:
        yield Mistake((*path, "one_of"), "one of one is required anyway", "write required: true on the field")


def _scan(page: Page, path: Path, index: Index) -> Iterator[Mistake]:
    yield from _only(
        page, path, "a scan page has document and fills only", page.fields, page.photos, page.final
    )
    of_receipt = not page.document and not set(page.fills).isdisjoint(RECEIPT_SOURCES)
    if page.document not in index.by_name and not of_receipt:
        where = (*path, "document")
        yield Mistake(
            where, f"the field “{page.document}” is not known", did_you_mean(page.document, index.by_name)
        )
    for source, name in page.fills.items():
        where = (*path, "fills", source)
        known = RECEIPT_SOURCES if of_receipt else SCAN_SOURCES
        if source not in known:
            yield Mistake(where, f"“{source}” cannot be read", did_you_mean(source, known))
        if name not in index.by_name:
            yield Mistake(where, f"the field “{name}” is not known", did_you_mean(name, index.by_name))
    following = index.definition.pages[path[1] + 1 :][:1] if isinstance(path[1], int) else ()
    if not any(_confirms(each, page) for each in following):
        remedy = "put a question page of the same row, without a condition, after it"
        yield Mistake(path, "nothing shows what was read", remedy)


def _confirms(page: Page, scan: Page) -> bool:
    same = (page.kind, page.row, page.for_each) == (PageKind.QUESTION, scan.row, scan.for_each)
    shown_too = page.when in (None, scan.when, *((scan.when.all_ or ()) if scan.when else ()))
    return same and shown_too and any(each.when is None for each in page.fields)


def _not_too_many(page: Page, path: Path, most: int, what: str) -> Iterator[Mistake]:
    if page.limit > most:
        where = (*path, "limit")
        yield Mistake(where, f"{page.limit} {what} are too many for a report", f"write at most {most}")


def _photos(page: Page, path: Path, _index: Index) -> Iterator[Mistake]:
    yield from _only(
        page, path, "a photo page has photos and limit only", page.fields, page.document, page.final
    )
    if page.limit < 1:
        yield Mistake((*path, "limit"), "no photo could be taken", "write limit: 3")
    yield from _not_too_many(page, path, MOST_PHOTOS, "photos")
    prefix = f"{page.for_each}[]." if page.for_each else ""
    if not page.photos.startswith(prefix) or "[]" in page.photos.removeprefix(prefix):
        yield Mistake(
            (*path, "photos"),
            "photos of a member stand under its group, others do not",
            "write for_each with photos: items[].photos, or photos: report.photos",
        )


def _only(page: Page, path: Path, what: str, *others: object) -> Iterator[Mistake]:
    if any(others) or page.scan_page or page.one_of:
        yield Mistake(path, what, "move the rest to a page of its own")


def scan_pages(index: Index) -> list[str]:
    """The names of the scan pages."""
    return [page.page for page in index.definition.pages if page.kind is PageKind.SCAN]


def is_kind(name: str, kind: PageKind, index: Index) -> bool:
    """Whether a page of that name is of that kind."""
    number = index.pages.get(name)
    return number is not None and index.definition.pages[number].kind is kind


def _foreign(page: Page, path: Path) -> Iterator[Mistake]:
    """What belongs to another kind of page would silently do nothing."""
    own = _OWN[page.kind]
    for name in dict.fromkeys(each for names in _OWN.values() for each in names):
        if name not in own and getattr(page, name):
            kinds = [kind.value for kind, names in _OWN.items() if name in names]
            what = f"“{name}” does not belong to a page of kind {page.kind.value}"
            yield Mistake((*path, name), what, f"write kind: {kinds[0]}, or remove it")


def _asks(page: Page, path: Path, index: Index) -> Iterator[Mistake]:
    """A question with its fields, a helper and what asks the centre."""
    if not page.fields:
        yield Mistake(path, "a question asks nothing", "write fields, or kind: notice")
    if page.helper and (page.one_of or any(each.required or each.required_when for each in page.fields)):
        yield Mistake((*path, "helper"), "a helper question must not require an answer", "remove required")
    if page.ask is not None:
        names = [each.field for each in page.fields]
        for name in _ASKED_WITH[page.ask]:
            if name not in names:
                what = f"the centre is asked with “{name}”, which this page does not ask"
                yield Mistake((*path, "ask"), what, f"add the field {name}, or use the part lookup")
    yield from _question(page, path, index)


def _notice(page: Page, path: Path, index: Index) -> Iterator[Mistake]:
    yield from _only(page, path, "a notice asks nothing", page.fields, page.document, page.fills)
    if page.final and page.when is None:
        remedy = "add a condition with when: nothing after it is reachable else"
        yield Mistake((*path, "final"), "a final page needs a condition", remedy)
    if page.final and page.hand_over is not None:
        what = "a final page leads nowhere"
        yield Mistake((*path, "hand_over"), what, "remove final: Continue leads into the other service")
    if page.for_each:
        yield Mistake((*path, "for_each"), "a notice is read once", "remove for_each")
    if page.code and not page.code.startswith("https://"):
        yield Mistake((*path, "code"), f"“{page.code}” is no https address", "begin it with https://")
    if page.hand_over is not None:
        yield from _hand_over(page.hand_over.pack, page.hand_over.carries, page, path, index)


def _hand_over(
    there: str, carries: dict[str, str], page: Page, path: Path, index: Index
) -> Iterator[Mistake]:
    if there == index.definition.pack:
        where = (*path, "hand_over", "pack")
        yield Mistake(where, "the service leads into itself", "name another service, or move the pages")
    if page.when is None or not any(leaf.offers == there for leaf in page.when.leaves()):
        remedy = f"add {{offers: {there}}} to its condition, as sites choose their services"
        yield Mistake((*path, "when"), f"not every site offers “{there}”", remedy)
    for name in carries:
        if name not in index.by_name and index.categories(name) is None:
            where = (*path, "hand_over", "carries", name)
            yield Mistake(where, f"the field “{name}” is not known", did_you_mean(name, index.by_name))


def _list(page: Page, path: Path, index: Index) -> Iterator[Mistake]:
    yield from _only(page, path, "a list page asks nothing itself", page.fields, page.document, page.for_each)
    group = index.definition.groups.get(page.list_of)
    where = (*path, "list_of")
    if group is None:
        known = [name for name, each in index.definition.groups.items() if not each.chosen_by]
        yield Mistake(where, f"the group “{page.list_of}” is not known", did_you_mean(page.list_of, known))
        return
    if group.chosen_by:
        what = f"the members of “{page.list_of}” are chosen on a page of their own"
        yield Mistake(where, what, "remove chosen_by from the group, or the list page")
    numbers = [n for n, each in enumerate(index.definition.pages) if each.for_each == page.list_of]
    if numbers and numbers[-1] + 1 != path[1]:
        yield Mistake(path, "the list does not follow the pages of its members", "move it right after them")
    first = index.definition.pages[numbers[0]] if numbers else None
    if first is not None and (first.kind is not PageKind.QUESTION or first.when != page.when):
        what = f"the list of “{page.list_of}” is shown where its first page “{first.page}” is not"
        remedy = "let a question come first, and give both the same when"
        yield Mistake(("pages", numbers[0]), what, remedy)
    money = [n for n, each in index.by_name.items() if each.definition.kind is FieldKind.MONEY]
    money = [name for name in money if name.startswith(f"{page.list_of}[].")]
    if page.total and page.total not in money:
        where = (*path, "total")
        yield Mistake(
            where, f"“{page.total}” is no money field of the group", did_you_mean(page.total, money)
        )


def _files(page: Page, path: Path, index: Index) -> Iterator[Mistake]:
    yield from _only(page, path, "a files page has files and limit only", page.fields, page.document)
    if not page.files or "[]" in page.files or page.files in index.by_name:
        yield Mistake(
            (*path, "files"), "under which name files stand is not said", "write files: report.files"
        )
    if page.limit < 1:
        yield Mistake((*path, "limit"), "no file could arrive", "write limit: 10")
    yield from _not_too_many(page, path, MOST_FILES, "files")
    if index.definition.kind is not PackKind.REPORT:
        yield Mistake(path, "only a report takes files", "write kind: report, or remove the page")


_KIND_CHECKS = {
    PageKind.QUESTION: _asks,
    PageKind.SCAN: _scan,
    PageKind.PHOTOS: _photos,
    PageKind.LIST: _list,
    PageKind.NOTICE: _notice,
    PageKind.FILES: _files,
}
