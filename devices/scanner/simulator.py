"""A serial scanner, or a reader of document zones, on a pseudo-terminal with a stable name.

For development and tests: it speaks the wire, answers its maker's questions (`profile`), and takes commands
while it runs. Sent to `<runtime>/simulators.sock` for the device "scanner" or "document_reader":

    {"scan": "text"}  {"scan": "text", "symbology": "Q1"}  {"scan_hex": "…"}   a code, framed as it is set
    {"scan": "P<UTO…\\nL898…"}                              to a document reader: the lines of a zone
    {"split": "text"}          byte by byte, 10 ms apart    {"merge": ["a", "b"]}   several codes in one go
    {"unterminated": "text"}   without what ends it         {"send_hex": "…"}       these bytes and no more
    {"aim": true}              AIM identifiers on or off
    {"fault": "garbage"}       every byte value, twice ("garble" means the same)
    {"fault": "endless"}       100 kB without an end
    {"fault": "unplug"}  {"fault": "plug"}  {"fault": "hang"}   hang: scans, but answers no question
    {"fault": "misconfigure"}  drops AIM identifiers and suffix, as a barcode of its manual can make it
    {"fault": "none"}          plugged in, answers, set as delivered
"""

import re
import struct
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from config.settings import ReaderFraming, ScannerProfile
from devices.pty_line import PtyLine

FIRMWARE = "SIM 1.2.3"
_NOISE = bytes(range(256)) * 2
_CHUNK = 4096
_ENDLESS = 100_000
_SPLIT_S = 0.01
_LISTEN_S = 0.05
_SPEAK_AIM = frozenset(
    {ScannerProfile.GENERIC_AIM, ScannerProfile.DATALOGIC, ScannerProfile.DATALOGIC_POWERSCAN}
)
"""Set up once by barcodes; the others are told by the kiosk whenever they get power."""


