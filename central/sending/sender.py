"""What a sender is, and in how many ways it can fail."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Reason(StrEnum):
    """Why a message did not go. Goes into logs and history, so it holds nothing of the message."""

    NO_ADDRESS = "no_address"
    NO_KEY = "no_key"
    EXPIRED = "expired"
    REFUSED = "refused"
    BUSY = "busy"
    LOGIN = "login"
    NOT_SECURE = "not_secure"
    UNREACHABLE = "unreachable"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to one visitor. `id` is the same at every try, so that a receiver can tell a repetition."""

    id: str
    to: str
    language: str
    subject: str
    text: str


class DeliveryError(Exception):
    """A message did not go, or it is not known whether it went."""

    def __init__(self, reason: Reason, *, final: bool = False) -> None:
        """`final`: trying again would give the same answer."""
        super().__init__(reason.value)
        self.reason = reason
        self.final = final


class Sender(Protocol):
    """One way to send. May be called from one thread at a time."""

    def send(self, letter: Letter) -> None:
        """Hand `letter` to the next post office, durably, within a bounded time. Raises `DeliveryError`."""
        ...
