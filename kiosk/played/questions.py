"""How a played visitor answers a page of questions: field by field, then on."""

from collections.abc import Generator
from functools import partial
from typing import Any

from flows.view import Field, FieldKind
from kiosk.played.answers import Answers
from kiosk.played.pickers import tell
from kiosk.played.scene import Acting, PlayError, Scene, Wait
from kiosk.played.typist import type_into


def answer_page(scene: Scene, answers: Answers) -> Acting:
    """Answer every field of a page, also those that an answer brings, and go on."""
    answered: set[str] = set()
    while (field := _next_field(scene, answered)) is not None:
        answered.add(field.name)
        answer = answers.to(field)
        if answer is not None:
            scene.steps[-1].thoughts += len(answered) > 1
            yield from _answer(scene, field, (yield from _recalled(scene, answer)))
    yield from _leave_question(scene)


def _recalled(scene: Scene, answer: Any) -> Generator[Wait, None, Any]:
    """The answer; where it is `{earlier = …}`, what paper or a message says."""
    if not (isinstance(answer, dict) and set(answer) == {"earlier"}):
        return answer
    said: list[str] = []
    yield Wait(partial(_recall, scene, answer["earlier"], said), f"{answer['earlier']} is known")
    return said[-1]


def _recall(scene: Scene, what: str, said: list[str]) -> bool:
    said.append(str(scene.door.ask(earlier=what)["said"]))
    return said[-1] != ""


def _leave_question(scene: Scene) -> Acting:
    page, before = scene.page(), _warning(scene)
    scene.go_on()
    yield Wait(lambda: scene.page() != page or _is_answered_back(scene, before), "the page changes")
    if scene.page() == page and not _problem(scene):
        scene.depart("button:next")  # a warning has been seen and is left as it is
        yield Wait(lambda: scene.page() != page or _problem(scene) != "", "the page changes")
    if scene.page() == page:
        raise PlayError(f"the page does not take the answers: {_problem(scene)}")


def _is_answered_back(scene: Scene, warning: str) -> bool:
    return _problem(scene) != "" or _warning(scene) != warning


def _warning(scene: Scene) -> str:
    return ", ".join(f"{each.name}: {each.warning.key}" for each in scene.fields() if each.warning)


def _problem(scene: Scene) -> str:
    return ", ".join(f"{each.name}: {each.problem.key}" for each in scene.fields() if each.problem)


def _next_field(scene: Scene, answered: set[str]) -> Field | None:
    return next((each for each in scene.fields() if each.name not in answered), None)


def _answer(scene: Scene, field: Field, answer: Any) -> Acting:
    match field.kind:
        case FieldKind.CHOICE | FieldKind.YES_NO:
            if field.value != answer:
                scene.finger.tap(f"tile:{field.name}:{answer}")
            yield Wait(lambda: scene.field(field.name).value == answer, f"{answer} is chosen")
        case FieldKind.MULTI_CHOICE:
            yield from _choose_several(scene, field, list(answer))
        case FieldKind.WHEN | FieldKind.DATE | FieldKind.TIME:
            tell(scene, field, answer)
        case FieldKind.LISTED:
            yield from _choose_listed(scene, field, str(answer))
        case FieldKind.SKETCH:
            yield from _draw(scene, field, str(answer))
        case _:
            yield from type_into(scene, field, str(answer))


def _choose_several(scene: Scene, field: Field, wanted: list[str]) -> Acting:
    chosen = field.value if isinstance(field.value, list) else []
    for value in [option.value for option in field.options]:
        if (value in wanted) != (value in chosen):
            scene.finger.tap(f"tile:{field.name}:{value}")
    yield Wait(lambda: set(_as_list(scene.field(field.name).value)) == set(wanted), "all are chosen")


def _choose_listed(scene: Scene, field: Field, code: str) -> Acting:
    """By the heading under which the entry stands, as somebody who knows the list."""
    if field.value == code:
        return
    places = (
        place
        for place, heading in enumerate(field.headings)
        if code in {option.value for option in heading.options}
    )
    place = next(places, None)
    if place is None:
        raise PlayError(f"{field.name} has no entry {code}")
    if len(field.headings) > 1:
        scene.finger.tap(f"heading:{field.name}:{place}")
    tile = f"tile:{field.name}:{code}"
    yield Wait(lambda: scene.is_there(tile), f"{code} is there")
    scene.finger.tap(tile)
    yield Wait(lambda: scene.field(field.name).value == code, f"{code} is chosen")


def _draw(scene: Scene, field: Field, lines: str) -> Acting:
    drawn = [[_point(point) for point in line.split(" ")] for line in lines.split(";")]
    scene.finger.draw(f"sketch:{field.name}", drawn)
    yield Wait(lambda: str(scene.field(field.name).value).count(";") >= len(drawn) - 1, "the lines are drawn")


def _point(text: str) -> tuple[int, int]:
    x, y = text.split(",")
    return int(x), int(y)


def _as_list(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
