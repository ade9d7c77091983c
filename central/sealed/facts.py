"""What the index takes from an opened document: codes, no words. Any document is fit, also an odd one."""

import hmac
import json
from dataclasses import dataclass
from typing import Any

from central.keys.keyring import Keyring

_PURPOSE = "receipt-code"


@dataclass(frozen=True, slots=True)
class Facts:
    """Of a document; what it lacks, or has in another form, is None. `receipt_code` is its HMAC."""

    reference: str | None = None
    report_type: str | None = None
    language: str | None = None
    receipt_code: bytes | None = None


def parse(document: bytes) -> Any:
    """The document as JSON; half a character, which nothing can write, becomes "?". Raises `ValueError`."""
    try:
        text = json.dumps(json.loads(document), ensure_ascii=False)
        return json.loads(text.encode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def facts(document: Any, keyring: Keyring) -> Facts:
    """What of a document goes into the index."""
    if not isinstance(document, dict):
        return Facts()
    code = _word(document, "receipt_code", 64)
    return Facts(
        reference=_word(document, "reference", 32),
        report_type=_word(document, "report_type", 64),
        language=_language(document),
        receipt_code=None if code is None else receipt_code(code, keyring),
    )


def _language(document: dict[str, Any]) -> str | None:
    """What its visitor wants to be written to in, or else spoke at the kiosk."""
    reporter = document.get("reporter")
    wanted = _word(reporter, "contact_lang", 16) if isinstance(reporter, dict) else None
    return wanted or _word(document, "ui_lang", 16)


def receipt_code(code: str, keyring: Keyring) -> bytes:
    """How a receipt code stands in the database: nobody can try codes on a copy of it alone."""
    return hmac.digest(keyring.derived_key(_PURPOSE), code.encode("utf-8", "surrogatepass"), "sha256")


def _word(document: dict[str, Any], name: str, longest: int) -> str | None:
    # Printable ASCII only: PostgreSQL takes no zero character, and no code of ours has any other.
    value = document.get(name)
    fits = isinstance(value, str) and 0 < len(value) <= longest and value.isascii() and value.isprintable()
    return value if fits else None
