"""What a played visit leaves to read: `times.json` for programs, `report.md` for people."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.played.keystroke_level import KEY_S, POINT_S, PRESS_S, THINK_S
from kiosk.played.playbook import Playbook

Case = dict[str, Any]

_MODEL = (
    f"Keystroke-level model (Card, Moran, Newell 1980): a tap is {POINT_S} s to reach, {PRESS_S} s to press, "
    f"a key {KEY_S} s, a new page or field {THINK_S} s to take in. The machine's own time is not in it."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a visit went. `delivered_s` counts from the visitor's leaving to the case at the centre."""

    playbook: Playbook
    failure: str
    reference: str
    official_number: str
    steps: list[dict[str, Any]]
    memory_mb: dict[str, float]
    cases: list[Case]
    delivered_s: float

    @property
    def totals(self) -> dict[str, float]:
        """Sums over all pages."""
        names = ("seconds", "taps", "keys", "thoughts", "keystroke_level_s")
        return {name: round(sum(step[name] for step in self.steps), 2) for name in names}

    def as_json(self) -> dict[str, Any]:
        """Everything, for `times.json`."""
        return {
            "title": self.playbook.title,
            "language": self.playbook.language.value,
            "site": self.playbook.site,
            "orientation": self.playbook.orientation.value,
            "finished": not self.failure,
            "failure": self.failure,
            "reference": self.reference,
            "official_number": self.official_number,
            "cases_at_centre": len(self.cases),
            "delivered_s": round(self.delivered_s, 3),
            "totals": self.totals,
            "memory_mb": self.memory_mb,
            "steps": self.steps,
        }


def write(outcome: Outcome, folder: Path) -> None:
    """Write `times.json`, `report.md`, and `case.json` where there is a case."""
    _write_json(folder / "times.json", outcome.as_json())
    if outcome.cases:
        _write_json(folder / "case.json", outcome.cases[0])
    (folder / "report.md").write_text(_markdown(outcome, sorted(folder.glob("[0-9]*.png"))), encoding="utf-8")


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _markdown(outcome: Outcome, pictures: list[Path]) -> str:
    totals = outcome.totals
    ending = f"**Not finished:** {outcome.failure}" if outcome.failure else "Finished."
    lines = [
        f"# {outcome.playbook.title}",
        "",
        f"{outcome.playbook.language}, {outcome.playbook.site}, {outcome.playbook.orientation}. {ending}",
        "",
        f"- Reference: {outcome.reference or '–'}",
        f"- Official number seen by the visitor: {outcome.official_number or '–'}",
        f"- Cases at the centre: {len(outcome.cases)}, {outcome.delivered_s:.1f} s after the visitor left",
        f"- {totals['taps']:.0f} taps and {totals['keys']:.0f} keys",
        f"- Keystroke-level time: {totals['keystroke_level_s']:.0f} s; played in {totals['seconds']:.1f} s",
        "",
        "| page | taps | keys | keystroke-level s | played s |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {step['page']} | {step['taps']} | {step['keys']} | {step['keystroke_level_s']:.1f} "
            f"| {step['seconds']:.2f} |"
            for step in outcome.steps
        ),
        "",
        _MODEL,
        "",
        "| process | memory, MB (PSS, on the received screen) |",
        "|---|---:|",
        *(f"| {name} | {size:.0f} |" for name, size in outcome.memory_mb.items()),
        f"| all | {sum(outcome.memory_mb.values()):.0f} |",
        "",
        *(f"![{picture.stem}]({picture.name})" for picture in pictures),
    ]
    return "\n".join(lines) + "\n"
