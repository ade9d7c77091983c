"""Synthetic picture files: sound ones of many kinds, known monsters, and mutations of both."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
import zxingcpp
from PIL import Image

from devices.camera.codes import PictureFault

PAYLOADS = (
    b"LOST-PROPERTY",
    b"\x1b@\x1dV\x00\x10\x04\x01",
    b"\x1b]0;title\x07\x1b[2J",
    b"'; DROP TABLE cases; --",
    b"%s%n{0}${HOME}$(reboot)",
    b"../../etc/passwd\x00.png",
    "報失\u202e\ufeff".encode(),
    bytes(range(256)),
    b"9" * 900,
)
_MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"RIFF\x10\0\0\0WEBP",
    b"BM",
    b"P6\n",
    b"GIF89a",
    b"%PDF-1.7",
    b"MZ",
)
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_HTML = b"<html><script>alert(1)</script></html>"


@dataclass(frozen=True, slots=True)
class Specimen:
    """A file and, where it is certain, what must come of it: a payload, no code, or a fault."""

    name: str
    content: bytes
    expected: bytes | PictureFault | None = None


def sound() -> list[Specimen]:
    """Each kind of file that is taken, with a code in it that must be read."""
    made = [
        Specimen(f"PNG with payload {number}", _saved(_code(payload), "PNG"), payload)
        for number, payload in enumerate(PAYLOADS)
    ]
    grey = _code(PAYLOADS[0])
    colour, deep = grey.convert("RGB"), Image.fromarray(np.asarray(grey, np.uint16) * 257)
    kinds: list[tuple[str, Image.Image, str, dict[str, object]]] = [
        ("RGB PNG", colour, "PNG", {}),
        ("16-bit PNG", deep, "PNG", {}),
        ("palette PNG", grey.convert("P"), "PNG", {}),
        ("animated PNG", colour, "PNG", {"save_all": True, "append_images": [colour.rotate(90)]}),
        ("JPEG", grey, "JPEG", {"quality": 92}),
        ("progressive JPEG", colour, "JPEG", {"progressive": True, "quality": 92}),
        ("CMYK JPEG", colour.convert("CMYK"), "JPEG", {"quality": 92}),
        ("WebP", colour, "WEBP", {"lossless": True}),
        ("BMP", colour, "BMP", {}),
        ("PGM", grey, "PPM", {}),
    ]
    made += [Specimen(name, _saved(one, kind, **more), PAYLOADS[0]) for name, one, kind, more in kinds]
    made.append(Specimen("JPEG and ZIP", made[13].content + _zip(), PAYLOADS[0]))
    made.append(Specimen("PNG and HTML", made[0].content + _HTML, PAYLOADS[0]))
    made.append(Specimen("JPEG with an EXIF bomb", _with_exif(made[13].content)))
    made.append(
        Specimen("animated WebP", _saved(colour, "WEBP", save_all=True, append_images=[grey.convert("RGB")]))
    )
    return made


def monsters() -> list[Specimen]:
    """Files that lie about their size, or tell it truly and are too large."""
    packer = zlib.compressobj(9)
    rows = packer.compress(bytes(2501 * 20_000)) + packer.flush()
    large = PictureFault.TOO_LARGE
    return [
        Specimen("bomb of 20,000 × 20,000", _png(20_000, 20_000, rows), large),
        Specimen("PNG of 2^31 × 2^31", _png(0x7FFFFFFF, 0x7FFFFFFF, b""), large),
        Specimen("PPM of 100,000 × 100,000", b"P6\n100000 100000\n255\n" + bytes(50), large),
        Specimen("JPEG of 65,500 × 65,500", _jpeg_sized(65_500, 65_500), large),
        Specimen(
            "PNG with a chunk that claims 1 GB",
            _png(64, 64, zlib.compress(bytes(9 * 64)))[:33] + b"\x40\0\0\0IDAT" + bytes(100),
            PictureFault.UNREADABLE,
        ),
        Specimen("rows that unpack to 50 MB", _png(100, 100, rows)),
        Specimen("rows that are not packed", _png(100, 100, b"broken"), PictureFault.UNREADABLE),
        Specimen("PNG that says it is interlaced", _png(64, 64, zlib.compress(bytes(9 * 64)), interlaced=1)),
        Specimen("nothing", b"", PictureFault.UNREADABLE),
        Specimen("HTML", _HTML, PictureFault.UNREADABLE),
        Specimen("GIF", b"GIF89a" + bytes(100), PictureFault.UNREADABLE),
        Specimen("ZIP", _zip(), PictureFault.UNREADABLE),
    ]


def mutated(seeds: list[Specimen], random: Random) -> Iterator[Specimen]:
    """For ever."""
    while True:
        seed = random.choice(seeds)
        content, names = bytearray(seed.content), []
        for mutate in random.choices(_MUTATIONS, k=random.choice((1, 1, 2, 3))):
            names.append(mutate.__name__.removeprefix("_"))
            content = bytearray(mutate(content, random)) if content else content
        if random.random() < 0.1:
            names.append("splice")
            other = random.choice(seeds).content
            content = content[: len(content) // 2] + other[len(other) // 2 :]
        yield Specimen(f"{seed.name}: {', '.join(names)}", bytes(content))


def _truncate(content: bytearray, random: Random) -> bytearray:
    return content[: random.randrange(len(content))]


def _flip_bits(content: bytearray, random: Random) -> bytearray:
    for _ in range(random.choice((1, 2, 8, 40))):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    return content


def _number(content: bytearray, random: Random) -> bytearray:
    """A number of note anywhere, most often near the beginning."""
    at = random.randrange(min(len(content), random.choice((32, 64, 4096))))
    packed = random.choice(_NUMBERS).to_bytes(4, random.choice(("little", "big")))[: random.choice((2, 4))]
    content[at : at + len(packed)] = packed
    return content


def _repeat(content: bytearray, random: Random) -> bytearray:
    start = random.randrange(len(content))
    piece = content[start : start + random.randrange(1, 200)]
    return content[:start] + piece * random.choice((0, 2, 50)) + content[start + len(piece) :]


def _wrong_magic(content: bytearray, random: Random) -> bytearray:
    magic = random.choice(_MAGIC)
    return bytearray(magic) + content[len(magic) :]


def _polyglot(content: bytearray, random: Random) -> bytearray:
    return random.choice((content + _zip(), content + _HTML, _HTML + content, _zip() + content))


def _dimensions(content: bytearray, random: Random) -> bytearray:
    """Another size in the header of a PNG, with a right checksum, so that it is believed."""
    if content[12:16] == b"IHDR" and len(content) > 33:
        content[16:24] = struct.pack(">II", *random.choices((0, 1, 40, 5000, 70_000, 0x7FFFFFFF), k=2))
        content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return content


_MUTATIONS: tuple[Callable[[bytearray, Random], bytearray], ...] = (
    _truncate, _flip_bits, _number, _repeat, _wrong_magic, _polyglot, _dimensions,
)  # fmt: skip


def _code(payload: bytes) -> Image.Image:
    modules = np.asarray(zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode).to_image(scale=2))
    return Image.fromarray(np.pad(modules, 6, constant_values=255))


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("autorun.inf"), "[autorun]")
    return file.getvalue()


def _png(width: int, height: int, rows: bytes, interlaced: int = 0) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, interlaced)
    return _MAGIC[0] + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _jpeg_sized(width: int, height: int) -> bytes:
    """A small JPEG whose frame header says another size."""
    content = bytearray(_saved(Image.new("L", (16, 16)), "JPEG"))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def _with_exif(jpeg: bytes) -> bytes:
    """A directory of 65,535 entries that points to itself, of values that claim 4 GB."""
    entries = struct.pack(">HHII", 0x8769, 4, 0xFFFFFFFF, 8) * 5000
    tiff = b"Exif\0\0MM\0*\0\0\0\x08" + b"\xff\xff" + entries
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(tiff) + 2) + tiff + jpeg[2:]
