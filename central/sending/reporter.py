"""How the visitor of a case can be reached, as the case document says: docs/reference/case.md."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from central.languages import LANGUAGES
from central.store.messages import Channel

_PHONE = re.compile(r"\+[1-9][0-9]{5,14}")
# One address and nothing else: no names, comments, lists or lines.
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")

_NO_MESSAGES = "no_message"
"""Among the answers to how a visitor must not be contacted: it is not safe to leave a message anywhere."""


def address(document: Any, channel: Channel) -> str | None:
    """The telephone number or e-mail address, if the document has a usable one that may be written to."""
    if channel in _unwanted(document):
        return None
    reporter = document.get("reporter") if isinstance(document, Mapping) else None
    if not isinstance(reporter, Mapping):
        return None
    name, shape = ("phone", _PHONE) if channel is Channel.SMS else ("email", _EMAIL)
    value = reporter.get(name)
    return value if isinstance(value, str) and shape.fullmatch(value) else None


def reachable(document: Any) -> tuple[Channel, ...]:
    """The channels for which there is an address that may be written to."""
    return tuple(channel for channel in Channel if address(document, channel))


def report_type(document: Any) -> str:
    """What the case is; empty if the document does not say."""
    value = document.get("report_type") if isinstance(document, Mapping) else None
    return value if isinstance(value, str) else ""


def contact_language(document: Any) -> str:
    """The language a visitor wants to be written to in, or else spoke at the kiosk; English if unknown."""
    if not isinstance(document, Mapping):
        return LANGUAGES[-1]
    reporter = document.get("reporter")
    wanted = reporter.get("contact_lang") if isinstance(reporter, Mapping) else None
    return next((each for each in (wanted, document.get("ui_lang")) if each in LANGUAGES), LANGUAGES[-1])


def _unwanted(document: Any) -> frozenset[Channel]:
    """The channels that the visitor excluded (`complaint.reach_not`). Letters and calls are the officer's."""
    complaint = document.get("complaint") if isinstance(document, Mapping) else None
    ways = complaint.get("reach_not") if isinstance(complaint, Mapping) else None
    return frozenset(Channel) if isinstance(ways, Sequence) and _NO_MESSAGES in ways else frozenset()
