"""How much memory processes take, each page shared by n of them counted as an n-th (PSS)."""

import contextlib
import re
from pathlib import Path

_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def family(process_id: int) -> list[int]:
    """A process and everything it has started."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children")
    with contextlib.suppress(OSError):
        return [process_id, *(each for child in children.read_text().split() for each in family(int(child)))]
    return []


def proportional_mb(process_id: int) -> float:
    """PSS of one process in MB; 0 for one that has ended. Other users' processes need root."""
    with contextlib.suppress(OSError):
        found = _PSS.search(Path(f"/proc/{process_id}/smaps_rollup").read_text())
        return int(found[1]) / 1000 if found else 0.0
    return 0.0


def family_mb(process_id: int | None) -> float:
    """PSS of a process and everything it has started."""
    return sum(map(proportional_mb, family(process_id))) if process_id else 0.0
