"""The page of legal texts: what the force's lawyers must approve, of every service in every language."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flows.loading.pack_loader import load_packs, pack_names
from flows.pack import NoticeTone, Pack
from flows.pack_texts import LegalText, PageText

_DIGITS = 12
"""Of the SHA-256, as many as are shown."""

_HEAD = """# Legal texts

<!-- Made by `make docs` from flows/packs; do not edit. -->

Every text of the kiosk that the force's lawyers and translators must approve before it is in service, in
each language. The words stand in `flows/packs/<service>/texts/<language>.yaml`, or in `flows/packs/_parts`
where services share them.

The hash is the beginning of the SHA-256 of the words (UTF-8, lines joined by a line feed): of the paragraphs
of a statement or declaration, as a case names it in full; of title, help and paragraphs of a notice, whose
version is that of its service. To sign a text off: raise its `version`, write `needs_sign_off: false`, run
`make docs`. Whoever changes a word afterwards changes the hash, which shows here."""


@dataclass(frozen=True, slots=True)
class LegalWords:
    """One text in one language."""

    language: str
    version: str
    paragraphs: tuple[str, ...]
    signed_off: bool

    @property
    def sha256(self) -> str:
        """Of the words, hex; for statements and declarations the same as in a case."""
        return hashlib.sha256("\n".join(self.paragraphs).encode()).hexdigest()


def page() -> str:
    """The text of docs/legal-texts.md. Raises `BadPackError` when a pack has mistakes."""
    return page_of(load_packs(pack_names()).packs.values())


def page_of(packs: Iterable[Pack]) -> str:
    """The page of some services, in their order."""
    packs = tuple(packs)
    waiting = sum(not words.signed_off for pack in packs for _, texts in legal_texts(pack) for words in texts)
    lines = [_HEAD, "", f"Texts that wait for approval, each language counted: **{waiting}**."]
    for pack in packs:
        lines += ["", *_table(pack)]
    return "\n".join([*lines, ""])


def legal_texts(pack: Pack) -> Iterator[tuple[str, tuple[LegalWords, ...]]]:
    """Each legal text of a service by its name, in its languages."""
    yield from _statements("collection statement", [(each, pack.texts[each].privacy) for each in pack.texts])
    yield from _statements("declaration", [(each, pack.texts[each].declaration) for each in pack.texts])
    for name, definition in pack.pages.items():
        written = {language: texts.pages[name] for language, texts in pack.texts.items()}
        if definition.tone is NoticeTone.LEGAL or any(each.needs_sign_off for each in written.values()):
            version = pack.definition.version
            yield f"notice `{name}`", tuple(_notice(each, version, words) for each, words in written.items())


def _statements(
    name: str, written: list[tuple[str, LegalText | None]]
) -> Iterator[tuple[str, tuple[LegalWords, ...]]]:
    found = tuple(
        LegalWords(language, text.version, text.paragraphs, not text.needs_sign_off)
        for language, text in written
        if text is not None
    )
    if found:
        yield name, found


def _notice(language: str, version: str, words: PageText) -> LegalWords:
    paragraphs = (words.title, words.help, *words.paragraphs)
    return LegalWords(language, version, paragraphs, not words.needs_sign_off)


def _table(pack: Pack) -> Iterator[str]:
    languages = [language.value for language in pack.definition.languages]
    service = next(
        (texts.service for language, texts in pack.texts.items() if language.value == "en"), pack.name
    )
    yield f"## {service} (`{pack.name}`)"
    yield ""
    yield f"| text | version | {' | '.join(languages)} | signed off |"
    yield "|---" * (len(languages) + 3) + "|"
    for name, texts in legal_texts(pack):
        by_language = {str(words.language): words for words in texts}
        versions = " / ".join(dict.fromkeys(words.version for words in texts))
        hashes = (
            f"`{by_language[each].sha256[:_DIGITS]}`" if each in by_language else "–" for each in languages
        )
        yield f"| {name} | {versions} | {' | '.join(hashes)} | {_signed_off(texts)} |"


def _signed_off(texts: tuple[LegalWords, ...]) -> str:
    waiting = [str(words.language) for words in texts if not words.signed_off]
    if not waiting:
        return "yes"
    return "no" if len(waiting) == len(texts) else f"all but {', '.join(waiting)}"
