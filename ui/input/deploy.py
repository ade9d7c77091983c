"""Compile the Chinese input data once: `python -m ui.input.deploy TARGET`.

Reads Debian's rime-data packages and the patches in `schemas/`; writes compiled tables to TARGET. Quiet when
all went well; safe to repeat.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from ui.input.rime import Folders, RimeError, compile_schemas

SHARED = Path("/usr/share/rime-data")
PATCHES = Path(__file__).parent / "schemas"
TABLES = ("kiosk_cangjie", "kiosk_quick", "jyut6ping3", "luna_pinyin", "stroke")


def deploy(target: Path, shared: Path) -> None:
    """Make `target` hold compiled tables and nothing else. Raises `RimeError` or `OSError`."""
    if not shared.is_dir():
        raise RimeError(f"{shared} is missing; install the rime-data packages listed in packages.apt")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rime-", dir=target.parent) as workshop:
        user, fresh = Path(workshop) / "user", Path(workshop) / "compiled"
        shutil.copytree(PATCHES, user)
        fresh.mkdir()
        compile_schemas(Folders(shared=shared, compiled=fresh, user=user))
        lacking = [table for table in TABLES if not (fresh / f"{table}.table.bin").is_file()]
        if lacking:
            raise RimeError(
                f"no tables came out for {', '.join(lacking)}; are all rime-data packages installed?"
            )
        fresh.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)


def main(arguments: list[str]) -> int:
    """Entry of `python -m ui.input.deploy`; 0 when done, 1 when it cannot be, 2 for a wrong call."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m ui.input.deploy TARGET\n")
        return 2
    try:
        deploy(Path(arguments[0]).absolute(), SHARED)
    except (RimeError, OSError) as error:
        sys.stderr.write(f"Chinese input was not prepared: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
