"""What a visit is told about its kiosk when it begins."""

from dataclasses import dataclass

from flows.recipients import Recipient


@dataclass(frozen=True, slots=True)
class KioskFacts:
    """`kiosk_id` is unique in the force; `app_version` is the version of this software. `recipients` are
    those to whom a case can be sealed now. `bundle` is the number of the pack bundle in use, 0 for the packs
    that came with the software.
    """

    kiosk_id: str
    app_version: str
    accepting: bool = True
    recipients: frozenset[Recipient] = frozenset(Recipient)
    bundle: int = 0
