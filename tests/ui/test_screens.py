"""Every screen in every language, orientation, theme and size: nothing cut, tiny, crowded or pale."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import inspection
import pytest
from samples import SAMPLES

from config.settings import Orientation
from flows.languages import Language
from ui.bridge.comfort import TEXT_PERCENTS
from ui.engine import Face
from ui.robot import Robot

pytestmark = pytest.mark.slow

Build = Callable[..., Face]

CHECKS = (
    inspection.cut_texts,
    inspection.outside_the_window,
    inspection.lone_characters,
    inspection.broken_words,
    inspection.small_targets,
    inspection.crowded_targets,
    inspection.rich_texts,
    inspection.unnamed_controls,
    inspection.missing_glyphs,
)


def _set_text(face: Face, percent: int) -> None:
    while face.comfort.textPercent != percent:
        face.comfort.nextTextSize()


def _looks(face: Face, languages: Iterable[Language] = Language) -> Iterator[tuple[str, inspection.Look]]:
    """Show every sample in turn, name it and look at it."""
    for language in languages:
        for name, make in SAMPLES.items():
            face.show_view(make(language))
            yield f"{name} {language.value}", inspection.Look(face.window)


@pytest.mark.parametrize("percent", TEXT_PERCENTS)
@pytest.mark.parametrize("orientation", list(Orientation))
@pytest.mark.parametrize("contrast", [False, True], ids=["standard", "contrast"])
def test_every_screen_is_whole(
    gallery: Build, orientation: Orientation, percent: int, contrast: bool
) -> None:
    face = gallery(orientation)
    _set_text(face, percent)
    languages = list(Language)
    if contrast:  # colours move nothing: each look takes its turn with one language
        face.comfort.toggleContrast()
        languages = [languages[TEXT_PERCENTS.index(percent) % len(languages)]]
    faults = [
        f"{place}: {check.__name__}: {fault}"
        for place, look in _looks(face, languages)
        for check in CHECKS
        for fault in check(look)
    ]
    assert not faults, "\n".join(faults[:60])


@pytest.mark.parametrize("percent", TEXT_PERCENTS)
@pytest.mark.parametrize("orientation", list(Orientation))
def test_title_and_help_of_the_pack_are_always_there(
    gallery: Build, orientation: Orientation, percent: int
) -> None:
    face = gallery(orientation)
    _set_text(face, percent)
    title = "Which identity document can you give us today, please?"
    help_ = "Choose it even if it is the very document that you have lost. We ask for its number next."
    for view in (SAMPLES["choice"](Language.ENGLISH), SAMPLES["date"](Language.ENGLISH)):
        face.show_view(replace(view, title="Which?", help="Any."))  # fits beside the answers in landscape
        inspection.Look(face.window)
        face.show_view(replace(view, title=title, help=help_))
        shown = {seen.item.property("text") for seen in inspection.Look(face.window).texts}
        assert {title, help_} <= shown


@pytest.mark.parametrize(("contrast", "least"), [(False, 4.5), (True, 7.0)], ids=["standard", "contrast"])
def test_text_stands_out_in_real_pixels(gallery: Build, contrast: bool, least: float) -> None:
    face = gallery()
    if contrast:
        face.comfort.toggleContrast()
    faults = []
    for name, make in SAMPLES.items():
        face.show_view(make(Language.ENGLISH))
        faults += [f"{name}: {fault}" for fault in inspection.pale_texts(inspection.Look(face.window), least)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("percent", [TEXT_PERCENTS[0], TEXT_PERCENTS[-1]])
@pytest.mark.parametrize("orientation", list(Orientation))
def test_the_keyboard_never_covers_the_field(gallery: Build, orientation: Orientation, percent: int) -> None:
    face = gallery(orientation)
    robot = Robot(face.window)
    _set_text(face, percent)
    faults = []
    for language in Language:
        for name in ("text", "contact", "document"):
            face.show_view(SAMPLES[name](language))
            robot.await_item("key:done")
            robot.settle()
            faults += inspection.covered_field(inspection.Look(face.window))
    assert not faults, "\n".join(faults)
