"""What a maintenance process says, invented, for every page; and a face that is brought to each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "ui"))  # the inspection and gallery of the face
from gallery import SITE, invented_photo

from config.settings import Display, Orientation, Settings
from flows.ports import Device, DeviceState, OfficerCall, PanelKey, PrintOutcome
from ui.technician import TechnicianFace

Answer = Mapping[str, Any]
LIVE = invented_photo()
MIDNIGHT = 1_795_276_800.0  # 2026-11-22 00:00 in Hong Kong
WIDEST = "2026-11-21T18:04:05+00:00"

FINDINGS = [
    {"part": "settings", "health": "works", "cause": "kiosk 0001, profile production", "remedy": ""},
    {"part": "clock", "health": "works", "cause": "in step with the centre", "remedy": ""},
    {
        "part": "certificate",
        "health": "watch",
        "cause": "ends in 12 days and was not renewed",
        "remedy": "let the courier reach the centre; else `kiosk enrol` with a new code",
    },
    {"part": "outbox", "health": "works", "cause": "2 waiting, the oldest for 4 min", "remedy": ""},
    {"part": "disk", "health": "works", "cause": "18220 MB are free", "remedy": ""},
    {
        "part": "printer",
        "health": "mend",
        "cause": "paper out, model TM-m30III",
        "remedy": "put in a new roll",
    },
    {"part": "scanner", "health": "works", "cause": "ready", "remedy": ""},
    {"part": "camera", "health": "mend", "cause": "covered", "remedy": "free the lens"},
    {"part": "self-test: speaker", "health": "watch", "cause": "failed on 2026-11-20", "remedy": "mend it"},
    {"part": "courier", "health": "works", "cause": "at work", "remedy": ""},
]
STATES = {
    "printer": "paper_out",
    "scanner": "ready",
    "document_reader": "not_installed",
    "camera": "covered",
    "panel": "ready",
}
TESTS = [
    "printer",
    "scanner",
    "document_reader",
    "camera",
    "panel_lamp",
    "panel_buzzer",
    "panel_keypad",
    "speaker",
    "headphones",
    "touch",
    "display",
]
HISTORY = [
    {"state": "ready", "at": MIDNIGHT + 8 * 3600},
    {"state": "paper_low", "at": MIDNIGHT + 9.5 * 3600},
    {"state": "paper_out", "at": MIDNIGHT + 11.2 * 3600},
]
HOPS = [
    {"hop": "interface", "health": "works", "ms": 0.2, "cause": "eth0 has a link", "remedy": ""},
    {"hop": "gateway", "health": "works", "ms": 1.4, "cause": "10.0.0.1 answers", "remedy": ""},
    {
        "hop": "name",
        "health": "mend",
        "ms": None,
        "problem": "not_resolved",
        "cause": "kiosks.centre.example is not known to the name server",
        "remedy": "check centre.url and the name server of this network",
    },
]


def answers() -> dict[str, Answer]:
    """An answer to everything that can be asked."""
    last = {"passed": True, "at": WIDEST, "technician": "T0042"}
    tests = [{"test": test, "last": last if at % 3 else None} for at, test in enumerate(TESTS)]
    tests[2]["last"] = {**last, "passed": False}
    return {
        "door": {"event": "door", "kiosk": "0001", "wait_s": 0},
        "findings": {"event": "findings", "findings": FINDINGS},
        "devices": {
            "event": "devices",
            "devices": [
                {
                    "device": device,
                    "state": state,
                    "facts": {"model": "TM-m30III", "firmware": "4.22 ESC/POS", "paper_width_mm": "80"},
                    "history": HISTORY if device == "printer" else [],
                }
                for device, state in STATES.items()
            ],
        },
        "network": {"event": "network", "hops": HOPS},
        "tests": {"event": "tests", "tests": tests},
        "checklist": {
            "event": "checklist",
            "items": [
                {
                    "item": "paper_path",
                    "words": {
                        "zh-Hant": "清走打印機紙道及出紙口的紙屑",
                        "zh-Hans": "清理打印机纸道和出纸口的纸屑",
                        "en": "Clear paper dust from the printer's path and mouth",
                    },
                    "every_days": 30,
                    "due_at": MIDNIGHT - 86_400,
                    "overdue": True,
                    "last": {**last, "passed": False},
                },
                {
                    "item": "strange_parts",
                    "words": {
                        "zh-Hant": "機身沒有不明的附加物、鏡頭或貼上的讀卡裝置",
                        "zh-Hans": "机身没有不明的附加物、镜头或贴上的读卡装置",
                        "en": "Nothing strange was put on the kiosk: no extra camera, reader or cover",
                    },
                    "every_days": 7,
                    "due_at": MIDNIGHT + 86_400,
                    "overdue": False,
                    "last": last,
                },
            ],
        },
        "events": {
            "event": "events",
            "events": [
                {
                    "at": MIDNIGHT + 11.2 * 3600,
                    "process": "devices",
                    "level": "warning",
                    "event": "device_lost",
                    "fields": {"device": "printer", "state": "paper_out"},
                },
                {
                    "at": MIDNIGHT + 11.1 * 3600,
                    "process": "visitor",
                    "level": "info",
                    "event": "visit_ended",
                    "fields": {"ending": "finished"},
                },
                {
                    "at": MIDNIGHT,
                    "process": "courier",
                    "level": "error",
                    "event": "certificate_expiring",
                    "fields": {"days": 12},
                },
            ],
        },
        "facts": {
            "event": "facts",
            "facts": {
                "version": "0.1.0",
                "python": "3.11.9",
                "qt": "6.11.3",
                "sqlite": "3.50.4",
                "kernel": "6.1.0-28-amd64",
                "site": "mtr-admiralty",
                "profile": "production",
                "certificate_days": 12,
                "queued": 2,
                "oldest_age_s": 251,
                "reachable": None,
            },
        },
        "restart": {"event": "restarted", "what": "printer", "done": True},
        "record": {"event": "recorded", "test": "printer", "at": MIDNIGHT},
        "tick": {"event": "ticked", "item": "paper_path", "due_at": MIDNIGHT + 30 * 86_400},
        "bundle": {"event": "bundle", "file": "kiosk-0001-20261122.bundle", "bytes": 182_344},
        "enter": {"event": "entered", "technician": "T0042", "by": "code", "idle_s": 60},
    }


class Scripted:
    """Errands that answer at once from `answers`, and remember what was asked."""

    def __init__(self) -> None:
        self.said = answers()
        self.asked: list[dict[str, Any]] = []
        self.done: list[str] = []
        self.face: TechnicianFace | None = None

    def ask(self, request: Mapping[str, object]) -> None:
        self.asked.append(dict(request))
        if self.face is not None:
            self.face.bridge.take(self.said[str(request["ask"])])

    def try_panel(self, part: str) -> None:
        self.done.append(f"try {part}")

    def print_test_page(self, kiosk: str) -> None:
        self.done.append(f"test page {kiosk}")

    def print_report(self, report: Mapping[str, Any]) -> None:
        self.done.append(f"report {report['technician']}")

    def listen(self, *, wanted: bool) -> None:
        self.done.append(f"listen {wanted}")

    def look(self, *, wanted: bool) -> None:
        self.done.append(f"look {wanted}")

    def restart_screen(self) -> None:
        self.done.append("restart screen")

    def leave(self) -> None:
        self.done.append("leave")


class Hands:
    """A clock that goes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def build_desk(
    orientation: Orientation = Orientation.PORTRAIT, clock: Callable[[], float] | None = None
) -> tuple[TechnicianFace, Scripted]:
    """A technician's face on the login page, and who answers it."""
    display = Display(orientation=orientation, fullscreen=False)
    errands = Scripted()
    face = TechnicianFace(Settings(display=display, site=SITE), errands, clock or Hands())
    errands.face = face
    face.bridge.open("login")
    return face, errands


