"""What an examination finds, for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a part is. `MEND` is for now, `WATCH` for soon."""

    WORKS = "works"
    WATCH = "watch"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the kiosk: how it is, why, and what to do (empty where nothing is)."""

    part: str
    health: Health
    cause: str
    remedy: str = ""


def exit_code(findings: Sequence[Finding]) -> int:
    """1 when something needs mending now, else 0."""
    return int(any(finding.health is Health.MEND for finding in findings))


def as_text(findings: Sequence[Finding]) -> str:
    """For people: one line a part, and beneath it what to do."""
    width = max(len(finding.part) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.health:<6} {finding.part:<{width}}  {finding.cause}")
        if finding.remedy:
            lines.append(f"{'':<6} {'':<{width}}  → {finding.remedy}")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> str:
    """For programs: a list of objects with part, health, cause and remedy."""
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False)


def span(seconds: float) -> str:
    """A span of time as one number with its unit, rounded down."""
    for unit, size in (("days", 2 * 86_400), ("h", 2 * 3600), ("min", 2 * 60)):
        if seconds >= size:
            return f"{int(seconds // (size // 2))} {unit}"
    return f"{int(seconds)} s"
