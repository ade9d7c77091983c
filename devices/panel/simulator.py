"""A panel on a pseudo-terminal with a stable name, for development and tests: `docs/devices/panel.md`.

It knows the protocol from that page and shares no code with the adapter, so that a mistake in one is not
repeated in the other.
"""

import random
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devices.pty_line import PtyLine

KEYS = ("UP", "DOWN", "LEFT", "RIGHT", "OK", "BACK", "HELP", "LOUDER", "SOFTER")
PRESSED_S = 0.15
"""So long a finger holds a button."""

_SHOWN = {"0": "off", "1": "on", "-": "none"}
_REPEAT_S = 0.2
_TELLINGS = 3
_TURN_S = 0.05
_SLOW_S = 0.8


def checksum(data: bytes) -> int:
    """CRC-32, bit by bit as a microcontroller does it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def line(body: str) -> bytes:
    """The line of a body."""
    return b"$%s*%08X\n" % (body.encode(), checksum(body.encode()))


class PanelSimulator:
    """One panel. `link` is the name an adapter opens; it is there only while the panel is plugged in."""

    def __init__(self, link: Path, *, version: int = 1) -> None:
        self._line = PtyLine(link)
        self._version = version
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._rest = b""
        self._number = 0
        self._untold: dict[int, tuple[str, int, float]] = {}  # event number: body, tellings left, when
        self._later: list[tuple[float, bytes]] = []
        self._releases: list[tuple[float, str]] = []
        self._faults: set[str] = set()
        self._noise = random.Random(1)  # noqa: S311  noise needs no secret
        self.inputs: dict[str, str] = {"CALL": "0", "ACK": "0", "HP": "0", "NEAR": "1"}
        self.outputs: dict[str, str] = {"LAMP": "0", "BUZZER": "0", "RELAY": "0"}

    # --- on and off

    def start(self) -> None:
        """Plug it in and let it work."""
        self.plug()
        self._thread = threading.Thread(target=self._work, name="panel-simulator", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Pull it out."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(2)
        self.unplug()

    def plug(self) -> None:
        """It appears under its name, as after power came: outputs off, levels as they are."""
        with self._lock:
            if self._line.plugged:
                return
            self._line.plug()
            self.outputs = dict.fromkeys(self.outputs, "0")
            self._rest, self._number = b"", 0
            self._untold.clear()
            self._later.clear()

    def unplug(self) -> None:
        """It disappears; who reads from it gets an error."""
        self._line.unplug()

    # --- what people do

    def press(self, key: str) -> None:
        """A key of the keypad goes down. Raises ValueError for a key it has not."""
        if key.upper() not in KEYS:
            raise ValueError(f"unknown key {key!r}")
        with self._lock:
            self._tell(f"KEY {{number}} {key.upper()}")

    def push(self, name: str) -> None:
        """A finger presses and lets go of a button: CALL or ACK."""
        with self._lock:
            self.set_level(name, "1")
            self._releases.append((time.monotonic() + PRESSED_S, name))

    def set_level(self, name: str, level: str) -> None:
        """An input goes to a level and stays there: "0", "1", or "-" for a part that this panel has not."""
        with self._lock:
            changed = self.inputs[name] != level
            self.inputs[name] = level
            if changed and level != "-":
                self._tell(f"LEVEL {{number}} {name}={level}")

    def shown(self) -> dict[str, str]:
        """Inputs and outputs as they are, such as `"lamp": "on"`, and two of them in words of commands."""
        with self._lock:
            levels = {name.lower(): _SHOWN[level] for name, level in {**self.inputs, **self.outputs}.items()}
            presence = {"1": "near", "0": "away", "-": "none"}[self.inputs["NEAR"]]
            return {
                **levels,
                "presence": presence,
                "headphones": "in" if self.inputs["HP"] == "1" else "out",
            }

    def send(self, data: bytes) -> None:
        """Bytes as they are."""
        self._line.send(data)

    def command(self, words: Mapping[str, Any]) -> None:
        """Do what a lever of the dev dock says.

        `key` with a name; `press` call / acknowledge; `headphones` in / out; `presence` near / away / none;
        `send_hex`; `fault`: none, unplug, plug, hang, slow, garble, deaf (loses what the kiosk says of
        events), broken_lamp (says so), dark_lamp (takes the order and stays dark), no_outputs. Raises
        ValueError.
        """
        match dict(words):
            case {"key": str(key)}:
                self.press(key)
            case {"press": ("call" | "acknowledge") as button}:
                self.push("CALL" if button == "call" else "ACK")
            case {"headphones": ("in" | "out") as way}:
                self.set_level("HP", "1" if way == "in" else "0")
            case {"presence": ("near" | "away" | "none") as way}:
                self.set_level("NEAR", {"near": "1", "away": "0", "none": "-"}[way])
            case {"send_hex": str(data)}:
                self.send(bytes.fromhex(data))
            case {"fault": str(fault)}:
                self._fault(fault)
            case _:
                raise ValueError("not a word of the panel")

    def _fault(self, fault: str) -> None:
        with self._lock:
            if fault in {"none", "plug"}:
                self._faults.clear()
                self.plug()
            elif fault == "unplug":
                self.unplug()
            elif fault in {"hang", "slow", "garble", "deaf", "broken_lamp", "dark_lamp", "no_outputs"}:
                self._faults.add(fault)
                if fault == "garble":
                    self.send(self._noise.randbytes(600))
            else:
                raise ValueError(f"unknown fault {fault!r}")

    # --- the firmware

    def _work(self) -> None:
        while not self._over.is_set():
            self._line.wait(_TURN_S)
            self._turn(time.monotonic())

    def _turn(self, now: float) -> None:
        with self._lock:
            if not self._line.plugged:
                return
            self._rest += self._line.read()
            *lines, self._rest = self._rest.split(b"\n")
            for each in lines:
                self._obey(each, now)
            self._release(now)
            self._tell_again(now)
            due = [data for at, data in self._later if at <= now]
            self._later = [waiting for waiting in self._later if waiting[0] > now]
            for data in due:
                self.send(data)

    def _obey(self, said: bytes, now: float) -> None:
        body = said[1:-9].decode("ascii", "replace")
        if said + b"\n" != line(body) or "hang" in self._faults:
            return
        words = body.split(" ")
        match words:
            case ["HELLO", _]:
                self._answer(f"PANEL {self._version} SIMULATOR 1.0", now)
            case ["READ"]:
                self._answer(self._state(), now)
            case ["SET", *wishes]:
                self._set(wishes, now)
            case ["GOT", number] if "deaf" not in self._faults:
                self._untold.pop(int(number), None)

    def _set(self, wishes: list[str], now: float) -> None:
        wanted = dict(wish.split("=") for wish in wishes)
        if "broken_lamp" in self._faults and wanted.get("LAMP") == "1":
            self._answer("REFUSED", now)
            return
        self.outputs.update(wanted)
        if "dark_lamp" in self._faults:
            self.outputs["LAMP"] = "0"
        self._answer(self._state(), now)

    def _state(self) -> str:
        outputs = dict.fromkeys(self.outputs, "-") if "no_outputs" in self._faults else self.outputs
        return "STATE " + " ".join(f"{name}={level}" for name, level in {**self.inputs, **outputs}.items())

    def _answer(self, body: str, now: float) -> None:
        data = line(body)
        if "garble" in self._faults:
            at = self._noise.randrange(len(data) - 1)
            data = data[:at] + bytes([data[at] ^ 1 << self._noise.randrange(8)]) + data[at + 1 :]
        self._later.append((now + (_SLOW_S if "slow" in self._faults else 0.0), data))

    def _release(self, now: float) -> None:
        due = [name for at, name in self._releases if at <= now]
        self._releases = [waiting for waiting in self._releases if waiting[0] > now]
        for name in due:
            self.set_level(name, "0")

    def _tell(self, body: str) -> None:
        self._number = (self._number + 1) % 1000
        self._untold[self._number] = (body.format(number=self._number), _TELLINGS, 0.0)

    def _tell_again(self, now: float) -> None:
        for number, (body, left, at) in list(self._untold.items()):
            if at > now:
                continue
            self._answer(body, now)
            self._untold[number] = (body, left - 1, now + _REPEAT_S)
            if left == 1:
                del self._untold[number]
