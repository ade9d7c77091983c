"""What the code reader believes, what it doubts, and what it may cost; planted bugs prove the checks."""

from collections.abc import Callable

import numpy as np
import pytest
import zxingcpp
from pyzbar import pyzbar

from devices.camera import decoding
from devices.camera.codes import Decoded
from devices.camera.decoding import Look

BLANK = np.full((64, 64), 255, np.uint8)
BINARY = b"\x00\xff\xfe\x80" + "報失".encode()
SQUARE = ((0, 0), (9, 0), (9, 9), (0, 9))


def reader_hearing(*heard: Look) -> list[list[bytes]]:
    """What a reader is sure of when its slow passes say this, frame by frame."""
    sayings = iter(heard)
    reader = decoding.LiveReader([lambda _picture: next(sayings)] * 3)
    return [[code.payload for code in reader.feed(BLANK)] for _ in heard]


def look(
    format_: str, payload: bytes, *, doubts: frozenset[str] | None = None, confirms: bool = False
) -> Look:
    return Look("slow", [Decoded(format_, payload, SQUARE)], doubts, confirms)


def with_fnc4():
    """A drawn Code 128 that zbar reads wrongly: it drops the function characters before each letter."""
    picture = np.asarray(
        zxingcpp.create_barcode("óóóó1234", zxingcpp.BarcodeFormat.Code128).to_image(scale=3)
    )
    frame = np.full((360, 640), 255, np.uint8)
    frame[100 : 100 + picture.shape[0], 60 : 60 + picture.shape[1]] = picture
    return frame


# --- checks ---


def doubted_formats_need_two_looks() -> None:
    for format_ in ("PDF417", "Code128"):
        plain = Look("slow", [Decoded(format_, b"A", SQUARE)])
        assert reader_hearing(plain, plain) == [[], [b"A"]]


def a_levelled_picture_needs_two_looks() -> None:
    assert reader_hearing(look("QRCode", b"A"), look("QRCode", b"A")) == [[], [b"A"]]


def an_untouched_picture_is_believed_at_once() -> None:
    assert reader_hearing(look("QRCode", b"A", doubts=frozenset({"PDF417"}))) == [[b"A"]]


def zbar_alone_is_never_believed() -> None:
    zbar = look("Code128", b"A", confirms=True)
    assert reader_hearing(zbar, zbar, zbar) == [[], [], []]
    assert reader_hearing(zbar, look("Code128", b"A")) == [[], [b"A"]]


def two_readings_of_one_place_are_none() -> None:
    heard = [look("Code128", payload) for payload in (b"A", b"B", b"B", b"A")]
    assert reader_hearing(*heard) == [[], [], [], []]


def what_zbar_misreads_is_right_or_nothing() -> None:
    frame = with_fnc4()
    assert pyzbar.decode(frame)[0].data != "óóóó1234".encode("latin-1")
    reader = decoding.LiveReader()
    reader._looks = lambda grey: (  # type: ignore[method-assign]  # the fast pass would read it at once
        one for one in decoding.region_looks(grey) if one.way == "zbar"
    )
    assert [reader.feed(frame) for _ in range(4)] == [[]] * 4


def one_slow_pass_a_frame() -> None:
    calls: list[int] = []

    def slow(_picture: object) -> Look:
        calls.append(1)
        return Look("slow", [])

    reader = decoding.LiveReader([slow, slow, slow])
    for _ in range(6):
        reader.feed(BLANK)
    assert len(calls) == 6


def bytes_are_handed_on_as_encoded() -> None:
    picture = np.asarray(zxingcpp.create_barcode(BINARY, zxingcpp.BarcodeFormat.QRCode).to_image(scale=4))
    found = decoding.decode_image(np.pad(picture, 40, constant_values=255))
    assert [code.payload for code in found] == [BINARY]


def views_of_a_frame_have_a_bound() -> None:
    """A frame full of bars: no more is looked at than the bound."""
    frame = np.tile(np.repeat(np.array([0, 255], np.uint8), 6), (720, 107))[:, :1280]
    seen: list[int] = []
    real = decoding._zxing

    def counting(grey: decoding.Picture, *arguments: object, **options: object) -> list[Decoded]:
        seen.append(grey.size)
        return real(grey, *arguments, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "_zxing", counting)
        list(decoding.region_looks(frame))
    assert sum(seen) <= 3.3 * 1_000_000


CHECKS = (
    doubted_formats_need_two_looks,
    a_levelled_picture_needs_two_looks,
    an_untouched_picture_is_believed_at_once,
    zbar_alone_is_never_believed,
    two_readings_of_one_place_are_none,
    what_zbar_misreads_is_right_or_nothing,
    one_slow_pass_a_frame,
    bytes_are_handed_on_as_encoded,
    views_of_a_frame_have_a_bound,
)


@pytest.mark.parametrize("check", CHECKS)
def test_the_reader_doubts_what_it_should(check: Callable[[], None]):
    check()


# --- planted bugs: a check that never goes red proves nothing ---


def _everything_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Look, "believed", lambda *_: True)


def _nothing_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Look, "believed", lambda *_: False)


def _zbar_counts_like_the_others(patch: pytest.MonkeyPatch) -> None:
    class Believing(Look):
        confirms = property(lambda _self: False, lambda *_: None)  # type: ignore[assignment]

    patch.setattr(decoding, "Look", Believing)
    patch.setitem(globals(), "Look", Believing)


def _contradictions_are_not_heard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decoding, "_overlap", lambda *_: False)


def _all_slow_passes_on_every_frame(patch: pytest.MonkeyPatch) -> None:
    def looks(self: decoding.LiveReader, grey: decoding.Picture) -> list[Look]:
        return [slow(grey) for slow in self._slow]

    patch.setattr(decoding.LiveReader, "_looks", looks)


def _text_instead_of_bytes(patch: pytest.MonkeyPatch) -> None:
    real = decoding._zxing

    def as_text(*arguments: object, **options: object) -> list[Decoded]:
        codes = real(*arguments, **options)  # type: ignore[arg-type]
        return [Decoded(code.format, code.text.encode(), code.corners) for code in codes]

    patch.setattr(decoding, "_zxing", as_text)


def _no_bound_of_pixels(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decoding, "_REGION_PIXELS", 1 << 30)


@pytest.mark.parametrize(
    ("plant", "check"),
    [
        (_everything_is_believed, doubted_formats_need_two_looks),
        (_everything_is_believed, a_levelled_picture_needs_two_looks),
        (_nothing_is_believed, an_untouched_picture_is_believed_at_once),
        (_zbar_counts_like_the_others, zbar_alone_is_never_believed),
        (_zbar_counts_like_the_others, what_zbar_misreads_is_right_or_nothing),
        (_contradictions_are_not_heard, two_readings_of_one_place_are_none),
        (_all_slow_passes_on_every_frame, one_slow_pass_a_frame),
        (_text_instead_of_bytes, bytes_are_handed_on_as_encoded),
        (_no_bound_of_pixels, views_of_a_frame_have_a_bound),
    ],
)
def test_a_planted_bug_is_noticed(
    plant: Callable[[pytest.MonkeyPatch], None], check: Callable[[], None], monkeypatch: pytest.MonkeyPatch
):
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        check()
