"""What the panel says to the house, as small values."""

from dataclasses import dataclass
from typing import TypeAlias

from flows.ports import OfficerCall, PanelKey


@dataclass(frozen=True, slots=True)
class CallChanged:
    """The call of an officer is now in `state`."""

    state: OfficerCall


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key of the keypad went down."""

    key: PanelKey


@dataclass(frozen=True, slots=True)
class HeadphonesMoved:
    """Headphones went in or came out."""

    plugged: bool


@dataclass(frozen=True, slots=True)
class PresenceMoved:
    """Somebody came near, or nobody is any more."""

    near: bool


PanelEvent: TypeAlias = CallChanged | KeyPressed | HeadphonesMoved | PresenceMoved
