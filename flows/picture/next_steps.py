"""What the visitor can do now, by what was lost and where."""

from flows.conditions import holds
from flows.pack import StepPlace
from flows.picture.wording import Wording
from flows.view import NextStep


def next_steps(wording: Wording, where: StepPlace) -> tuple[NextStep, ...]:
    """The advice that fits this report and its place, in the order of the pack."""
    return tuple(
        NextStep(
            text=wording.fill(wording.texts.next_steps[each.step]),
            icon=each.icon.value if each.icon else "",
        )
        for each in wording.known.pack.definition.next_steps
        if where in each.where and holds(each.when, wording.known)
    )
