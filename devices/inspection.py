"""The devices process as maintenance sees it: ask, wait for the answer, hang up.

Every function blocks until its answer is there, at most `timeout_s`, and raises OSError (TimeoutError among
them) when nobody answers. Imports no device library.
"""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from devices import messages as m
from devices.wire import Decoder, Malformed
from flows.ports import Device

TIMEOUT_S = 5.0
_READ_BYTES = 1 << 16

T = TypeVar("T")


def inspect(path: Path, timeout_s: float = TIMEOUT_S) -> list[m.Inspected]:
    """All about every device, one entry for each."""
    found: dict[Device, m.Inspected] = {}

    def take(report: m.Report) -> list[m.Inspected] | None:
        if isinstance(report, m.Inspected):
            found[report.device] = report
        return list(found.values()) if len(found) == len(Device) else None

    return _ask(path, m.Inspect(), take, timeout_s)


def restart(path: Path, device: Device, timeout_s: float = TIMEOUT_S) -> None:
    """Let go of a device and take hold of it anew. Returns once it was asked; `inspect` tells the outcome."""
    _tell(path, m.RestartDevice(device), timeout_s)


def try_panel(path: Path, part: m.PanelPart, timeout_s: float = TIMEOUT_S) -> bool:
    """Switch a part of the panel on for about a second; whether the command went out."""

    def take(report: m.Report) -> bool | None:
        return report.done if isinstance(report, m.PanelTried) and report.part is part else None

    return _ask(path, m.TryPanel(part), take, timeout_s)


def end_process(path: Path, timeout_s: float = TIMEOUT_S) -> None:
    """End the devices process; whoever keeps it starts it again. Returns when it has hung up."""

    def take(_: m.Report) -> None:
        return None

    try:
        _ask(path, m.EndProcess(), take, timeout_s)
    except ConnectionError:
        return


def _tell(path: Path, request: m.Request, timeout_s: float) -> None:
    """Send a request that has no answer of its own; an `Inspect` behind it shows that it was heard."""

    def take(report: m.Report) -> bool | None:
        return True if isinstance(report, m.Inspected) else None

    _ask(path, request, take, timeout_s, m.Inspect())


def _ask(
    path: Path,
    request: m.Request,
    take: Callable[[m.Report], T | None],
    timeout_s: float,
    *more: m.Request,
) -> T:
    """Send, and hear reports until `take` makes an answer of them."""
    codec, decoder = m.request_codec(), Decoder(m.report_codec())
    end = time.monotonic() + timeout_s
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout_s)
        line.connect(str(path))
        line.sendall(b"".join(map(codec.encode, (request, *more))))
        while (left_s := end - time.monotonic()) > 0:
            line.settimeout(left_s)
            data = line.recv(_READ_BYTES)
            if not data:
                raise ConnectionResetError("the devices process hung up")
            for answer in _answers(decoder, data, take):
                return answer
    raise TimeoutError("the devices process does not answer")


def _answers(decoder: Decoder[m.Report], data: bytes, take: Callable[[m.Report], T | None]) -> list[T]:
    try:
        answers = [take(report) for report in decoder.feed(data)]
    except Malformed as error:
        raise ConnectionAbortedError("the devices process speaks another language") from error
    return [answer for answer in answers if answer is not None][:1]
