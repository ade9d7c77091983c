"""Checks of a pack's words against its definition: nothing missing, nothing unused, nothing too long."""

import re
from collections.abc import Iterable, Iterator
from string import Formatter

from pydantic import BaseModel

from flows.languages import Language
from flows.loading.marked_yaml import Path
from flows.loading.mistakes import Mistake, did_you_mean
from flows.loading.pack_index import Index
from flows.pack import Definition, FieldDef, PackKind, PageKind
from flows.pack_texts import FieldText, OptionText, PageText, Texts
from flows.picture.wording import ITEM, ITEM_LABEL, SITE_WORDS
from flows.privacy import Place, may_appear

_MOST = {
    "title": 60,
    "help": 110,
    "label": 50,
    "hint": 90,
    "service": 30,
    "row": 30,
    "step": 140,
    "paragraph": 240,
    "submit": 12,
    "received": 36,
}
"""Characters of English that fit the screens; Chinese characters are twice as wide."""

_CHINESE_SHARE = 0.55
_MOST_WORDS = 20
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)")


def check_texts(definition: Definition, texts: Texts, language: Language) -> Iterator[Mistake]:
    """Every mistake in one language's words."""
    if texts.language is not language:
        yield Mistake(
            ("language",), f"the file is named {language.value}", f"write language: {language.value}"
        )
    index = Index(definition)
    yield from _complete(definition, texts, index)
    yield from _options(texts, index)
    yield from _legal(definition, texts)
    yield from _submission(definition, texts)
    yield from _notices(definition, texts)
    yield from _words(definition, texts, language)
    yield from _formats(texts.words)
    yield from _formats(texts.receipt, allowed=SITE_WORDS)


# --- complete -----------------------------------------------------------------------------------------------


def _complete(definition: Definition, texts: Texts, index: Index) -> Iterator[Mistake]:
    yield from _same("pages", texts.pages, [page.page for page in definition.pages])
    yield from _same("fields", texts.fields, index.by_name)
    yield from _same("rows", texts.rows, dict.fromkeys(page.row for page in definition.pages if page.row))
    yield from _same("next_steps", texts.next_steps, [each.step for each in definition.next_steps])
    added = [name for name, group in definition.groups.items() if not group.chosen_by]
    yield from _same("groups", texts.groups, added)
    yield from _same("slips", texts.slips, [each.slip for each in definition.slips])


def _options(texts: Texts, index: Index) -> Iterator[Mistake]:
    for name, placed in index.by_name.items():
        if name in texts.fields:
            path: Path = ("fields", name, "options")
            yield from _same(path, texts.fields[name].options, placed.definition.option_values)


def _legal(definition: Definition, texts: Texts) -> Iterator[Mistake]:
    """The words that a visitor must accept: who is asked for nothing accepts nothing."""
    wanted = {
        "privacy": definition.kind is not PackKind.INFORMATION,
        "declaration": definition.kind is PackKind.REPORT,
    }
    for part, needed in wanted.items():
        written = getattr(texts, part) is not None
        if needed and not written:
            yield Mistake((part,), f"the words for “{part}” are missing", f"write {part}")
        if written and not needed:
            what = f"a service of kind {definition.kind.value} shows no {part}"
            yield Mistake((part,), what, "remove it")


def _submission(definition: Definition, texts: Texts) -> Iterator[Mistake]:
    """A service that names what is submitted does so before and after."""
    written = {part: bool(getattr(texts, part)) for part in ("submit", "received")}
    for part, is_written in written.items():
        if is_written and definition.kind is not PackKind.REPORT:
            what = f"a service of kind {definition.kind.value} submits nothing"
            yield Mistake((part,), what, "remove it")
        elif not is_written and any(written.values()):
            yield Mistake((part,), f"the words for “{part}” are missing", f"write {part}")


def _notices(definition: Definition, texts: Texts) -> Iterator[Mistake]:
    for page in definition.pages:
        words = texts.pages.get(page.page)
        if words is None:
            continue
        silent = page.kind is PageKind.NOTICE and not page.shows_status and not page.entries
        if silent and not (words.paragraphs or words.help):
            yield Mistake(("pages", page.page), "a notice that says nothing", "write paragraphs")
        if page.kind is not PageKind.NOTICE and words.paragraphs:
            path: Path = ("pages", page.page, "paragraphs")
            yield Mistake(path, "only a notice has paragraphs", "write kind: notice, or use help")


def _same(where: str | Path, written: Iterable[str], wanted: Iterable[str]) -> Iterator[Mistake]:
    path = (where,) if isinstance(where, str) else where
    written, wanted = list(written), list(wanted)
    for name in wanted:
        if name not in written:
            yield Mistake(path, f"the words for “{name}” are missing", f"write {name}")
    for name in written:
        if name not in wanted:
            unused = [each for each in wanted if each not in written]
            remedy = did_you_mean(name, unused) if unused else "remove it"
            yield Mistake((*path, name), f"“{name}” is used nowhere", remedy)


# --- words --------------------------------------------------------------------------------------------------


