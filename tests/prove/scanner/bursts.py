"""What scanners send, with what must come of it: written down when it is made, not parsed out of it again.

A burst is all that is sent without a pause; between two bursts the line is silent for longer than any code
may take. However a burst is cut into chunks, the same codes must come of it.
"""

from dataclasses import dataclass, field
from random import Random

from config.settings import ReaderFraming
from devices.scanner.codes import Aim, Code
from devices.scanner.framing import MAX_PAYLOAD, BlockFraming, Dropped, Framer, Framing, LengthFraming
from devices.scanner.intake import Got, Intake

ENDS = (b"\r", b"\n", b"\r\n")
SYMBOLOGIES = ("Q1", "d2", "L0", "C0", "E0", "z3")
_ANY = bytes(range(256))
_TD3 = (b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", b"L898902C36UTO7408122F1204159ZE184226B<<<<<10")
_TD1 = (
    b"I<UTOD231458907<<<<<<<<<<<<<<<",
    b"7408122F1204159UTO<<<<<<<<<<<6",
    b"ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)


@dataclass(slots=True)
class Burst:
    """`early`: so many of its bytes come before somebody listens."""

    data: bytes = b""
    expected: list[Got] = field(default_factory=list)
    early: int = 0


@dataclass(frozen=True, slots=True)
class Setting:
    """How a scanner or reader is set."""

    aim: Aim = Aim.DETECT
    prefix: bytes = b""
    suffix: bytes = b""
    framing: ReaderFraming | None = None

    def intake(self) -> Intake:
        """The product's own, set likewise."""
        return Intake(self._framer(), prefix=self.prefix, aim=self.aim)

    def _framer(self) -> Framer:
        match self.framing:
            case ReaderFraming.BLOCK:
                return BlockFraming()
            case ReaderFraming.LENGTH:
                return LengthFraming()
            case _:
                return Framing(self.suffix)


SETTINGS = (
    Setting(),
    Setting(Aim.OFF),
    Setting(Aim.REQUIRED),
    Setting(Aim.REQUIRED, b"\x02", b"\x03"),
    Setting(Aim.DETECT, b"", b"\r\n"),
    Setting(Aim.REQUIRED, b">>", b"#END#"),
    Setting(Aim.OFF, framing=ReaderFraming.LINES),
    Setting(Aim.OFF, framing=ReaderFraming.BLOCK),
    Setting(Aim.OFF, framing=ReaderFraming.LENGTH),
)


def bursts(setting: Setting, random: Random, count: int) -> list[Burst]:
    """That many, drawn from every kind."""
    if setting.framing in (ReaderFraming.BLOCK, ReaderFraming.LENGTH):
        return [_documents(setting.framing, random) for _ in range(count)]
    kinds = (_clean, _clean, _clean, _broken_off, _too_long, _zone, _unmarked, _unframed, _early)
    return [random.choice(kinds)(setting, random) for _ in range(count)]


# --- scanners -----------------------------------------------------------------------------------------------


def _end(setting: Setting, random: Random) -> bytes:
    return setting.suffix or random.choice(ENDS)


def _body(setting: Setting, random: Random, most: int = 60) -> bytes:
    """Any bytes that are neither an end, nor look like an identifier, nor begin a zone."""
    raw = bytes(random.choices(_ANY, k=random.randint(1, most)))
    return b"=" + raw.translate(None, b"\r\n" if not setting.suffix else setting.suffix)


def _code(setting: Setting, random: Random, body: bytes | None = None) -> tuple[bytes, Code]:
    """One code as it is sent, without its end, and what it is."""
    body = _body(setting, random) if body is None else body
    marked = setting.aim is Aim.REQUIRED or (setting.aim is Aim.DETECT and random.random() < 0.5)
    symbology = random.choice(SYMBOLOGIES) if marked else ""
    mark = f"]{symbology}".encode() if symbology else b""
    return setting.prefix + mark + body, Code(symbology, body)


def _clean(setting: Setting, random: Random) -> Burst:
    """Codes in one go, empty lines between them; some codes have several lines."""
    burst = Burst()
    marked = False
    for _ in range(random.randint(1, 4)):
        sent, code = _code(setting, random)
        if marked and not code.symbology:
            continue  # would be a line of the one before
        lines = random.randint(1, 3) if code.symbology and not setting.suffix and not setting.prefix else 1
        more = [_body(setting, random) for _ in range(lines - 1)]
        ends = [_end(setting, random) for _ in range(lines)]
        burst.data += b"".join(part + end for part, end in zip([sent, *more], ends, strict=True))
        burst.data += _end(setting, random) * (random.random() < 0.2)
        burst.expected.append(Code(code.symbology, b"\n".join([code.body, *more])))
        marked = bool(code.symbology)
    return burst


def _broken_off(setting: Setting, random: Random) -> Burst:
    """A cable is pulled within a code; what may be its first lines is lost with it."""
    sent, code = _code(setting, random)
    cut = random.randint(1, len(sent))
    if random.random() < 0.3 and code.symbology and not setting.prefix:
        return Burst(sent + _end(setting, random) + _body(setting, random), [Dropped.UNTERMINATED])
    return Burst(sent[:cut], [Dropped.UNTERMINATED])


def _too_long(setting: Setting, random: Random) -> Burst:
    """A payload too long, and one that is fine behind it."""
    sent, _ = _code(setting, random, b"A" * (MAX_PAYLOAD + random.randint(1, 300)))
    fine, code = _code(setting, random)
    ends = _end(setting, random), _end(setting, random)
    return Burst(sent + ends[0] + fine + ends[1], [Dropped.TOO_LONG, code])


def _zone(setting: Setting, random: Random) -> Burst:
    """The lines of a document, one after the other."""
    lines = random.choice((_TD3, _TD1))
    mark = b"]o3" if setting.aim is Aim.REQUIRED else b""
    data = b"".join(setting.prefix + mark + line + _end(setting, random) for line in lines)
    return Burst(data, [Code("", b"\n".join(lines))])


def _unmarked(setting: Setting, random: Random) -> Burst:
    """A code without identifier."""
    body = _body(setting, random)
    code: Got = Dropped.UNMARKED if setting.aim is Aim.REQUIRED else Code("", body)
    return Burst(setting.prefix + body + _end(setting, random), [code])


def _unframed(setting: Setting, random: Random) -> Burst:
    """A code without prefix."""
    if not setting.prefix:
        return _clean(setting, random)
    return Burst(_body(setting, random) + _end(setting, random), [Dropped.UNFRAMED])


def _early(setting: Setting, random: Random) -> Burst:
    """A code that began before anybody listened; another one after it."""
    sent, _ = _code(setting, random)
    early = random.randint(len(setting.prefix) + 1, len(sent))
    later, code = _code(setting, random)
    return Burst(sent + _end(setting, random) + later + _end(setting, random), [code], early)


# --- readers of documents -----------------------------------------------------------------------------------


def _documents(framing: ReaderFraming, random: Random) -> Burst:
    lines = random.choice((_TD3, _TD1))
    inner = b"".join(line + random.choice(ENDS) for line in lines)
    whole = Code("", b"\n".join(lines))
    if framing is ReaderFraming.LENGTH:
        data = b"I" + len(inner).to_bytes(2, "big") + inner
        cut = random.randint(1, len(data) - 1)
        return random.choice((Burst(data * 2, [whole, whole]), Burst(data[:cut], [Dropped.UNTERMINATED])))
    head = bytes(random.choices(range(4, 256), k=random.randint(0, 4)))
    data = head + b"\x02" + inner + b"\x03" + bytes((random.choice((4, 6, 0x55, 0x80)),))
    cut = random.randint(len(head) + 2, len(head) + len(inner))
    return random.choice((Burst(data * 2, [whole, whole]), Burst(data[:cut], [Dropped.UNTERMINATED])))
