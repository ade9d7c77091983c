"""The list for the force's lawyers is complete, fresh and tells when a word changed."""

import importlib.util
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from flows.events import KeepCase, Touch
from flows.languages import Language
from flows.loading.pack_loader import PACKS, load_packs, pack_names
from flows.pack import Pack, PackKind
from flows.pack_texts import LegalText

DOCS = PACKS.parents[1] / "docs"
PAGE = DOCS / "legal-texts.md"


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("legal_texts", DOCS / "legal_texts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


legal_texts = _loaded()


@pytest.fixture(scope="module")
def shipped() -> dict[str, Pack]:
    return load_packs(pack_names()).packs


def test_the_page_is_fresh(shipped: dict[str, Pack]) -> None:
    assert PAGE.read_text(encoding="utf-8") == legal_texts.page_of(shipped.values())


def test_every_service_that_asks_has_its_statement_and_declaration(shipped: dict[str, Pack]) -> None:
    for name, pack in shipped.items():
        names = {title for title, _ in legal_texts.legal_texts(pack)}
        if pack.definition.kind is not PackKind.INFORMATION:
            assert "collection statement" in names, name
        if pack.definition.kind is PackKind.REPORT:
            assert "declaration" in names, name


def test_the_languages_of_a_text_say_the_same_version(shipped: dict[str, Pack]) -> None:
    for name, pack in shipped.items():
        for title, texts in legal_texts.legal_texts(pack):
            assert len({words.version for words in texts}) == 1, (name, title)
            assert len(texts) == len(pack.definition.languages), (name, title)


def test_the_hash_is_that_of_a_case(new_person: Callable[..., Any], shipped: dict[str, Pack]) -> None:
    person = new_person().to_declare(Language.ENGLISH).touch(Touch.SUBMIT)
    consents: dict[str, Any] = person.commands(KeepCase)[-1].case.document["consents"]
    listed = dict(legal_texts.legal_texts(shipped["lost_property"]))
    for title, consent in (("collection statement", "pics_ack"), ("declaration", "accuracy_declaration")):
        english = next(words for words in listed[title] if words.language == Language.ENGLISH)
        assert consents[consent]["sha256"] == english.sha256


def _with_privacy(pack: Pack, language: Language, **changed: Any) -> Pack:
    texts = pack.texts[language]
    assert isinstance(texts.privacy, LegalText)
    privacy = texts.privacy.model_copy(update=changed)
    return pack.model_copy(
        update={"texts": {**pack.texts, language: texts.model_copy(update={"privacy": privacy})}}
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"paragraphs": ("Other words.",)},
        {"version": "2027-01"},
        {"needs_sign_off": False},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_changed_text_makes_the_page_stale(shipped: dict[str, Pack], changed: dict[str, Any]) -> None:
    name = "lost_property"
    others = {**shipped, name: _with_privacy(shipped[name], Language.SIMPLIFIED_CHINESE, **changed)}
    assert PAGE.read_text(encoding="utf-8") != legal_texts.page_of(others.values())
