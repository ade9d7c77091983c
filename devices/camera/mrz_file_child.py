"""Reads the zone in one picture file: `python -m devices.camera.mrz_file_child FILE`, JSON on standard
output.

The picture is shown to the reader of the running kiosk as if it were held before the camera.
"""

import json
import os
import resource
import sys
from pathlib import Path

from devices.camera.codes import PictureFault
from devices.camera.file_child import MAX_CPU_S, MAX_MEMORY, MAX_PIXELS, fault_of
from devices.camera.mrz import MrzOutcome, MrzReading

FRAMES = 2
FRAME_S = 0.2
BUDGET_S = 5.0
"""A file has the time that a visitor has for several frames."""


def read(path: Path) -> dict[str, object]:
    """The answer for one file."""
    fault = fault_of(path)
    if fault is not None:
        return {"fault": fault}
    # Imported after the limits are set, and told to keep to them should it see another size than the header.
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MAX_PIXELS)
    import cv2
    import numpy as np

    from devices.camera.mrz_live import LiveZone

    cv2.setNumThreads(1)
    picture = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return {"fault": PictureFault.UNREADABLE}
    live = LiveZone()
    frame = np.asarray(picture, dtype=np.uint8)
    text = None
    for number in range(FRAMES):
        text = text or live.feed(frame, number * FRAME_S, BUDGET_S)
    if text is not None:
        return MrzReading(MrzOutcome.READ, tuple(text.split("\n"))).as_json()
    return MrzReading(MrzOutcome.UNCLEAR if live.saw_zone else MrzOutcome.NO_ZONE).as_json()


def main(arguments: list[str]) -> None:
    """Entry of the process."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, MAX_CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(json.dumps(read(Path(arguments[0]))))


if __name__ == "__main__":
    main(sys.argv[1:])
