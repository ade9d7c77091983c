"""Reads the zone in one picture file: `python -m devices.camera.mrz_file_child FILE`, JSON on standard
output.

The picture is shown to the reader of the running kiosk as if it were held before the camera.
"""

import sys
from pathlib import Path

from devices.camera.codes import PictureFault
from devices.camera.file_child import answer, opened
from devices.camera.mrz import MrzOutcome, MrzReading

FRAMES = 2
FRAME_S = 0.2
BUDGET_S = 5.0
"""A file has the time that a visitor has for several frames."""


def read(path: Path) -> dict[str, object]:
    """The answer for one file."""
    frame = opened(path)
    if isinstance(frame, PictureFault):
        return {"fault": frame}
    # Imported after the limits are set.
    import cv2

    from devices.camera.mrz_live import LiveZone

    cv2.setNumThreads(1)
    live = LiveZone()
    text = None
    for number in range(FRAMES):
        text = text or live.feed(frame, number * FRAME_S, BUDGET_S)
    if text is not None:
        return MrzReading(MrzOutcome.READ, tuple(text.split("\n"))).as_json()
    return MrzReading(MrzOutcome.UNCLEAR if live.saw_zone else MrzOutcome.NO_ZONE).as_json()


if __name__ == "__main__":
    answer(sys.argv[1:], read)