class ScannerSimulator:
    """One scanner. `link` is the name an adapter opens; it is there only while the scanner is plugged in."""

    def __init__(
        self,
        link: Path,
        profile: ScannerProfile = ScannerProfile.GENERIC,
        *,
        framing: ReaderFraming | None = None,
        suffix: bytes = b"\r",
    ) -> None:
        """`framing`: it is a document reader that sends so. `suffix`: what it sends as delivered."""
        self._line = PtyLine(link)
        self._profile = profile
        self._framing = framing
        self._delivered_suffix = suffix
        self._lock = threading.RLock()
        self._heard = b""
        self._hangs = False
        self._stopped = threading.Event()
        self._reset()

    def start(self) -> None:
        """Plug it in."""
        self._stopped.clear()
        self.plug()
        threading.Thread(target=self._listen, name="scanner-simulator", daemon=True).start()

    def stop(self) -> None:
        """Pull it out."""
        self._stopped.set()
        self.unplug()

    def plug(self) -> None:
        """It appears under its name."""
        self._line.plug()

    def unplug(self) -> None:
        """It disappears; who reads from it gets an error. What commands set is lost with power."""
        with self._lock:
            self._line.unplug()
            self._reset()

    def scan(self, payload: bytes, *, suffix: bytes | None = None, symbology: str = "Q1") -> None:
        """Read a code or document and send it as this scanner is set."""
        self.send(self._framed(payload, suffix, symbology))

    def send(self, data: bytes, timeout_s: float = 5.0) -> None:
        """Bytes as they are. What nobody reads within the time is lost, as on a real line."""
        self._line.send(data, timeout_s)

    def command(self, words: Mapping[str, Any]) -> None:
        """Obey one of the commands above. Raises ValueError."""
        commands: Mapping[str, Callable[[Any], None]] = {
            "scan": lambda text: self.scan(str(text).encode(), symbology=str(words.get("symbology", "Q1"))),
            "scan_hex": lambda text: self.scan(bytes.fromhex(str(text))),
            "send_hex": lambda text: self.send(bytes.fromhex(str(text))),
            "split": lambda text: self._split(str(text).encode()),
            "merge": lambda texts: self.send(b"".join(self._framed(str(one).encode()) for one in texts)),
            "unterminated": lambda text: self.scan(str(text).encode(), suffix=b""),
            "aim": lambda on: self._set_aim(on=on is True),
            "fault": lambda fault: self._fault(str(fault)),
        }
        chosen = [name for name in commands if name in words]
        if len(chosen) != 1:
            raise ValueError(f"one of {', '.join(commands)} is needed")
        commands[chosen[0]](words[chosen[0]])

    def _fault(self, fault: str) -> None:
        faults: Mapping[str, Callable[[], None]] = {
            "unplug": self.unplug,
            "plug": self.plug,
            "garbage": lambda: self.send(_NOISE),
            "garble": lambda: self.send(_NOISE),
            "endless": lambda: self.send(b"A" * _ENDLESS),
            "hang": lambda: self._hang(on=True),
            "misconfigure": self._misconfigure,
            "none": self._heal,
        }
        if fault not in faults:
            raise ValueError(f"unknown fault {fault!r}")
        faults[fault]()

    # --- how it is set --------------------------------------------------------------------------------------

    def _reset(self) -> None:
        self._aim = self._profile in _SPEAK_AIM
        self._suffix = self._delivered_suffix
        self._prefixes = b""  # in the words of the menu commands

    def _set_aim(self, *, on: bool) -> None:
        self._aim = on

    def _hang(self, *, on: bool) -> None:
        self._hangs = on

    def _misconfigure(self) -> None:
        self._aim, self._suffix, self._prefixes = False, b"", b"995A"

    def _heal(self) -> None:
        self._hang(on=False)
        self._reset()
        self.plug()

    def _framed(self, payload: bytes, suffix: bytes | None = None, symbology: str = "Q1") -> bytes:
        if self._framing is not None:
            return _document(self._framing, payload, whole=suffix is None)
        aim = f"]{symbology}".encode() if self._aim and symbology else b""
        return aim + payload + (self._suffix if suffix is None else suffix)

    def _split(self, payload: bytes) -> None:
        for byte in self._framed(payload):
            self.send(bytes((byte,)))
            time.sleep(_SPLIT_S)

    # --- what it is asked -----------------------------------------------------------------------------------

    def _listen(self) -> None:
        while not self._stopped.is_set():
            with self._lock:
                data = self._line.read()
                self._heard = (self._heard + data)[-_CHUNK:]
                if data and not self._hangs:
                    self._answer()
            if not data:
                self._stopped.wait(_LISTEN_S)

    def _answer(self) -> None:
        if self._profile is ScannerProfile.HONEYWELL:
            self._answer_menu()
        elif self._profile is ScannerProfile.ZEBRA_SSI:
            self._answer_ssi()
        elif self._profile is ScannerProfile.DATALOGIC:
            if b"i" in self._heard:
                self.send(b"\x01\x02MSIM\rR" + FIRMWARE.encode() + b"\x03\x04")
            self._heard = b""
        elif self._profile is ScannerProfile.DATALOGIC_POWERSCAN and b"$-\r" in self._heard:
            if b"EB2" in self._heard and b"EA110D" in self._heard:
                self._aim, self._suffix = True, b"\r"
            self._heard = b""

    def _answer_menu(self) -> None:
        while match := re.search(rb"\x16M\r([^.!]*)([.!])", self._heard):
            self._heard = self._heard[match.end() :]
            told = b";".join(self._menu(part) for part in match[1].split(b";"))
            self.send(told + match[2])

    def _menu(self, part: bytes) -> bytes:
        """Obey one menu command; the answer is an echo with ACK, or ENQ for what is not known."""
        name, value = part[:6].upper(), part[6:]
        suffixes = b"99" + self._suffix.hex().upper().encode() if self._suffix else b""
        answers = {b"PREBK2": self._prefixes, b"SUFBK2": suffixes, b"REVINF": f": {FIRMWARE}\r\n".encode()}
        if name == b"PRECA2":
            self._prefixes, self._aim = b"", False
        elif name == b"SUFCA2":
            self._suffix = b""
        elif name == b"PREBK2" and value != b"?":
            self._prefixes, self._aim = value, value == b"995C81"
        elif name == b"SUFBK2" and value != b"?":
            self._suffix = bytes.fromhex(value[2:].decode())
        elif name in answers:
            return name + answers[name] + b"\x06"
        else:
            return part + b"\x05"
        return part + b"\x06"

    def _answer_ssi(self) -> None:
        heard = self._heard
        while len(heard) >= 6 and len(heard) >= heard[0] + 2:
            packet, heard = heard[: heard[0]], heard[heard[0] + 2 :]
            self._obey_ssi(packet[1], packet[4:])
        self._heard = heard

    def _obey_ssi(self, opcode: int, data: bytes) -> None:
        if opcode == 0xA3:
            self.send(_ssi(0xA4, FIRMWARE.encode()))
        elif opcode == 0xC7:
            values = {0x2D: int(self._aim), 0xEB: int(bool(self._suffix))}
            pairs = [value for name in data for value in (name, values.get(name, 0))]
            self.send(_ssi(0xC6, bytes((0xFF, *pairs))))
        elif opcode == 0xC6:
            told = dict(zip(data[1::2], data[2::2], strict=False))
            self._aim = told.get(0x2D) == 1
            self._suffix = b"\r" if told.get(0xEB) == 1 else b""
            self.send(_ssi(0xD0))


def _ssi(opcode: int, data: bytes = b"") -> bytes:
    packet = bytes((4 + len(data), opcode, 0, 0)) + data
    return packet + struct.pack(">H", -sum(packet) & 0xFFFF)


def _document(framing: ReaderFraming, zone: bytes, *, whole: bool) -> bytes:
    lines = b"".join(line + b"\r" for line in zone.splitlines())
    match framing:
        case ReaderFraming.LINES:
            return lines if whole else lines[:-1]
        case ReaderFraming.BLOCK:
            return b"\x01" + b"OU" + b"\x02" + lines + (b"\x03\x04" if whole else b"")
        case ReaderFraming.LENGTH:
            return b"I" + struct.pack(">H", len(lines)) + (lines if whole else lines[:-1])
