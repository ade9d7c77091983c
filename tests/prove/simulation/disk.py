"""Where the files of a harness lie."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")


@contextmanager
def quick_disk(needed: int) -> Iterator[Path]:
    """A directory, in memory where `needed` bytes are free: these proofs are not about a disk's speed."""
    in_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > 2 * needed
    with tempfile.TemporaryDirectory(dir=_MEMORY if in_memory else None) as directory:
        yield Path(directory)
