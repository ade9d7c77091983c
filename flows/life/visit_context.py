"""What all parts of a visit share: the place, the time, the devices, the language, and the commands to be
sent.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from config.settings import Site, Timing
from flows.events import (
    AdmissionChanged,
    CallOfficer,
    ComfortChanged,
    Command,
    DeviceChanged,
    Ending,
    Event,
    OfficerCallChanged,
    OfficerCame,
)
from flows.facts import KioskFacts
from flows.languages import Language
from flows.pack import Definition, PackBook, PackKind
from flows.ports import USABLE_STATES, Clock, Device, DeviceState, OfficerCall
from flows.recipients import Recipient

LARGE_TEXT_PERCENT = 150
"""From this size of text on the receipt is printed large, too."""


@dataclass(slots=True)
class VisitContext:
    """Mutable, one per visit. `ending` is set when the visit is to end."""

    packs: PackBook
    site: Site
    timing: Timing
    clock: Clock
    kiosk: KioskFacts
    new_id: Callable[[], UUID]
    language: Language
    started_at: datetime | None = None
    ending: Ending | None = None
    help_called: bool = False
    large_text: bool = False
    high_contrast: bool = False
    officer_call: OfficerCall = OfficerCall.NONE
    devices: dict[Device, DeviceState] = field(
        default_factory=lambda: dict.fromkeys(Device, DeviceState.UNKNOWN)
    )
    recipients: frozenset[Recipient] = frozenset(Recipient)
    commands: list[Command] = field(default_factory=list)

    def send(self, command: Command) -> None:
        """Ask the roof for something."""
        self.commands.append(command)

    @property
    def offered(self) -> tuple[str, ...]:
        """The services of this site whose pack speaks every language of the site, and whose cases can be
        sealed to those they are for.
        """
        return tuple(
            name
            for name in self.site.services
            if name in self.packs.packs
            and set(self.site.languages) <= set(self.packs[name].texts)
            and self._can_seal(self.packs[name].definition)
        )

    def _can_seal(self, definition: Definition) -> bool:
        return definition.kind is not PackKind.REPORT or definition.recipient in self.recipients

    @property
    def is_adjusted(self) -> bool:
        """Whether the screen is not as every visitor finds it."""
        return self.large_text or self.high_contrast

    def is_usable(self, device: Device) -> bool:
        """Whether a device can be offered."""
        return self.devices[device] in USABLE_STATES

    @property
    def can_scan(self) -> bool:
        """Whether something can read a document: a reader, or the camera."""
        return self.reader in USABLE_STATES or self.is_usable(Device.CAMERA)

    @property
    def reader(self) -> DeviceState:
        """The scanner and the document reader as one: one that can read is enough."""
        states = [self.devices[each] for each in (Device.SCANNER, Device.DOCUMENT_READER)]
        return next((state for state in states if state in USABLE_STATES), states[0])

    @property
    def calls_reach(self) -> bool:
        """Whether a call of an officer is seen and heard at the desk now."""
        return self.is_usable(Device.PANEL)

    # --- named in the table ---------------------------------------------------------------------------------

    def note_device(self, event: Event) -> None:
        """A device is in another state."""
        if isinstance(event, DeviceChanged):
            self.devices[event.device] = event.state

    def call_officer(self, _event: Event) -> None:
        """Fetch somebody; where no call reaches the desk, the screen shows the way to it instead."""
        if self.calls_reach:
            self.send(CallOfficer())

    def end_call(self, _event: Event) -> None:
        """Somebody is here."""
        if self.officer_call is not OfficerCall.NONE:
            self.send(OfficerCame())

    def note_call(self, event: Event) -> None:
        """The call stands differently."""
        if isinstance(event, OfficerCallChanged):
            self.officer_call = event.state

    def note_comfort(self, event: Event) -> None:
        """The screen is set to the visitor's eyes, and so is the paper."""
        if isinstance(event, ComfortChanged):
            self.large_text = event.text_percent >= LARGE_TEXT_PERCENT
            self.high_contrast = event.high_contrast

    def note_recipients(self, event: Event) -> None:
        """To whom a case can be sealed now."""
        if isinstance(event, AdmissionChanged):
            self.recipients = event.recipients

    def is_accepting(self, event: Event) -> bool:
        """Reports are taken."""
        return isinstance(event, AdmissionChanged) and event.accepting

    def is_refusing(self, event: Event) -> bool:
        """No report can be taken."""
        return isinstance(event, AdmissionChanged) and not event.accepting
