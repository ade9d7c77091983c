"""Everything that can go wrong beside a visit, as a table: how it begins, how it is mended, where it leads.

A fault leads nowhere by itself: the visit stays where it would be without it, unless `leads_to` says
otherwise.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from flows.events import (
    AdmissionChanged,
    CaseKept,
    CentreAnswered,
    Ending,
    EnquiryAnswered,
    PhotoTaken,
    PrintEnded,
    Scanned,
    Ticked,
    UploadChanged,
)
from flows.life.lifecycle import State
from flows.ports import USABLE_STATES, Device, DeviceState, Kept, NotKept, PrintOutcome
from flows.view import PaperState
from tests.faults.world import OPEN, RECEIPT, STATUS, World

Act = Callable[[World], None]

PAPER = frozenset({PaperState.PRINTED})
NONE = frozenset({PaperState.NO_PRINTER, PaperState.NOT_PRINTED})
DOUBT = frozenset({PaperState.UNCONFIRMED})


@dataclass(frozen=True)
class Fault:
    """One fault. `paper`: what the screen may say in the end, if the fault stays and none had come before.

    `ending` and `kept` are those of a patient visitor while it stays. `leads_to` names the state for every
    state from which the fault leads elsewhere within `deadline_s`; `too_late` the ending for states from
    which mending does not help. What a question lies over hears no document, so `under_covers` such a fault
    leads nowhere. `only_in` names the services in which it leads there; empty is all.
    """

    name: str
    begin: Act
    mend: Act
    paper: frozenset[PaperState] = PAPER
    ending: Ending = Ending.FINISHED
    kept: bool = True
    leads_to: Mapping[State, State] = field(default_factory=dict)
    too_late: Mapping[State, Ending] = field(default_factory=dict)
    under_covers: bool = True
    only_in: frozenset[str] = frozenset()
    deadline_s: float = 10.0


def _mend(world: World) -> None:
    """All is well again, and every device says so."""
    was_silent = world.silent
    world.mend_all()
    for device in Device:
        if was_silent or world.states[device] is not DeviceState.READY:
            world.tell(device, DeviceState.READY)


def _becomes(device: Device, state: DeviceState) -> Act:
    return lambda world: world.tell(device, state)


def _sets(**values: object) -> Act:
    def begin(world: World) -> None:
        for name, value in values.items():
            setattr(world, name, value)

    return begin


def _all_gone(world: World) -> None:
    for device in Device:
        world.tell(device, DeviceState.DISCONNECTED)


def _scans(*payloads: bytes) -> Act:
    def begin(world: World) -> None:
        for payload in payloads:
            world.dispatch(Scanned(payload))

    return begin


def _late_words(world: World) -> None:
    """Answers to questions of an earlier visit."""
    other = UUID(int=3, version=4)
    world.dispatch(PrintEnded("job of yesterday", PrintOutcome.PRINTED, world.states[Device.PRINTER]))
    world.dispatch(PhotoTaken("photo of yesterday", b"\xff\xd8other"))
    world.dispatch(CaseKept(Kept(other, "111111111111", "AAAAAAAAAA")))
    world.dispatch(CentreAnswered(other, "WCH RN 99999999"))
    world.dispatch(EnquiryAnswered(other, STATUS))
    world.dispatch(UploadChanged(other, OPEN))


def _printer_flaps(world: World) -> None:
    for _ in range(50):
        world.tell(Device.PRINTER, DeviceState.DISCONNECTED)
        world.tell(Device.PRINTER, DeviceState.READY)


def _wall_clock(**span: int) -> Act:
    def begin(world: World) -> None:
        world.clock.wall_ahead = timedelta(**span)

    return begin


def _ticks_stop(world: World) -> None:
    """The process was held, shorter than its watchdog allows: then everything comes at once."""
    world.clock.seconds += 12.0
    for _ in range(24):
        world.dispatch(Ticked())


def _nothing(_world: World) -> None:
    pass


def _state_faults() -> Iterator[Fault]:
    for device in Device:
        for state in DeviceState:
            if state is not DeviceState.READY and _can_be(device, state):
                usable = state in USABLE_STATES or device is not Device.PRINTER
                paper = PAPER if usable else NONE
                yield Fault(f"{device} {state}", _becomes(device, state), _mend, paper)


def _can_be(device: Device, state: DeviceState) -> bool:
    """Which words a device has."""
    every = {DeviceState.BUSY, DeviceState.ERROR, DeviceState.DISCONNECTED, DeviceState.UNKNOWN}
    printer = {word for word in DeviceState if word.value.startswith("paper")} | {
        DeviceState.COVER_OPEN,
        DeviceState.CUTTER_ERROR,
        DeviceState.OVERHEATED,
    }
    own = {
        Device.PRINTER: printer,
        Device.CAMERA: {DeviceState.COVERED},
        Device.SCANNER: {DeviceState.MISCONFIGURED},
        Device.DOCUMENT_READER: {DeviceState.MISCONFIGURED},
        Device.PANEL: {DeviceState.MISCONFIGURED},
    }
    installed = set() if device is Device.PRINTER else {DeviceState.NOT_INSTALLED}
    return state in every | own[device] | installed


_MRZ_HALF = b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
_WRONG_CHECK = b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C37UTO7408122F1204159ZE184226B<<<<<10"
_HOSTILE = (
    b"",
    b"\x00" * 64,
    b"\xff" * 5000,
    b"https://example.org/",
    b"WIFI:S:x;;",
    b"'; DROP TABLE cases; --",
)

_DECLARE_AGAIN = {State.SUBMITTING: State.DECLARE}

FAULTS: tuple[Fault, ...] = (
    *_state_faults(),
    Fault("printer: paper ends in the job", _sets(printing=PrintOutcome.NOT_PRINTED), _mend, NONE),
    Fault("printer: not confirmed", _sets(printing=PrintOutcome.UNCONFIRMED), _mend, DOUBT),
    Fault("printer: prints and says nothing", _sets(printer_mute=True), _mend, DOUBT),
    Fault("printer: answers twice", _sets(printer_twice=True), _mend),
    Fault("printer: comes and goes", _printer_flaps, _mend),
    Fault("scanner: rubbish", _scans(*_HOSTILE), _mend),
    Fault("scanner: half a zone", _scans(_MRZ_HALF), _mend),
    Fault(
        "scanner: a zone whose check digits do not fit",  # the visitor is asked to look at it
        _scans(_WRONG_CHECK),
        _mend,
        leads_to={State.SCAN: State.QUESTION},
        under_covers=False,
        only_in=frozenset({"lost_property", "technology_crime"}),
    ),
    Fault("scanner: the same 500 times", _scans(*[b"4006381333931"] * 500), _mend),
    Fault(
        "scanner: a receipt of somebody",
        _scans(RECEIPT),
        _mend,
        leads_to={State.SCAN: State.QUESTION},
        under_covers=False,
        only_in=frozenset({"report_supplement"}),
    ),
    Fault("camera: stills fail", _sets(stills="empty"), _mend),
    Fault("camera: stills never come", _sets(stills="never"), _mend),
    Fault("camera: stills come too late", _sets(stills="late"), _mend),
    Fault("camera: another's still comes", _sets(stills="other"), _mend),
    Fault("devices: the process dies", _all_gone, _mend, NONE),
    Fault("devices: the process hangs", _sets(silent=True), _mend, DOUBT),
    Fault(
        "outbox: no room",
        _sets(keeping=NotKept.NO_ROOM),
        _mend,
        ending=Ending.STOPPED,
        kept=False,
        leads_to=_DECLARE_AGAIN,
    ),
    Fault(
        "outbox: storage fails",
        _sets(keeping=NotKept.STORAGE_FAILED),
        _mend,
        ending=Ending.STOPPED,
        kept=False,
        leads_to=_DECLARE_AGAIN,
    ),
    Fault(
        "outbox: commits, and says that it failed",  # the desk knows it by its id, whoever tries again
        _sets(keeping=NotKept.STORAGE_FAILED, keeps_anyway=True),
        _mend,
        ending=Ending.STOPPED,
        leads_to=_DECLARE_AGAIN,
    ),
    Fault("outbox: slow", _sets(keeper_delay_s=9.0), _mend),
    Fault(
        "outbox: never answers",
        _sets(keeper_silent=True),
        _mend,
        ending=Ending.OUT_OF_ORDER,
        kept=False,
        leads_to={State.SUBMITTING: State.SUBMITTING},
        too_late={State.SUBMITTING: Ending.OUT_OF_ORDER},
    ),
    Fault("centre: does not answer", _sets(centre="silent"), _mend),
    Fault("centre: answers for another case", _sets(centre="other"), _mend),
    Fault("centre: answers twice", _sets(centre="twice"), _mend),
    Fault(
        "centre: enquiries are not answered",
        _sets(enquiries="silent"),
        _mend,
        leads_to={State.WAITING: State.WAITING},
    ),
    Fault(
        "centre: cannot be asked",
        _sets(enquiries="unreachable"),
        _mend,
        leads_to={State.WAITING: State.WAITING},
    ),
    Fault(
        "centre: answers another's enquiry",
        _sets(enquiries="other"),
        _mend,
        leads_to={State.WAITING: State.WAITING},
    ),
    Fault("phone: its way is never open", _sets(way="silent"), _mend),
    Fault("phone: its way cannot be opened", _sets(way="unreachable"), _mend),
    Fault("phone: another's files come", _sets(way="other"), _mend),
    Fault("late words of another visit", _late_words, _mend),
    Fault(
        "no more reports are taken",
        lambda world: world.dispatch(AdmissionChanged(accepting=False)),
        lambda world: world.dispatch(AdmissionChanged(accepting=True)),
        leads_to={State.ATTRACT: State.OUT_OF_SERVICE},
    ),
    Fault("clock: a year ahead", _wall_clock(days=365), _wall_clock()),
    Fault("clock: twenty years back", _wall_clock(days=-7305), _wall_clock()),
    Fault("the process is held for twelve seconds", _ticks_stop, _nothing),
)
