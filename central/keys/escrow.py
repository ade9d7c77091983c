"""The escrow key: made offline, kept in a safe, used on the day the centre's own key is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from central.files import write_private
from central.keys import locked
from central.keys.suites import OpeningKey
from central.sealed.base import UnreadableError
from central.sealed.envelope import Received, open_attachments, open_document, parse


@dataclass(frozen=True, slots=True)
class EscrowKey:
    """Opens what was sealed to it and to nobody else."""

    opening: Mapping[str, OpeningKey]

    @staticmethod
    def unlock(path: Path, passphrase: str) -> "EscrowKey":
        """Unlock the key of a file. Raises `KeySetError`."""
        return EscrowKey(locked.as_opening(*locked.open_escrow(path, passphrase)))


@dataclass(frozen=True, slots=True)
class Opened:
    """A case in clear."""

    document: bytes
    attachments: tuple[bytes, ...]


def open_case(envelope: Path, parts: Path | None, key: EscrowKey) -> Opened:
    """Open an envelope; its parts lie in `parts`, named by their SHA-256. Raises `UnreadableError`."""
    received = parse(envelope.read_bytes())
    document = open_document(received, key)
    return Opened(document, _attachments(received, parts, key))


def save(opened: Opened, folder: Path) -> None:
    """Write a case in clear into `folder`, for its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(folder / "document.json", opened.document)
    for number, attachment in enumerate(opened.attachments):
        write_private(folder / f"attachment-{number:02d}", attachment)


def _attachments(received: Received, parts: Path | None, key: EscrowKey) -> tuple[bytes, ...]:
    if not received.parts:
        return ()
    if parts is None:
        raise UnreadableError("the case has attachments; name the folder of its parts")
    return tuple(open_attachments(received, lambda name: _part(parts / name.hex()), key))


def _part(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
