"""The key directory of a kiosk: its files, how they are read and written, and what is said when one is wrong.

docs/reference/keyset.md lists the files. No file here can open an envelope.
"""

import os
from pathlib import Path

ROOTS = "roots.json"
KEY_SET = "keyset.jws"
IDENTITY = "identity.pem"
CENTRE_CA = "centre-ca.pem"
REFERENCE_KEY = "reference.key"
ENROLMENT = "enrolment.json"

REFERENCE_KEY_BYTES = 32
ENROL = "enrol this kiosk with a new code: kiosk enrol CODE"

PUBLIC = 0o644
"""Mode of a file that every process of a kiosk reads and that gives nothing away."""
PRIVATE = 0o600
"""Mode of a file that only its owner reads."""


class KeyProblem(Exception):  # noqa: N818 - a finding that is shown, with its remedy
    """Trust material is missing or unusable. Says which file and what to do, never its content."""

    def __init__(self, path: Path, problem: str, remedy: str = ENROL) -> None:
        super().__init__(f"{path}: {problem}; {remedy}")
        self.path = path
        self.problem = problem
        self.remedy = remedy


def load_reference_key(keys: Path) -> bytes:
    """Read the 32 bytes that scatter this kiosk's reference numbers. Raises `KeyProblem`."""
    path = keys / REFERENCE_KEY
    key = read(path)
    if len(key) != REFERENCE_KEY_BYTES:
        raise KeyProblem(path, f"must hold {REFERENCE_KEY_BYTES} bytes, holds {len(key)}")
    return key


def read(path: Path) -> bytes:
    """The content of a file of a key directory. Raises `KeyProblem`."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeyProblem(path, "missing") from None
    except OSError as error:
        raise KeyProblem(path, f"unreadable ({error.strerror})", "let this process read it") from None


def write(path: Path, data: bytes, mode: int) -> None:
    """Write a file durably and in one step: after a power cut it is the old one or the new one, whole.

    Raises OSError.
    """
    # A name of its own for each process: two writers never share a half-written file.
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask took away
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable: what was made, renamed or removed in it. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
