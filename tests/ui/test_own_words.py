"""The words of a pack for what is submitted, on their button and in their title, in every look."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import inspection
import pytest
from samples import SAMPLES

from config.settings import Orientation
from flows.languages import Language
from flows.loading.pack_loader import load_packs, pack_names
from flows.view import DeclareBody, ViewState
from ui.bridge.comfort import TEXT_PERCENTS
from ui.engine import Face
from ui.i18n.catalogue import load_catalogue

Build = Callable[..., Face]
Words = tuple[str, str]
APPS: Words = ("", "")


def own_words(language: Language) -> list[Words]:
    """What packs say, each once: the button and the title."""
    packs = load_packs(pack_names()).packs.values()
    return sorted({(pack.texts[language].submit, pack.texts[language].received) for pack in packs} - {APPS})


def screens(language: Language, words: Words) -> Iterator[ViewState]:
    """The declaration and the end of a service that has these words."""
    declared = SAMPLES["declare"](language)
    assert isinstance(declared.body, DeclareBody)
    yield replace(declared, body=replace(declared.body, submit=words[0]))
    yield replace(SAMPLES["received"](language), title=words[1])


def lines(face: Face, text: str) -> int:
    """In how many lines a text is drawn."""
    seen = inspection.Look(face.window).texts
    return min(int(each.item.property("lineCount")) for each in seen if each.item.property("text") == text)


def faults_of(face: Face, language: Language, words: Words) -> Iterator[str]:
    """What is wrong with the two screens; a word that is not there at all is a `ValueError`.

    The button has one line, the title no more than the app's own in the same look.
    """
    checks = (inspection.cut_texts, inspection.outside_the_window, inspection.broken_words)
    face.show_view(SAMPLES["received"](language))
    wanted = (1, lines(face, load_catalogue()[language]["received.title"]))
    for view, text, most in zip(screens(language, words), words, wanted, strict=True):
        face.show_view(view)
        count = lines(face, text)
        if count > most:
            yield f"{language.value}: “{text}” takes {count} lines"
        yield from (f"{text}: {fault}" for check in checks for fault in check(inspection.Look(face.window)))


@pytest.mark.parametrize("percent", TEXT_PERCENTS)
@pytest.mark.parametrize("orientation", list(Orientation))
def test_own_words_are_short_enough(gallery: Build, orientation: Orientation, percent: int) -> None:
    face = gallery(orientation)
    while face.comfort.textPercent != percent:
        face.comfort.nextTextSize()
    faults = [
        fault
        for language in Language
        for words in own_words(language)
        for fault in faults_of(face, language, words)
    ]
    assert not faults, "\n".join(faults)


BUGS = [
    ("screens/Declare.qml", "page.body.submit || ", ""),
    ("screens/Received.qml", 'Bridge.state.title === ""', "true"),
]


@pytest.mark.parametrize(("file", "before", "after"), BUGS)
def test_planted_bugs_are_found(planted: Callable[..., Build], file: str, before: str, after: str) -> None:
    face = planted(file, before, after)()
    with pytest.raises(ValueError, match="empty"):
        list(faults_of(face, Language.ENGLISH, own_words(Language.ENGLISH)[0]))
