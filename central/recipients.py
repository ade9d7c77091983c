"""Who opens a case: each recipient has keys of its own in the key set, and a room of its own at the inbox."""

from enum import StrEnum


class Recipient(StrEnum):
    """Whose key a case is sealed to. The words are those of the kiosk."""

    REPORTS = "reports"
    COMPLAINTS = "complaints"
    """The office that takes complaints against police, and nobody else."""
