"""What the camera can read of the machine readable zone in a picture: nothing yet.

Reading it needs a recogniser of the OCR-B letters, and none is installed; an empty or guessed answer would be
worse than saying so. The lines themselves are parsed and checked in `flows.documents`.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class MrzOutcome(StrEnum):
    """How an attempt to read a zone ended."""

    NOT_AVAILABLE = "not_available"


@dataclass(frozen=True, slots=True)
class MrzReading:
    """The outcome."""

    outcome: MrzOutcome

    def as_json(self) -> dict[str, object]:
        """For people and scripts."""
        return {"outcome": self.outcome.value}


def read_file(path: Path) -> MrzReading:
    """Lines of the zone in a picture file. Raises OSError if there is no such file."""
    path.stat()
    return MrzReading(MrzOutcome.NOT_AVAILABLE)
