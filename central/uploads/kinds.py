"""What a file is, by its content. Names and types that a phone claims are never looked at.

Own code and no library: this is a list of what is let in, not a search for what something might be.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

HEAD = 4096
"""Bytes of the beginning that decide."""


class Kind(StrEnum):
    """What the kiosk shows for a file."""

    PICTURE = "picture"
    VIDEO = "video"
    SOUND = "sound"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Form:
    """A form that is let in. `ending` is that of the safe name it is handed out with."""

    kind: Kind
    media_type: str
    ending: str


JPEG = Form(Kind.PICTURE, "image/jpeg", "jpg")
PNG = Form(Kind.PICTURE, "image/png", "png")
GIF = Form(Kind.PICTURE, "image/gif", "gif")
WEBP = Form(Kind.PICTURE, "image/webp", "webp")
HEIC = Form(Kind.PICTURE, "image/heic", "heic")
MP4 = Form(Kind.VIDEO, "video/mp4", "mp4")
MOV = Form(Kind.VIDEO, "video/quicktime", "mov")
MOBILE = Form(Kind.VIDEO, "video/3gpp", "3gp")
M4A = Form(Kind.SOUND, "audio/mp4", "m4a")
MP3 = Form(Kind.SOUND, "audio/mpeg", "mp3")
WAV = Form(Kind.SOUND, "audio/wav", "wav")
OGG = Form(Kind.SOUND, "audio/ogg", "ogg")
PDF = Form(Kind.DOCUMENT, "application/pdf", "pdf")
TEXT = Form(Kind.DOCUMENT, "text/plain", "txt")

FORMS = (JPEG, PNG, GIF, WEBP, HEIC, MP4, MOV, MOBILE, M4A, MP3, WAV, OGG, PDF, TEXT)
BY_MEDIA_TYPE = {form.media_type: form for form in FORMS}

_BEGINNINGS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
    (b"OggS\x00", OGG),
    (b"ID3\x02", MP3),
    (b"ID3\x03", MP3),
    (b"ID3\x04", MP3),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), HEIC),
    **dict.fromkeys((b"M4A ", b"M4B "), M4A),
    **dict.fromkeys(
        (b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3gr6", b"3gs7", b"3g2a", b"3g2b", b"3ge6"), MOBILE
    ),
    b"qt  ": MOV,
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "), MP4),
    **dict.fromkeys((b"mmp4", b"MSNV", b"dash"), MP4),
}
_FTYP_AT, _BRAND_AT = 4, 8
_MOST_FTYP = 4096
_MARKUP = re.compile(
    r"<\s*[!?/]?\s*(doctype|html|head|body|svg|script|xml|iframe|object|embed|math)\b", re.IGNORECASE
)


def form_of(head: bytes) -> Form | None:
    """What begins like this (the first `HEAD` bytes, or all there are); None for what is not let in."""
    for beginning, form in _BEGINNINGS:
        if head.startswith(beginning):
            return form
    return _riff(head) or _box(head) or _mp3(head) or _text(head)


def _riff(head: bytes) -> Form | None:
    if head[:4] != b"RIFF":
        return None
    return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])


def _box(head: bytes) -> Form | None:
    """An ISO base media file, by its major brand."""
    if head[_FTYP_AT:_BRAND_AT] != b"ftyp":
        return None
    size = int.from_bytes(head[:_FTYP_AT], "big")
    return _BRANDS.get(head[8:12]) if 16 <= size <= _MOST_FTYP else None


_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_SAMPLES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _mp3(head: bytes) -> Form | None:
    """Frames of MPEG audio, layer III, without a tag before them: two that follow each other."""
    size = _frame(head)
    return MP3 if size and _frame(head[size:]) else None


def _frame(data: bytes) -> int:
    """Bytes of the frame that begins here; 0 for none."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE6 != 0xE2:
        return 0
    version, rate, sample = data[1] >> 3 & 3, data[2] >> 4, data[2] >> 2 & 3
    if version not in _SAMPLES or sample == 3:
        return 0
    bits = (_RATES_1 if version == 3 else _RATES_2)[rate]
    scale = 144_000 if version == 3 else 72_000
    return scale * bits // _SAMPLES[version][sample] + (data[2] >> 1 & 1) if bits else 0


def _text(head: bytes) -> Form | None:
    check = TextCheck()
    try:
        words = check.feed(head)
    except NotTextError:
        return None
    return None if _MARKUP.search(words) else TEXT


class NotTextError(ValueError):
    """What was taken for text is none."""


class TextCheck:
    """Follows a text to its end: UTF-8, or UTF-16 with its mark, and nothing a screen would obey."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, data: bytes) -> str:
        """The next bytes, as words. Raises `NotTextError`."""
        if self._decoder is None:
            is_wide = data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
            self._decoder = codecs.getincrementaldecoder("utf-16" if is_wide else "utf-8-sig")()
        return self._checked(self._decoder.decode, data, final=False)

    def end(self) -> None:
        """Nothing more comes. Raises `NotTextError`."""
        if self._decoder is not None:
            self._checked(self._decoder.decode, b"", final=True)

    def _checked(self, decode: Callable[[bytes, bool], str], data: bytes, *, final: bool) -> str:
        try:
            words = decode(data, final)
        except UnicodeDecodeError:
            raise NotTextError from None
        if any(letter not in "\t\n\r" and unicodedata.category(letter) in _NOT_TEXT for letter in set(words)):
            raise NotTextError
        return words


_NOT_TEXT = frozenset({"Cc", "Cs"})
