"""Scanners as data: what is expected of each, what it can be asked, and how it is set again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.settings import ScannerProfile
from devices.scanner import dialects
from devices.scanner.codes import Aim
from devices.scanner.dialects import Answer


def _no_answer(_: bytes) -> Answer | None:
    return None


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of scanner. Empty bytes: it cannot be asked, or not be set, over its line."""

    aim: Aim
    question: bytes = b""
    answer: Callable[[bytes], Answer | None] = _no_answer
    must_answer: bool = False
    """Silence means that it hangs, or is another scanner."""
    settings: bytes = b""
    forgets: bool = False
    """The settings last until power goes: they are sent on every connection, and cost no flash."""
    thanks: bytes = b""


PROFILES: Mapping[ScannerProfile, Profile] = {
    ScannerProfile.GENERIC: Profile(Aim.DETECT),
    ScannerProfile.GENERIC_AIM: Profile(Aim.REQUIRED),
    ScannerProfile.HONEYWELL: Profile(
        Aim.REQUIRED,
        dialects.menu_question(),
        dialects.menu_answer,
        must_answer=True,
        settings=dialects.menu_settings(),
        forgets=True,
    ),
    ScannerProfile.ZEBRA_SSI: Profile(
        Aim.REQUIRED,
        dialects.ssi_question(),
        dialects.ssi_answer,
        must_answer=True,
        settings=dialects.ssi_settings(),
        forgets=True,
        thanks=dialects.ssi_thanks(),
    ),
    ScannerProfile.DATALOGIC: Profile(Aim.REQUIRED, dialects.identity_question(), dialects.identity_answer),
    ScannerProfile.DATALOGIC_POWERSCAN: Profile(Aim.REQUIRED, settings=dialects.powerscan_settings()),
}
READER = Profile(Aim.OFF)
"""A reader of document zones: it is only listened to."""
