"""What a played visitor has besides the kiosk: the paper of an earlier visit, and a phone.

The phone sends files to the address in the code on the screen, and gets the messages of a centre that has no
other sender than its spool. Development only.
"""

import json
import re
import ssl
import time
import urllib.request
from pathlib import Path
from typing import Any

from flows.reference import payload

PATIENCE_S = 15.0
RECEIPT = "{receipt}"
"""What is scanned in a script where the paper of the earlier visit is put to the reader."""

_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080200000090"
    "7753de0000000c49444154789c63f8ffff3f0005fe02fe0dc8a8a70000000049454e44ae426082"
)
"""A picture of one point, red as a stop light."""

_CHECK = re.compile(r"(?<!\d)\d{6}(?!\d)")


class Bystander:
    """The things of one visitor; `centre` is the folder of the centre that serves this kiosk."""

    def __init__(self, centre: Path) -> None:
        self._centre = centre
        self._paper: dict[str, str] = {}
        self._since = time.time()

    def take_along(self, case: dict[str, Any]) -> None:
        """Keep the paper of an earlier visit, known from its case as the centre opened it."""
        number, code = case["reference"], case["document"]["receipt_code"]
        self._paper = {"reference": number, "receipt_code": code, "receipt": payload(number, code)}

    def arrive(self) -> None:
        """The visit begins: messages that came before are of no use."""
        self._since = time.time()

    def recall(self, what: str) -> str:
        """`reference` or `receipt_code` of the paper, `receipt` for the code on it, or `check`.

        `check` is of the latest message; empty without one. Raises `KeyError` for anything else.
        """
        return self._check() if what == "check" else self._paper[what]

    def _check(self) -> str:
        messages = [path for path in (self._centre / "spool" / "sms").glob("*.json") if self._is_new(path)]
        if not messages:
            return ""
        newest = max(messages, key=lambda path: path.stat().st_mtime)
        found = _CHECK.search(json.loads(newest.read_text(encoding="utf-8"))["text"])
        return found.group() if found else ""

    def _is_new(self, message: Path) -> bool:
        return message.stat().st_mtime >= self._since

    def send(self, address: str, count: int) -> None:
        """Send `count` pictures to `address`, as the page of the centre does. Raises `OSError`."""
        start, mark, token = address.partition("/U/")
        trust = ssl.create_default_context(cafile=str(self._centre / "ca.pem"))
        for _ in range(count):
            request = urllib.request.Request(  # noqa: S310  # the address is that of the centre here
                f"{start.lower()}{mark}{token}/files",
                data=_PICTURE,
                method="POST",
                headers={"Content-Type": "application/octet-stream"},
            )
            urllib.request.urlopen(request, timeout=PATIENCE_S, context=trust).close()  # noqa: S310  # to that address
