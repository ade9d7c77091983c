"""Reads the codes in one picture file: `python -m devices.camera.file_child FILE`, JSON on standard output.

Its size is known from the header before anything is unpacked, and limits of the kernel hold what the header
hid.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from devices.camera.codes import PictureFault

if TYPE_CHECKING:
    from devices.camera.decoding import Picture

MAX_FILE_BYTES = 20_000_000
MAX_PIXELS = 40_000_000
MAX_MEMORY = 2 << 30
MAX_CPU_S = 12
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "PPM")


def fault_of(path: Path) -> PictureFault | None:
    """What its header and the frame around its data already say against a file. Nothing is unpacked."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return PictureFault.TOO_LARGE
        with Image.open(path, formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                return PictureFault.TOO_LARGE
            # OpenCV takes as much memory as a chunk of a PNG claims to hold: a gigabyte for 400 bytes.
            picture.verify()
    except Image.DecompressionBombError:
        return PictureFault.TOO_LARGE
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):  # Pillow's own words for bad headers
        return PictureFault.UNREADABLE
    return None


def opened(path: Path) -> "Picture | PictureFault":
    """The picture as (rows, columns, 3), BGR."""
    fault = fault_of(path)
    if fault is not None:
        return fault
    # Imported after the limits are set, and told to keep to them should it see another size than the header.
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MAX_PIXELS)
    import cv2
    import numpy as np

    picture = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_COLOR)
    return PictureFault.UNREADABLE if picture is None else np.asarray(picture, dtype=np.uint8)


def read(path: Path) -> dict[str, object]:
    """The answer for one file."""
    picture = opened(path)
    if isinstance(picture, PictureFault):
        return {"fault": picture}
    from devices.camera.decoding import decode_image

    return {"codes": [code.as_json() for code in decode_image(picture)]}


def set_limits() -> None:
    """On memory, and on what may be written: nothing."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(arguments: list[str], read: Callable[[Path], dict[str, object]]) -> None:
    """Be a child that says what `read` finds in the picture file that the first argument names."""
    set_limits()
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, MAX_CPU_S))
    sys.stdout.write(json.dumps(read(Path(arguments[0]))))


if __name__ == "__main__":
    answer(sys.argv[1:], read)