def _fresh(face: TechnicianFace) -> None:
    face.bridge.take({"event": "entered", "technician": "T0042", "by": "code", "idle_s": 60})


def _login(face: TechnicianFace) -> None:
    face.bridge.lose_session()
    face.bridge.take({"event": "door", "kiosk": "0001", "wait_s": 0})
    for digit in "0042" + "31":
        face.bridge.typeDigit(digit)


def _refused(face: TechnicianFace) -> None:
    face.bridge.lose_session()
    face.bridge.take({"event": "denied", "reason": "wait", "wait_s": 30})


def _locked(face: TechnicianFace) -> None:
    face.bridge.lose_session()
    face.bridge.take_scan(b"KTP1.x.y", Device.SCANNER, "Q1")
    face.bridge.take({"event": "denied", "reason": "locked", "wait_s": 0})


def _page(name: str, device: str = "") -> Callable[[TechnicianFace], None]:
    def show(face: TechnicianFace) -> None:
        _fresh(face)
        face.bridge.open(name, device)

    return show


def _printed(face: TechnicianFace) -> None:
    _page("device", "printer")(face)
    face.bridge.printTestPage()
    face.bridge.take_print(PrintOutcome.PRINTED)


def _scanned(face: TechnicianFace) -> None:
    _page("device", "scanner")(face)
    face.bridge.take_scan(b"KIOSK-TEST 0001", Device.SCANNER, "Q1")


