"""The child that reads picture files, for many of them: `worker.py [PLANTED-BUG]`, a path a line on stdin.

It keeps the limits of the real child, with its seconds of processor time for each picture.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, PngImagePlugin

from devices.camera import file_child


def _no_limits() -> None:
    file_child.set_limits = lambda: None


def _header_unread() -> None:
    file_child.fault_of = lambda _path: None


def _hangs() -> None:
    file_child.read = lambda _path: time.sleep(3600) or {}


def _words_of_its_own() -> None:
    file_child.read = lambda _path: {"fault": "dislikes_it"}


def _text_for_bytes() -> None:
    real = file_child.read

    def read(path: Path) -> dict[str, object]:
        answer = real(path)
        codes = answer.get("codes")
        for code in codes if isinstance(codes, list) else []:
            code["hex"] = code["text"].encode().hex()
        return answer

    file_child.read = read


def _bad_headers_raise() -> None:
    class NeverRaisedError(Exception):
        pass

    file_child.OSError = file_child.ValueError = file_child.UnidentifiedImageError = NeverRaisedError  # type: ignore[attr-defined,misc,assignment]


def _chunks_unread() -> None:
    Image.Image.verify = PngImagePlugin.PngImageFile.verify = lambda _self: None  # type: ignore[method-assign]


def _keeps_everything() -> None:
    real, kept = file_child.read, []

    def read(path: Path) -> dict[str, object]:
        kept.append(b"\1" * 40_000_000)
        return real(path)

    file_child.read = read


PLANTS: dict[str, Callable[[], None]] = {
    "no limits": _no_limits,
    "header unread": _header_unread,
    "hangs": _hangs,
    "words of its own": _words_of_its_own,
    "text for bytes": _text_for_bytes,
    "bad headers raise": _bad_headers_raise,
    "chunks unread": _chunks_unread,
    "keeps everything": _keeps_everything,
}


def main() -> None:
    for plant in sys.argv[1:]:
        PLANTS[plant]()
    file_child.set_limits()
    for line in sys.stdin:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + file_child.MAX_CPU_S
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
        sys.stdout.write(json.dumps(file_child.read(Path(line.rstrip("\n")))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
