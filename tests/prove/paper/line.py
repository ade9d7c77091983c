"""A wire between an adapter and a simulated printer in which time is a number: no thread, no sleep."""

import random
from enum import StrEnum

from devices.printer.model import Fault, PrinterModel, Step
from devices.supervisor import DeviceError
from flows.ports import DeviceState

ROWS_PER_S = 1600.0
SLOW_ROWS_PER_S = 40.0
CALL_S = 0.0002


class Wire(StrEnum):
    """What becomes of bytes that are under way when the adapter lets go."""

    NETWORK = "network"
    """The kernel goes on sending; answers to the old connection are lost."""
    USB = "usb"
    """They die with the child; answers wait in the printer."""
    SERIAL = "serial"
    """They are dropped, both ways; few are under way at all."""


UNDER_WAY = {Wire.NETWORK: 65536, Wire.USB: 65536, Wire.SERIAL: 256}


class Bad(StrEnum):
    """What a bad line does to answers."""

    LOST = "lost"
    TWICE = "twice"
    LATE = "late"
    NOISE = "noise"
    MORE = "more"


class Killed(BaseException):
    """The process of the adapter is killed."""


class Time:
    """Seconds that only pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class SimulatedWire:
    """A `Transport`; and what a campaign does to it."""

    name = "simulated wire"

    def __init__(self, model: PrinterModel, time: Time, kind: Wire, dice: random.Random) -> None:
        self._model = model
        self._time = time
        self._kind = kind
        self._dice = dice
        self._under_way = bytearray()
        self._heard = bytearray()
        self._late: list[tuple[float, bytes]] = []
        self._connected = False
        self.bad: Bad | None = None
        self.bad_reads = 0
        self.kill_after: int | None = None
        """Calls until the adapter's process is killed."""
        self.lost_bytes = False
        self._heals_after: float | None = None
        self._heals_at: float | None = None

    # --- Transport ---

    def open(self, timeout_s: float) -> None:
        self._tick()
        if Fault.OFFLINE in self._model.faults:
            self._time.now += timeout_s
            raise DeviceError(DeviceState.DISCONNECTED)
        if self._kind is not Wire.USB:
            self._model.replies.clear()
            self._heard.clear()
            self._late.clear()
        self._connected = True

    def write(self, data: bytes, timeout_s: float) -> None:
        until = self._time.now + timeout_s
        rest = memoryview(data)
        while True:
            self._tick()
            room = UNDER_WAY[self._kind] - len(self._under_way)
            self._under_way += rest[:room]
            rest = rest[room:]
            self._deliver()
            if not rest:
                return
            if self._time.now >= until:
                raise DeviceError(DeviceState.DISCONNECTED)
            if len(self._under_way) == UNDER_WAY[self._kind]:
                self._pass(until)

    def read(self, timeout_s: float) -> bytes:
        until = self._time.now + timeout_s
        while True:
            self._tick()
            self._deliver()
            if said := self._answers():
                return said
            if self._time.now >= until:
                return b""
            self._pass(until)

    def close(self) -> None:
        self._connected = False
        if self._kind is not Wire.NETWORK:
            self.lose()

    # --- what happens to it ---

    def heal_after(self, seconds: float | None) -> None:
        """Mend the next fault so long after it struck, or not at all."""
        self._heals_after, self._heals_at = seconds, None

    def lose(self) -> None:
        """What is under way is gone, somewhere in the middle."""
        if self._under_way:
            self.lost_bytes = True
            self._model.receive(bytes(self._under_way[: self._dice.randrange(len(self._under_way))]))
        self._under_way.clear()

    def rest(self, seconds: float) -> None:
        """Time passes; the printer goes on with what it has, and with what is still under way."""
        until = self._time.now + seconds
        while self._time.now < until:
            self._deliver()
            self._pass(until)

    # --- how it works ---

    def _tick(self) -> None:
        self._time.now += CALL_S
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after <= 0:
                self.kill_after = None
                raise Killed
        if Fault.OFFLINE in self._model.faults and self._connected:
            self._connected = False
            self.lose()
            raise DeviceError(DeviceState.DISCONNECTED)

    def _deliver(self) -> None:
        while self._under_way and Fault.OFFLINE not in self._model.faults:
            taken = self._model.receive(bytes(self._under_way[:512]))
            if not taken:
                return
            del self._under_way[:taken]

    def _pass(self, until: float) -> None:
        """A row moves, or nothing can until then."""
        self._heal()
        until = min(until, self._heals_at or until)
        if self._model.step() is Step.IDLE:
            reachable = Fault.OFFLINE not in self._model.faults
            more_to_do = reachable and self._under_way and self._model.room()
            answered = self._connected and self._model.replies
            if not more_to_do and not answered:
                self._time.now = max(self._time.now, until)
            return
        slow = Fault.SLOW in self._model.faults
        self._time.now += 1 / (SLOW_ROWS_PER_S if slow else ROWS_PER_S)

    def _heal(self) -> None:
        """Somebody mends what struck, in the middle of whatever the adapter does then."""
        if self._heals_after is not None and self._model.faults:
            self._heals_at, self._heals_after = self._time.now + self._heals_after, None
        if self._heals_at is not None and self._time.now >= self._heals_at:
            self._heals_at = None
            self._model.fault(Fault.NONE)

    def _answers(self) -> bytes:
        if self._model.replies:
            said = bytes(self._model.replies)
            self._model.replies.clear()
            self._heard += self._spoiled(said)
        while self._late and self._late[0][0] <= self._time.now:
            self._heard += self._late.pop(0)[1]
        length = self._dice.choice((1, 3, 16, 64))
        said = bytes(self._heard[:length])
        del self._heard[:length]
        return said

    def _spoiled(self, said: bytes) -> bytes:
        if self.bad is None or not self.bad_reads:
            return said
        self.bad_reads -= 1
        if self.bad is Bad.LOST:
            return b""
        if self.bad is Bad.TWICE:
            return said + said
        if self.bad is Bad.LATE:
            self._late.append((self._time.now + self._dice.uniform(0.05, 3.0), said))
            self._late.sort()
            return b""
        noise = self._dice.randbytes(self._dice.randrange(1, 8))
        return noise if self.bad is Bad.NOISE else noise + said
