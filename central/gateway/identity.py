"""Who is calling: what the server found in the client certificate. Nothing in a request itself says it."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

KIOSK_STATE = "kiosk"
"""Where the server puts the kiosk number of the client certificate into the request's state."""

SERIAL_STATE = "serial"
"""Where it puts the certificate's serial number, hexadecimal as in the centre's list."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A kiosk by its certificate."""

    kiosk: int
    serial: str | None


def caller(request: Request) -> Caller:
    """Who is calling. Raises a 401 for a certificate that names no kiosk."""
    kiosk = getattr(request.state, KIOSK_STATE, None)
    if not isinstance(kiosk, int):
        raise HTTPException(401)
    serial = getattr(request.state, SERIAL_STATE, None)
    return Caller(kiosk, serial if isinstance(serial, str) else None)


class Admission:
    """Lets kiosks in whose certificate was not revoked: a dependency of every operation."""

    def __init__(self, check: Callable[[Caller], None]) -> None:
        """`check` raises for a caller that is refused; it may wait for the database."""
        self._check = check

    async def __call__(self, request: Request) -> None:
        """Raises what `check` raises, and a 401 for nobody."""
        await run_in_threadpool(self._check, caller(request))
