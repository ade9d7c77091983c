"""`kiosk enrol`: a technician types a code, and reads what came of it."""

import time
from datetime import UTC, datetime

from config.settings import Settings
from kiosk.post import identity, renewal
from kiosk.post.enrolment import Enrolled, EnrolmentError
from kiosk.post.enrolment import enrol as enrol_at_centre
from kiosk.post.enrolment_code import Code, CodeError, parse_code


class CannotEnrolError(Exception):
    """This kiosk was not enrolled; the message says why and what to do."""


def enrol(settings: Settings, typed: str, door: str) -> str:
    """Enrol with the code that was typed, at the centre behind `door` (URL). Returns what to tell.

    Raises `CannotEnrolError`.
    """
    code = _code(settings, typed)
    try:
        enrolled = enrol_at_centre(code, door, settings.paths.keys, time.time(), settings.centre.deadline_s)
    except EnrolmentError as error:
        raise CannotEnrolError(f"not enrolled: {error.cause}\n  → {error.remedy}") from None
    return _told(settings, enrolled)


def _code(settings: Settings, typed: str) -> Code:
    try:
        code = parse_code(typed)
    except CodeError as error:
        raise CannotEnrolError(f"this is no code: {error}") from None
    if code.kiosk != settings.kiosk_number:
        # Before the code is used up.
        raise CannotEnrolError(
            f"the code is for kiosk {code.kiosk:04d}, but this is kiosk {settings.kiosk_number:04d}\n"
            "  → set kiosk_number in the settings, or ask the centre for the right code"
        )
    return code


def _told(settings: Settings, enrolled: Enrolled) -> str:
    life = identity.certificate_life(settings.paths.keys)
    lines = [
        f"Kiosk {enrolled.kiosk:04d} is enrolled; its keys are in {settings.paths.keys}.",
        f"  certificate   until {_day(life.not_after)}, renewed from {_day(renewal.due_at(life))} on",
        f"  key set       {enrolled.key_set_version}",
        f"  first report  {enrolled.first_sequence}",
    ]
    if settings.production:
        lines.append("Next: systemd-tmpfiles --create && systemctl restart kiosk.target; then kiosk doctor")
    return "\n".join(lines)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
