"""Where the files of a harness lie."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")


@contextmanager
def quick_disk(otherwise: Path, needed: int) -> Iterator[Path]:
    """A directory in memory with `needed` bytes, if there is one: speed of a disk is not the matter."""
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < 2 * needed:
        yield otherwise
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY) as directory:
        yield Path(directory)
