"""The sender of a centre that has no other: a file per message, for the force's own systems to fetch."""

import datetime as dt
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from central.files import private_directory, write_private
from central.sending.mail import message
from central.sending.sender import DeliveryError, Letter, Reason


@dataclass(frozen=True, slots=True)
class MailSpool:
    """Writes `<id>.eml` into `folder`. A file is whole as soon as it has its name."""

    folder: Path
    sender: str
    clock: Callable[[], dt.datetime]

    def send(self, letter: Letter) -> None:
        """Write the e-mail; the same letter again replaces it."""
        _write(self.folder, f"{letter.id}.eml", message(letter, self.sender, self.clock()).as_bytes())


@dataclass(frozen=True, slots=True)
class TextSpool:
    """Writes `<id>.json` with `id`, `to` and `text` into `folder`."""

    folder: Path

    def send(self, letter: Letter) -> None:
        """Write the text message; the same letter again replaces it."""
        content = {"id": letter.id, "to": letter.to, "text": letter.text}
        _write(self.folder, f"{letter.id}.json", json.dumps(content, ensure_ascii=False).encode())


def _write(folder: Path, name: str, data: bytes) -> None:
    try:
        private_directory(folder)
        write_private(folder / name, data)
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)  # else a power cut takes the name away again
        finally:
            os.close(directory)
    except OSError:
        raise DeliveryError(Reason.NO_ROOM) from None