def _seen(face: TechnicianFace) -> None:
    _page("device", "camera")(face)
    face.bridge.take_state(Device.CAMERA, DeviceState.READY)
    face.bridge.watchCamera(True)  # noqa: FBT003
    for _ in range(15):
        face.take_frame(LIVE, 999.94)


def _pressed(face: TechnicianFace) -> None:
    _page("device", "panel")(face)
    face.bridge.tryPart("lamp")
    face.bridge.take_tried("lamp", done=True)
    face.bridge.tryKeys(True)  # noqa: FBT003
    for key in (PanelKey.UP, PanelKey.OK):
        face.take_key(key)


def _heard(face: TechnicianFace) -> None:
    _page("sound")(face)
    face.bridge.take_headphones(plugged=True)
    face.bridge.tryPart("headphones_left")
    face.bridge.take_tried("headphones_left", done=False)


def _written(face: TechnicianFace) -> None:
    _page("bundle")(face)
    face.bridge.makeBundle()


def _all_works(face: TechnicianFace) -> None:
    _page("overview")(face)
    good = [{**finding, "health": "works"} for finding in FINDINGS]
    face.bridge.take({"event": "findings", "findings": good})
    for device in Device:
        face.bridge._set(device_states={**face.bridge.value("device_states"), device.value: "ready"})


def _called(face: TechnicianFace) -> None:
    _page("bundle")(face)
    face.bridge.take_state(Device.PANEL, DeviceState.READY)
    face.bridge.take_call(OfficerCall.CALLING)


def _call_over(face: TechnicianFace) -> None:
    face.bridge.take_call(OfficerCall.NONE)
    _page("report")(face)


PAGES: dict[str, Callable[[TechnicianFace], None]] = {
    "login": _login,
    "login-wait": _refused,
    "login-locked": _locked,
    "overview": _page("overview"),
    "overview-works": _all_works,
    "printer": _printed,
    "scanner": _scanned,
    "document-reader": _page("device", "document_reader"),
    "camera": _seen,
    "panel": _pressed,
    "sound": _heard,
    "touch": _page("touch"),
    "display": _page("display"),
    "network": _page("network"),
    "post": _page("post"),
    "system": _page("system"),
    "checklist": _page("checklist"),
    "events": _page("events"),
    "bundle": _written,
    "called": _called,
    "report": _call_over,
}
