"""How a played visitor types: on the keys of the screen, Chinese with an input method as a person would."""

import time

from flows.view import Field, Keyboard
from kiosk.played.playbook import text_of, typed
from kiosk.played.scene import Acting, PlayError, Scene, Wait

KEY_PAUSE_S = 0.03
"""Faster presses of the same key are taken for a bouncing panel."""

_KEYPADS = (Keyboard.DIGITS, Keyboard.AMOUNT, Keyboard.PHONE)
_PAGES_OF_CANDIDATES = 12


def type_into(scene: Scene, field: Field, words: str) -> Acting:
    """Make a field hold these words, written as `playbook.typed` reads them."""
    wanted = text_of(words)
    if field.value == wanted:
        return
    item = scene.finger.await_item(f"field:{field.name}")
    if not item.hasActiveFocus():
        scene.finger.tap(f"field:{field.name}")
        scene.finger.await_picture()  # with the keys of this field
        yield Wait(lambda: _has_keys_for(scene, field) and scene.is_settled(), "the keys are there")
    for _ in str(field.value):
        yield from _press(scene, "backspace")
    for keys, result in typed(words):
        yield from _type_unit(scene, keys, result, writing=field.keyboard is Keyboard.WRITING)
    yield Wait(
        lambda: scene.field(field.name).value == wanted,
        f"{field.name} holds what was typed",
    )


def _has_keys_for(scene: Scene, field: Field) -> bool:
    """Those of the field before may be shown for a moment longer; a keypad leads to no symbols."""
    if field.keyboard in _KEYPADS and scene.is_there("key:symbols"):
        return False
    return bool(scene.finger.shown("key:"))


def _type_unit(scene: Scene, keys: str, result: str, *, writing: bool) -> Acting:
    if keys == result:
        if writing:
            yield from _use(scene, "latin")
        yield from _press_character(scene, result)
        return
    yield from _use(scene, scene.book.input_method[scene.language])
    for key in keys:
        yield from _press(scene, key)
    for _ in range(_PAGES_OF_CANDIDATES):
        candidate = _candidate(scene, result)
        if candidate:
            yield from _press_item(scene, candidate)
            return
        yield from _press(scene, "page_next")
    raise PlayError(f"{keys} offers no {result}")


def _candidate(scene: Scene, text: str) -> str:
    candidates = (item for item in scene.finger.shown("candidate:") if item.property("label") == text)
    return next((item.objectName() for item in candidates), "")


def _use(scene: Scene, method: str) -> Acting:
    name = f"mode:{method}"
    if scene.is_there("key:chinese") and method != "latin":
        yield from _press(scene, "chinese")
    key = scene.finger.find(f"key:{name}")
    if key is not None and not key.property("chosen"):
        yield from _press(scene, name)
        yield Wait(lambda: _is_chosen(scene, f"key:{name}"), f"{method} is in use")


def _is_chosen(scene: Scene, name: str) -> bool:
    key = scene.finger.find(name)
    return key is not None and bool(key.property("chosen"))


def _press_character(scene: Scene, character: str) -> Acting:
    name = "space" if character == " " else character
    if scene.is_there(f"key:{name}"):
        yield from _press(scene, name)
        return
    detour, back = ("shift", "") if character.isalpha() else ("symbols", "letters")
    yield from _press(scene, detour)
    yield from _press(scene, name)
    if back:
        yield from _press(scene, back)


def _press(scene: Scene, name: str) -> Acting:
    yield from _press_item(scene, f"key:{name}")


def _press_item(scene: Scene, item: str) -> Acting:
    yield Wait(lambda: scene.is_there(item), f"{item} is there")
    scene.finger.tap(item)
    scene.steps[-1].keys += 1
    rested = time.monotonic() + KEY_PAUSE_S
    yield Wait(lambda: time.monotonic() > rested, "the finger is lifted")
