"""What the visitor can do now, by what was lost and where."""

from flows.conditions import holds
from flows.view import NextStep
from flows.wording import Wording


def next_steps(wording: Wording) -> tuple[NextStep, ...]:
    """The advice that fits this report, in the order of the pack."""
    return tuple(
        NextStep(
            text=wording.fill(wording.texts.next_steps[each.step]),
            icon=each.icon.value if each.icon else "",
        )
        for each in wording.known.pack.definition.next_steps
        if holds(each.when, wording.known)
    )
