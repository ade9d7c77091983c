"""What the screen knows of pack bundles: `<packs>/ledger.json`, which the courier and maintenance read too.

Written by the screen host alone. It is no secret and grants nothing: what it names is verified again.
"""

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.post.keys import PUBLIC, write

LEDGER = "ledger.json"
SHIPPED = 0
"""Stands for the packs that came with the software."""
MOST_MISTAKES = 50

_Number = Annotated[int, Field(ge=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Refused(_Model):
    """A bundle that is not used. `digest` names its content, `release` and `place` for whom that is said."""

    number: _Number
    digest: str = ""
    reason: str
    stamp: str = ""
    mistakes: tuple[str, ...] = ()
    """Of its packs: file, line, what, remedy."""


class Ledger(_Model):
    """`highest` is the highest number that was ever taken: nothing older is taken after it."""

    in_use: _Number = SHIPPED
    in_use_digest: str = ""
    highest: _Number = SHIPPED
    highest_digest: str = ""
    proven_up_to: _Number = SHIPPED
    """The highest number with which a visit has ended as it should."""
    failures: _Number = 0
    """Screens that failed with the bundle in use before that."""
    stamp: str = ""
    """For which release and site the packs in use were checked."""
    refused: Refused | None = None
    set_aside: tuple[Refused, ...] = ()
    """Bundles with which screens failed."""

    def is_set_aside(self, digest: str, stamp: str) -> bool:
        """Whether screens of this release have failed with a bundle."""
        return any((each.digest, each.stamp) == (digest, stamp) for each in self.set_aside)


def read_ledger(packs: Path) -> Ledger:
    """The ledger in the folder `packs`; an empty one where there is none that can be read."""
    try:
        return Ledger.model_validate_json((packs / LEDGER).read_bytes())
    except (OSError, ValidationError):
        return Ledger()


def write_ledger(packs: Path, ledger: Ledger) -> None:
    """Replace the ledger, durably and whole. Raises OSError."""
    data = json.dumps(ledger.model_dump(), ensure_ascii=False, indent=1).encode()
    write(packs / LEDGER, data, PUBLIC)


def heartbeat_facts(packs: Path) -> dict[str, int]:
    """What a heartbeat says of packs; nothing while no bundle has ever played a part.

    So a centre of an earlier release hears nothing that it does not know.
    """
    ledger = read_ledger(packs)
    facts = {"packs_number": ledger.in_use, "packs_refused": ledger.refused.number if ledger.refused else 0}
    return {name: number for name, number in facts.items() if number}
