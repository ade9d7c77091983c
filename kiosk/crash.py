"""What happens when the code is wrong: one event, no answers, and the end of the process.

Qt prints what a slot raises and goes on as if nothing had happened (docs/decisions/0081); a screen in an
unknown state must not. Messages of exceptions may quote what was typed, so only kind and place are told.
"""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

HOUSE = Path(__file__).resolve().parents[1]


def end_on_exceptions(report: Callable[[str, str], None]) -> None:
    """From now on an exception that nobody catches is reported as (kind, place) and ends the process."""

    def end(kind: type[BaseException], traceback: TracebackType | None) -> None:
        report(kind.__name__, place_of(traceback))
        os._exit(os.EX_SOFTWARE)

    sys.excepthook = lambda kind, _value, traceback: end(kind, traceback)
    threading.excepthook = lambda thrown: end(thrown.exc_type, thrown.exc_traceback)


def place_of(traceback: TracebackType | None) -> str:
    """The innermost place of our own code, as `flows/visit.py:120`; empty where there is none."""
    place = ""
    while traceback is not None:
        path = Path(traceback.tb_frame.f_code.co_filename)
        if path.is_relative_to(HOUSE) and ".venv" not in path.parts:
            place = f"{path.relative_to(HOUSE)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