def _words(definition: Definition, texts: Texts, language: Language) -> Iterator[Mistake]:
    pages = {page.page: page for page in definition.pages}
    rows = {page.row: bool(page.for_each) for page in definition.pages}
    slips = {slip.slip: bool(slip.for_each) for slip in definition.slips}
    choices = [each.field for page in definition.pages for each in page.fields if each.options]
    typed = {each.field for page in definition.pages for each in page.fields if not each.options}
    always = (*SITE_WORDS, *choices)
    unprinted = {each.field for page in definition.pages for each in page.fields if not _may_be_printed(each)}
    grouped = (*always, ITEM, ITEM_LABEL)
    for path, text, kind in _all(texts):
        in_group = "[]" in str(path[1:2]) or (
            path[0] == "pages" and path[1] in pages and bool(pages[str(path[1])].for_each)
        )
        in_group = in_group or (path[0] == "rows" and rows.get(str(path[1]), False))
        in_group = in_group or (path[0] == "slips" and slips.get(str(path[1]), False))
        allowed = grouped if in_group else always
        if path[0] == "fields" and path[2:3] == ("options",):  # an option cannot say what was chosen
            allowed = tuple(name for name in allowed if name != path[1])
        if _is_on_paper(definition, path):
            allowed = tuple(name for name in allowed if name not in unprinted)
        yield from _one(path, text, kind, language)
        yield from _braces(path, text, allowed, typed)


def _may_be_printed(field: FieldDef) -> bool:
    return may_appear(field.privacy, Place.PAPER)


def _is_on_paper(definition: Definition, path: Path) -> bool:
    """Whether words stand on a receipt or a slip, for others to read."""
    if path[0] == "fields":
        lines = [line.field for slip in definition.slips for line in slip.lines]
        return path[1] in (*definition.receipt_lines, *lines)
    return path[0] == "next_steps" or (path[0] == "slips" and path[2] != "ask")


def _all(texts: Texts) -> Iterator[tuple[Path, str, str]]:
    yield ("service",), texts.service, "service"
    for part, kind in (("header", "service"), ("submit", "submit"), ("received", "received")):
        if text := getattr(texts, part):
            yield (part,), text, kind
    for name, page in texts.pages.items():
        yield from _parts(("pages", name), page)
    for name, field in texts.fields.items():
        yield from _parts(("fields", name), field)
        for value, option in field.options.items():
            yield from _parts(("fields", name, "options", value), option)
    for name, row in texts.rows.items():
        yield ("rows", name), row, "row"
    for name, step in texts.next_steps.items():
        yield ("next_steps", name), step, "step"
    yield from _members_and_slips(texts)
    yield from _paragraphs(texts)


def _members_and_slips(texts: Texts) -> Iterator[tuple[Path, str, str]]:
    for name, group in texts.groups.items():
        yield ("groups", name, "label"), group.label, "row"
        yield ("groups", name, "name"), group.name, "row"
    for name, slip in texts.slips.items():
        yield ("slips", name, "title"), slip.title, "title"
        yield ("slips", name, "ask"), slip.ask, "label"
        if slip.note:
            yield ("slips", name, "note"), slip.note, "paragraph"
        if slip.note:
            yield ("slips", name, "note"), slip.note, "paragraph"


def _paragraphs(texts: Texts) -> Iterator[tuple[Path, str, str]]:
    for name, page in texts.pages.items():
        for number, paragraph in enumerate(page.paragraphs):
            yield ("pages", name, "paragraphs", number), paragraph, "paragraph"
    for part, legal in (("privacy", texts.privacy), ("declaration", texts.declaration)):
        for number, paragraph in enumerate(legal.paragraphs if legal else ()):
            yield (part, "paragraphs", number), paragraph, "paragraph"


def _parts(path: Path, words: PageText | FieldText | OptionText) -> Iterator[tuple[Path, str, str]]:
    for name in ("title", "help", "label", "hint"):
        text = getattr(words, name, None)
        if text is not None and (text or name in ("title", "label")):
            yield (*path, name), text, name


def _one(path: Path, text: str, kind: str, language: Language) -> Iterator[Mistake]:
    if not text.strip():
        yield Mistake(path, "no words", "write them")
    most = _MOST[kind] if language is Language.ENGLISH else int(_MOST[kind] * _CHINESE_SHARE)
    if len(text) > most:
        yield Mistake(path, f"{len(text)} characters are too long for its place", f"use at most {most}")
    if language is Language.ENGLISH:
        longest = max((len(sentence.split()) for sentence in _SENTENCE_END.split(text)), default=0)
        if longest > _MOST_WORDS:
            yield Mistake(path, f"a sentence of {longest} words", f"use at most {_MOST_WORDS}")


def _braces(path: Path, text: str, allowed: tuple[str, ...], typed: set[str]) -> Iterator[Mistake]:
    for name in braces(text):
        if name in (ITEM, ITEM_LABEL) and name not in allowed:
            yield Mistake(
                path, f"{{{name}}} is known only on pages for each member", "write it without the item"
            )
        elif name in typed:
            what = f"“{name}” is typed by the visitor, and never put into words"
            yield Mistake(path, what, f"name a choice, or one of {', '.join(SITE_WORDS)}")
        elif name not in allowed:
            yield Mistake(path, f"nothing is known to put in for {{{name}}}", did_you_mean(name, allowed))


def braces(text: str) -> list[str]:
    """The names in braces."""
    return re.findall(r"\{([^{}]*)\}", text)


def _formats(words: BaseModel, allowed: tuple[str, ...] = ()) -> Iterator[Mistake]:
    """Each word must put in just what its description names."""
    part = "words" if not allowed else "receipt"
    for name, field in type(words).model_fields.items():
        text = getattr(words, name)
        wanted = braces(field.description or "")
        for each in text if isinstance(text, tuple) else (text,):
            written = [found for _, found, _, _ in Formatter().parse(each) if found is not None]
            missing = [word for word in wanted if word not in written]
            strange = [word for word in written if word not in (*wanted, *allowed)]
            if missing:
                yield Mistake((part, name), f"{{{missing[0]}}} is missing", "write it into the words")
            if strange:
                remedy = did_you_mean(strange[0], (*wanted, *allowed))
                yield Mistake((part, name), f"nothing is known to put in for {{{strange[0]}}}", remedy)
