"""The levers of the dock: which there are, as data. All people and documents in them are invented."""

from collections.abc import Sequence
from pathlib import Path

from flows import reference
from flows.ports import USABLE_STATES, Device, DeviceState
from ui.bridge.dock import Board, Lever, Row, Words

NETWORK = "network"

_PASSPORT = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
_CARD = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
_RECEIPT = reference.payload(reference.compute(1, 1, bytes(32)), "K7M2-9QXA-4RTD")

_TITLES = {
    Device.PRINTER: "Receipt printer",
    Device.SCANNER: "Scanner",
    Device.DOCUMENT_READER: "Document reader",
    Device.CAMERA: "Camera",
    Device.PANEL: "Panel",
}


def boards(devices: Sequence[Device], specimens: Sequence[tuple[str, str]] = ()) -> tuple[Board, ...]:
    """A board for the network and for each of the simulated devices.

    `specimens`: labels of pictures for the camera and what it is told to show them.
    """
    rows = {
        Device.PRINTER: _PRINTER,
        Device.SCANNER: _SCANNER,
        Device.DOCUMENT_READER: _DOCUMENT_READER,
        Device.CAMERA: (_camera_faults(), _pictures(specimens)),
        Device.PANEL: _PANEL,
    }
    network = Board(NETWORK, "Network to the centre", (_NETWORK,))
    return network, *(Board(device.value, _TITLES[device], rows[device]) for device in devices)


def mood(state: DeviceState) -> str:
    """The colour of a state."""
    if state in (DeviceState.NOT_INSTALLED, DeviceState.UNKNOWN):
        return "none"
    if state not in USABLE_STATES:
        return "bad"
    return "fair" if state in (DeviceState.PAPER_LOW, DeviceState.PAPER_WAITING) else "good"


def _faults(device: Device, *faults: tuple[str, str]) -> Row:
    mend = Lever("mend", {"device": device.value, "fault": "none"}, standing=True)
    levers = (Lever(label, {"device": device.value, "fault": word}, standing=True) for label, word in faults)
    return Row("fault", (mend, *levers))


def _does(device: Device, label: str, *deeds: tuple[str, Words], standing: bool = False) -> Row:
    levers = (Lever(name, {"device": device.value, **words}, standing=standing) for name, words in deeds)
    return Row(label, tuple(levers))


_NETWORK = Row(
    "state",
    tuple(
        Lever(label, {"network": word}, standing=True)
        for label, word in (("mend", "mend"), ("cut", "cut"), ("slow", "slow"), ("captive portal", "portal"))
    ),
)
_PRINTER = (
    _faults(
        Device.PRINTER,
        ("paper low", "paper_low"),
        ("paper out", "paper_out"),
        ("cover open", "cover_open"),
        ("cutter", "cutter"),
        ("overheated", "overheated"),
        ("unplug", "offline"),
        ("hang", "hang"),
        ("slow", "slow"),
        ("mute", "mute"),
        ("garble", "garble"),
    ),
    _does(
        Device.PRINTER,
        "in mid-job",
        ("paper out after 300 rows", {"fault": "paper_out", "after_rows": 300}),
        ("unplug after 300 rows", {"fault": "offline", "after_rows": 300}),
        ("off and on", {"fault": "power_cycle"}),
    ),
)
_SCANNER = (
    _faults(
        Device.SCANNER,
        ("unplug", "unplug"),
        ("hang", "hang"),
        ("garble", "garble"),
        ("endless", "endless"),
        ("misconfigure", "misconfigure"),
    ),
    _does(
        Device.SCANNER,
        "scan this",
        ("own receipt", {"scan": _RECEIPT}),
        ("HKID number", {"scan": "A123456(3)"}),
        ("passport zone", {"scan": _PASSPORT}),
        ("iAM Smart", {"scan": "https://www.iamsmart.gov.hk/qr/specimen"}),
        ("shop label", {"scan": "4891234567894", "symbology": "E0"}),
        ("web link", {"scan": "https://example.com/?q=<b>1</b>"}),
        ("control characters", {"scan_hex": "1b5b324a001d1e1f7f"}),
        ("long junk", {"scan": "0123456789ABCDEF" * 300}),
        ("in pieces", {"split": "A123456(3)"}),
        ("without end", {"unterminated": "A123456(3)"}),
    ),
)
_DOCUMENT_READER = (
    _faults(
        Device.DOCUMENT_READER,
        ("unplug", "unplug"),
        ("hang", "hang"),
        ("garble", "garble"),
        ("endless", "endless"),
    ),
    _does(
        Device.DOCUMENT_READER,
        "read this",
        ("passport", {"scan": _PASSPORT}),
        ("identity card", {"scan": _CARD}),
        ("first line only", {"scan": _PASSPORT.split("\n")[0]}),
        ("wrong check digit", {"scan": _PASSPORT.replace("L898902C36", "L898902C37")}),
    ),
)
_PANEL = (
    _faults(
        Device.PANEL,
        ("unplug", "unplug"),
        ("hang", "hang"),
        ("slow", "slow"),
        ("garble", "garble"),
        ("broken lamp", "broken_lamp"),
        ("dark lamp", "dark_lamp"),
    ),
    _does(
        Device.PANEL,
        "press",
        ("call an officer", {"press": "call"}),
        ("acknowledge at the desk", {"press": "acknowledge"}),
    ),
    _does(
        Device.PANEL,
        "headphones",
        ("in", {"headphones": "in"}),
        ("out", {"headphones": "out"}),
        standing=True,
    ),
    _does(
        Device.PANEL,
        "somebody is",
        ("near", {"presence": "near"}),
        ("away", {"presence": "away"}),
        ("no sensor", {"presence": "none"}),
        standing=True,
    ),
    _does(
        Device.PANEL,
        "keys",
        *(
            (key, {"key": key})
            for key in ("up", "down", "left", "right", "ok", "back", "help", "louder", "softer")
        ),
    ),
)


def _camera_faults() -> Row:
    return _faults(
        Device.CAMERA,
        ("unplug", "unplug"),
        ("stall", "stall"),
        ("freeze", "freeze"),
        ("slow", "slow"),
        ("black", "black"),
        ("finger", "cover"),
        ("glare", "overexpose"),
        ("noise", "noise"),
    )


def _pictures(specimens: Sequence[tuple[str, str]]) -> Row:
    shown = ((label, {"show": what}) for label, what in specimens)
    return _does(Device.CAMERA, "show this", *shown, standing=True)


def write_code(folder: Path) -> tuple[str, str]:
    """A picture of the code on an own receipt, for the camera: its label and what shows it."""
    import segno

    picture = folder / "dock-receipt.png"
    segno.make_qr(_RECEIPT).save(str(picture), scale=9, border=4)
    return "own receipt", str(picture)
