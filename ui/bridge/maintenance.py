"""What a technician sees and touches: renders what maintenance and the devices say, and decides nothing.

A PIN is typed here, key by key, and nothing else of the face knows more of it than how many keys there were.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any, Protocol

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QQmlPropertyMap

from flows.ports import USABLE_STATES, Device, DeviceState, OfficerCall, PanelKey, PrintOutcome
from ui.bridge.maintenance_values import EMPTY, HOUSE, OF_A_PAGE, Teller, facts
from ui.bridge.plain import Plain, to_plain

Request = Mapping[str, object]

IDLE_S = 60.0
WARNING_S = 15.0
STAY_S = 5.0
CODE_LETTER = "T"
CODE_DIGITS = 4
LONGEST_PIN = 12
PASS_MARK = "KTP1."  # noqa: S105  # how a pass begins; maintenance reads the rest
EVENTS_SHOWN = 60
TEST_MARK = "KIOSK-TEST"
"""How the code on our test page begins, which a kiosk's number follows."""

_OUR_CODE = re.compile(TEST_MARK + " [0-9]{4}")
"""The only content of a code that is shown; whatever else is scanned may be somebody's."""

_ASKED_BY_PAGE: Mapping[str, tuple[Request, ...]] = {
    "login": ({"ask": "door"},),
    "overview": ({"ask": "devices"}, {"ask": "tests"}, {"ask": "checklist"}, {"ask": "findings"}),
    "device": ({"ask": "devices"}, {"ask": "tests"}),
    "sound": ({"ask": "tests"},),
    "touch": ({"ask": "tests"},),
    "display": ({"ask": "tests"},),
    "network": ({"ask": "network"},),
    "post": ({"ask": "findings"}, {"ask": "facts"}),
    "system": ({"ask": "facts"}, {"ask": "findings"}),
    "checklist": ({"ask": "checklist"},),
    "events": ({"ask": "events", "count": EVENTS_SHOWN, "least": "info"},),
    "bundle": (),
    "report": ({"ask": "tests"}, {"ask": "checklist"}, {"ask": "findings"}),
}
_DEEDS = frozenset({"enter", "record", "tick", "restart", "bundle"})
"""Asked as often as wanted; anything else is not asked again while its answer is awaited."""

_SEVEREST_FIRST = ("mend", "watch", "works")
_READERS = (Device.SCANNER.value, Device.DOCUMENT_READER.value)


class Errands(Protocol):
    """What the roof does for this screen. Every method returns at once."""

    def ask(self, request: Request) -> None:
        """Send a request to maintenance; its answer comes to `MaintenanceBridge.take`."""

    def try_panel(self, part: str) -> None:
        """Switch a part of the panel on for a moment; `part` is a value of the devices' `PanelPart`."""

    def print_test_page(self, kiosk: str) -> None:
        """Print the test page."""

    def print_report(self, report: Mapping[str, Any]) -> None:
        """Print how ready the kiosk is; `report` is what `MaintenanceBridge.report` holds."""

    def listen(self, *, wanted: bool) -> None:
        """Deliver what is scanned, or no longer."""

    def look(self, *, wanted: bool) -> None:
        """Deliver the camera's pictures, or no longer."""

    def restart_screen(self) -> None:
        """End all screens; whoever keeps the screen host starts it again."""

    def leave(self) -> None:
        """End this screen; a fresh visitor screen follows."""


