"""The time as a visit sees it: the one place at the roof that reads a clock."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo


class SystemClock:
    """`flows.ports.Clock` over the machine's clocks."""

    def __init__(self, time_zone: str) -> None:
        """`time_zone` is an IANA name, e.g. `Asia/Hong_Kong`; unknown names raise `ZoneInfoNotFoundError`."""
        self._zone = ZoneInfo(time_zone)

    def now(self) -> datetime:
        """Wall clock, aware; may jump."""
        return datetime.now(self._zone)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()
