"""Who opens a case: each recipient has keys of its own in the key set, and rooms of its own at the centre."""

from enum import StrEnum


class Recipient(StrEnum):
    """Whose key a case is sealed to."""

    REPORTS = "reports"  # the officers who take reports
    COMPLAINTS = "complaints"  # the office that takes complaints against police, and nobody else