class MaintenanceBridge(QObject):
    """The state of the technician's screen, and the slots behind its controls.

    It stands where QML expects the visit, so that pages and controls of the house work here unchanged.

    Signals:
        languageChanged: `state.language` is another one.
    """

    languageChanged = Signal()

    def __init__(
        self,
        errands: Errands,
        languages: tuple[str, ...],
        time_zone: str,
        clock: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        """`clock` tells seconds that never go back."""
        super().__init__(parent)
        self._errands = errands
        self._languages = languages
        self._teller = Teller(time_zone)
        self._clock = clock
        self._pass = ""
        self._pin = ""
        self._interrupted = False
        self._idle_s = IDLE_S
        self._touched_at = self._told_at = clock()
        self._wait_until = 0.0
        self._frames: list[float] = []
        self._awaited: deque[str] = deque()
        self._state = QQmlPropertyMap.create(self)
        self._values: dict[str, Plain] = {}
        self._set(
            **HOUSE,
            **EMPTY,
            language=languages[0],
            device_states=dict.fromkeys(Device, DeviceState.UNKNOWN),
        )

    @Property(QObject, constant=True)
    def state(self) -> QObject:
        """Map of what to show."""
        return self._state

    def value(self, name: str) -> Any:
        """One value of `state`, as QML sees it."""
        return self._values[name]

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            plain = to_plain(value)
            if name not in self._values or self._values[name] != plain:
                self._values[name] = plain
                self._state.insert(name, plain)

    # --- what controls of the house say

    @Slot(str)
    def touch(self, name: str) -> None:
        """ "Back", the only button of a page's foot."""
        if name == "back":
            self.back()

    @Slot()
    def stay(self) -> None:
        """The page was scrolled."""
        self.note_activity()

    # --- pages

    @Slot(str)
    @Slot(str, str)
    def open(self, page: str, device: str = "") -> None:
        """Show a page and ask for what it shows."""
        self._errands.look(wanted=False)
        self._frames.clear()
        self._set(**OF_A_PAGE, screen=page, device=device, can_back=page not in ("login", "overview"))
        self._errands.listen(wanted=page == "login" or device in _READERS)
        for request in _ASKED_BY_PAGE[page]:
            self.ask(request)

    @Slot()
    def back(self) -> None:
        """To the overview; from there and from the login page there is only the way out."""
        if self.value("can_back"):
            self.open("overview")

    @Slot()
    def refresh(self) -> None:
        """Ask again for what the page shows."""
        for request in _ASKED_BY_PAGE[self.value("screen")]:
            self.ask(request)

    @Slot()
    def nextLanguage(self) -> None:
        """The next language of the place."""
        at = self._languages.index(self.value("language"))
        self._set(language=self._languages[(at + 1) % len(self._languages)])
        self.languageChanged.emit()

    @Slot()
    def leave(self) -> None:
        """The way out."""
        self._forget_secrets()
        self._errands.leave()

    def ask(self, request: Request) -> None:
        """Ask maintenance; the page shows that it waits."""
        name = str(request["ask"])
        if name in self._awaited and name not in _DEEDS:
            return
        self._awaited.append(name)
        self._told_at = self._clock()
        self._set(asking=len(self._awaited), failed="")
        self._errands.ask(request)

    # --- entering

    @Slot(str)
    def typeDigit(self, digit: str) -> None:
        """A key of the pad: first of the number, then of the PIN."""
        if len(digit) != 1 or digit not in "0123456789" or self.value("wait") > 0:
            return
        if self._is_named():
            self._pin = (self._pin + digit)[:LONGEST_PIN]
        else:
            self._set(code=self.value("code") + digit)
        self._set(dots=len(self._pin), named=self._is_named())

    @Slot()
    def deleteDigit(self) -> None:
        """Takes back the last key; where nothing of a PIN is typed, of the number; a pass as a whole."""
        if self._pin:
            self._pin = self._pin[:-1]
        elif self._pass:
            self._pass = ""
        else:
            self._set(code=self.value("code")[:-1])
        self._set(dots=len(self._pin), has_pass=bool(self._pass), named=self._is_named())

    @Slot()
    def enter(self) -> None:
        """Ask to be let in. The PIN is forgotten at once, whatever the answer."""
        if not (self._is_named() and self._pin) or self.value("wait") > 0:
            return
        who = {"pass": self._pass} if self._pass else {"code": CODE_LETTER + self.value("code")}
        request = {"ask": "enter", **who, "pin": self._pin}
        self._forget_secrets()
        self._set(reason="")
        self.ask(request)

    def _is_named(self) -> bool:
        return bool(self._pass) or len(self.value("code")) == CODE_DIGITS

    def _forget_secrets(self) -> None:
        self._pass = self._pin = ""
        self._set(code="", dots=0, has_pass=False, named=False)

    # --- tests and other deeds

    @Slot(str)
    def tryPart(self, part: str) -> None:
        """Switch a part of the panel on for a moment."""
        self._set(tried={"part": part, "done": None})
        self._errands.try_panel(part)

    @Slot()
    def printTestPage(self) -> None:
        """Print the test page."""
        self._set(printing="printing")
        self._errands.print_test_page(self.value("kiosk"))

    @Slot()
    def printReport(self) -> None:
        """Print what the report page shows."""
        self._set(printing="printing")
        self._errands.print_report(self.report())

    @Slot(bool)
    def watchCamera(self, wanted: bool) -> None:  # a slot of QML
        """Switch the live picture on or off."""
        self._frames.clear()
        self._set(camera_on=wanted, fps=0.0, frame_age_ms=0)
        self._errands.look(wanted=wanted)

    @Slot(bool)
    def tryKeys(self, wanted: bool) -> None:  # a slot of QML
        """Let keys of the keypad light up instead of walking over the page."""
        self._set(trying_keys=wanted, pressed=[] if wanted else self.value("pressed"))

    @Slot(str, bool)
    def record(self, test: str, passed: bool) -> None:  # a slot of QML
        """The technician's verdict of a test."""
        self.ask({"ask": "record", "test": test, "passed": passed})

    @Slot(str, bool)
    def tick(self, item: str, passed: bool) -> None:  # a slot of QML
        """The technician's verdict of an item of the checklist."""
        self.ask({"ask": "tick", "item": item, "passed": passed})

    @Slot(str)
    def restart(self, what: str) -> None:
        """Restart a device or a process."""
        if what == "screen":
            self._errands.restart_screen()
            return
        self._set(restarting=what, restarted="")
        self.ask({"ask": "restart", "what": what})

    @Slot()
    def makeBundle(self) -> None:
        """Write the support bundle to the stick."""
        self._set(bundle={"state": "writing"})
        self.ask({"ask": "bundle"})

    def report(self) -> dict[str, Any]:
        """What is printed: kiosk, technician, language, moment, findings, tests, checklist."""
        names = ("kiosk", "technician", "language", "findings", "tests", "items")
        return {**{name: self.value(name) for name in names}, "at": self._teller.now()}

    # --- what maintenance says

    def take(self, answer: Mapping[str, Any]) -> None:
        """An answer of maintenance; one that is not of its page is no reason to fail."""
        if self._awaited:
            self._awaited.popleft()
        self._set(asking=len(self._awaited))
        match answer.get("event"):
            case "door":
                self._set(kiosk=answer["kiosk"])
                self._wait(answer["wait_s"])
            case "entered":
                self._idle_s = float(answer.get("idle_s", IDLE_S))
                self._set(technician=answer["technician"])
                self.open("overview")
            case "denied":
                self._take_refusal(answer)
            case "restarted":
                self._take_restart(answer["what"], done=answer["done"])
            case "recorded" | "ticked":
                self.refresh()
            case "bundle" | "failed":
                self._take_ending(answer)
            case _:
                self._take_list(answer)

    def _take_list(self, answer: Mapping[str, Any]) -> None:
        match answer.get("event"):
            case "findings":
                found = sorted(answer["findings"], key=lambda each: _SEVEREST_FIRST.index(each["health"]))
                self._set(findings=found)
            case "devices":
                self._take_devices(answer["devices"])
            case "network":
                self._set(hops=answer["hops"])
            case "tests":
                self._set(
                    tests=[{**each, "last": self._teller.dated(each["last"])} for each in answer["tests"]]
                )
            case "checklist":
                self._set(items=[self._teller.item(each) for each in answer["items"]])
            case "events":
                self._set(events=[self._teller.event(each) for each in answer["events"]])
            case "facts":
                self._set(facts=facts(answer["facts"]))

    def _take_refusal(self, answer: Mapping[str, Any]) -> None:
        if self.value("screen") != "login":
            self.lose_session()
        self._set(reason=answer["reason"])
        self._wait(answer.get("wait_s") or 0)

    def _take_restart(self, what: str, *, done: bool) -> None:
        if not done:
            self._set(restarting="", failed="restart")
            return
        self._set(restarting="", restarted=what)
        self.refresh()

    def _take_ending(self, answer: Mapping[str, Any]) -> None:
        """A bundle is written, or whatever was asked for could not be done."""
        if answer["event"] == "bundle":
            self._set(bundle={"state": "written", "file": answer["file"], "bytes": answer["bytes"]})
        elif self.value("bundle").get("state") == "writing":
            self._set(bundle={"state": "failed", "reason": answer["reason"]})
        else:
            self._set(restarting="", failed=answer["reason"])

    def _take_devices(self, devices: list[Mapping[str, Any]]) -> None:
        # Without the devices process nothing is told; how its devices are their own line says.
        told = {each["device"]: each["state"] for each in devices}
        self._set(
            device_states={**self.value("device_states"), **told},
            devices={each["device"]: self._teller.device(each) for each in devices},
        )

    def lose_session(self) -> None:
        """Maintenance ended the session, or itself: whoever is here enters again."""
        self._forget_secrets()
        was_inside = self.value("technician") != ""
        self._awaited.clear()
        self._set(technician="", asking=0, findings=[], events=[], facts=[], tests=[], items=[], devices={})
        self.open("login")
        self._set(reason="ended" if was_inside else "")

    def lose_maintenance(self) -> None:
        """Nobody answers."""
        self._interrupted = self._interrupted or self.value("technician") != ""
        self.lose_session()
        self._set(reason="away")

    def find_maintenance(self) -> None:
        """Maintenance answers again; who was inside is not any more."""
        if self.value("reason") == "away":
            self._set(reason="ended" if self._interrupted else "")
        self._interrupted = False
        self._awaited.clear()
        self.open("login") if self.value("screen") == "login" else self.lose_session()

    # --- what the devices say

    def take_state(self, device: Device, state: DeviceState) -> None:
        """A device is in another state; its history is asked for anew."""
        self._set(device_states={**self.value("device_states"), device.value: state.value})
        if device is Device.PANEL:
            self._set(calls_reach=state in USABLE_STATES)
        if self.value("technician") and self.value("screen") in ("overview", "device"):
            self.refresh()

    def take_scan(self, payload: bytes, source: Device, symbology: str) -> None:
        """Something was read: a pass on the login page; else only that, where from and how long."""
        if self.value("screen") == "login":
            self._take_pass(payload.decode("ascii", "replace").strip())
            return
        text = payload.decode("ascii", "replace")
        shown = text if _OUR_CODE.fullmatch(text.strip()) else ""
        self._set(scan={"source": source, "symbology": symbology, "length": len(payload), "text": shown})

    def _take_pass(self, text: str) -> None:
        """Its own guesses count for a pass, and nobody else's: it waits for none of them."""
        self._forget_secrets()
        if not text.startswith(PASS_MARK):
            self._set(reason="unreadable")
            return
        self._pass = text
        self._set(has_pass=True, named=True, reason="")
        self._wait(0)

    def take_frame(self, taken_monotonic: float) -> None:
        """A picture of the camera is shown that was taken at that second of the monotonic clock."""
        now = self._clock()
        self._frames = [*(at for at in self._frames if now - at < 1.0), now]
        age_ms = max(0, round((now - taken_monotonic) * 1000))
        self._set(fps=float(len(self._frames)), frame_age_ms=age_ms)

    def take_key(self, key: PanelKey) -> bool:
        """A key of the keypad; whether the keypad test took it."""
        self.note_activity()
        if not self.value("trying_keys"):
            return False
        self._set(pressed=[*(each for each in self.value("pressed") if each != key.value), key.value])
        return True

    def take_call(self, state: OfficerCall) -> None:
        """How the call of an officer stands."""
        self._set(officer_call=state)

    def take_headphones(self, *, plugged: bool) -> None:
        """Headphones are in their jack, or not."""
        self._set(plugged=plugged)

    def take_tried(self, part: str, *, done: bool) -> None:
        """A part was switched on, or could not be."""
        self._set(tried={"part": part, "done": done})

    def take_print(self, outcome: PrintOutcome) -> None:
        """A print job ended."""
        self._set(printing=outcome)

    # --- time

    def note_activity(self) -> None:
        """Somebody is here."""
        self._touched_at = self._clock()
        self._set(seconds=0)
        if self.value("technician") and self._touched_at - self._told_at > STAY_S:
            self.ask({"ask": "door"})  # maintenance counts idle seconds too

    def look_at_clock(self) -> None:
        """Count down what counts down; leave when nobody has touched anything for so long."""
        now = self._clock()
        self._set(wait=max(0, ceil(self._wait_until - now)))
        left_s = self._touched_at + self._idle_s - now
        if left_s <= 0:
            self.leave()
        elif left_s <= WARNING_S:
            self._set(seconds=ceil(left_s))

    def _wait(self, seconds: float) -> None:
        self._wait_until = self._clock() + seconds
        self._set(wait=ceil(seconds))
