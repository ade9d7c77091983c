"""Reading codes: how often, how wrongly and how fast, beside the libraries alone in the same run.

`python -m benchmarks.codes FOLDER` takes photographs with NAME.txt or NAME.bin beside them, in folders named
after their format (qrcode-1, pdf417-2, …), and puts each into 1280 × 720 frames: as it is on white and on a
textured table, and scaled, turned, leaning, blurred. `python -m benchmarks --only codes` draws codes itself.

An answer is right if its format and its text, or its bytes, are those expected; a picture with answers none
of which is right is a misread. Times are processor time of the one thread that decodes: other work on the
machine does not count.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from benchmarks.code_frames import FORMATS, SETS, Photograph, Picture, frames, noisy
from benchmarks.code_frames import photographs as photographs_of
from benchmarks.figures import Figure, Limit, NothingMeasuredError, Of, Peer, Samples
from benchmarks.workplace import Workplace
from devices.camera.decoding import LiveReader

FRAMES_OF_A_SCENE = 8
"""A still scene is shown for at most so many frames: a third of a second."""
_OURS, _SCENE = "kiosk, one frame", "kiosk, still scene"
_ZXING = zxingcpp.barcode_formats_from_str(",".join(FORMATS.values()))
_ZBAR = {"Code128": pyzbar.ZBarSymbol.CODE128, "QRCode": pyzbar.ZBarSymbol.QRCODE}
_ZBAR_NAMES = {"CODE128": "Code128", "QRCODE": "QRCode"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a decoder said, in its own charset handling."""

    format: str
    text: str
    payload: bytes


@dataclass(slots=True)
class Score:
    """Of one decoder on pictures of one format."""

    frames: int = 0
    right: int = 0
    misread: int = 0
    frame_ms: list[float] = field(default_factory=list)
    answer_ms: list[float] = field(default_factory=list)
    """Of the frames that were read, all frames of the scene together."""

    def add(self, photograph: Photograph, answers: list[Answer], times_ms: list[float]) -> None:
        """One scene: what was answered at its end, and what each of its frames took."""
        self.frames += 1
        self.frame_ms += times_ms
        if any(_right(photograph, answer) for answer in answers):
            self.right += 1
            self.answer_ms.append(sum(times_ms))
        else:
            self.misread += bool(answers)

    def row(self) -> str:
        """Read rate · misreads · median/p95 ms a frame · median/p95 ms to the answer."""
        if not self.frames:
            return "–"
        frame, answer = (
            "/".join(f"{np.percentile(values, q):.0f}" for q in (50, 95)) if values else "–"
            for values in (self.frame_ms, self.answer_ms)
        )
        return f"{100 * self.right / self.frames:.1f} % · {self.misread} · {frame} · {answer}"


Scores = dict[tuple[str, str, str], Score]
"""By decoder, format and set of frames."""


def main() -> None:
    options = _options()
    cv2.setNumThreads(1)
    chosen = [one for one in photographs_of(options.folder) if options.half in ("both", _half(one))]
    scores = score(chosen, options.sets or list(SETS))
    print(f"{len(chosen)} photographs ({options.half})")
    print("read · misreads · ms a frame, median/p95 · ms to the answer, median/p95")
    for name in [*SETS, "all frames"]:
        sets = list(SETS) if name == "all frames" else [name]
        if any(set_ in sets for _, _, set_ in scores):
            print(f"\n{name}\n{table(scores, sets)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.codes", description=__doc__)
    parser.add_argument("folder", type=Path, help="photographs in folders named after their format")
    parser.add_argument("--half", choices=("tuned", "held", "both"), default="held", help="default: held")
    parser.add_argument("--set", dest="sets", action="append", choices=list(SETS), help="default: all")
    return parser.parse_args()


def _half(photograph: Photograph) -> str:
    return "tuned" if photograph.tuned_on else "held"


def score(chosen: list[Photograph], sets: list[str]) -> Scores:
    """All decoders on all frames."""
    scores: Scores = defaultdict(Score)
    for photograph in chosen:
        for name, frame in frames(photograph):
            if name not in sets:
                continue
            for decoder, decode in decoders(photograph.format).items():
                began = time.thread_time()
                answers = decode(frame)
                took_ms = (time.thread_time() - began) * 1000
                scores[decoder, photograph.format, name].add(photograph, answers, [took_ms])
            scores[_SCENE, photograph.format, name].add(photograph, *_scene(photograph, frame))
    return scores


def decoders(format_: str) -> dict[str, Callable[[Picture], list[Answer]]]:
    """Those that know the format."""
    known: dict[str, Callable[[Picture], list[Answer]]] = {
        _OURS: lambda frame: _from_ours(LiveReader(), frame),
        "zxing-cpp, fast": lambda frame: _zxing(frame, thorough=False),
        "zxing-cpp, thorough": lambda frame: _zxing(frame, thorough=True),
    }
    if format_ in _ZBAR:
        known["zbar"] = _zbar
    if format_ == "QRCode":
        known["OpenCV"] = _opencv
    return known


def table(scores: Scores, sets: list[str]) -> str:
    """Markdown: a row a decoder, a column a format, and one for all together."""
    lines = [f"| decoder | {' | '.join(FORMATS.values())} | all |", "|---" * (len(FORMATS) + 2) + "|"]
    for decoder in dict.fromkeys(name for name, _, _ in scores):
        columns = [_sum(scores, decoder, [format_], sets) for format_ in FORMATS.values()]
        everything = _sum(scores, decoder, list(FORMATS.values()), sets)
        lines.append(f"| {decoder} | " + " | ".join(one.row() for one in [*columns, everything]) + " |")
    return "\n".join(lines)


def _sum(scores: Scores, decoder: str, formats: list[str], sets: list[str]) -> Score:
    total = Score()
    for (name, format_, set_), one in scores.items():
        if name == decoder and format_ in formats and set_ in sets:
            total.frames += one.frames
            total.right += one.right
            total.misread += one.misread
            total.frame_ms += one.frame_ms
            total.answer_ms += one.answer_ms
    return total


def _scene(photograph: Photograph, frame: Picture) -> tuple[list[Answer], list[float]]:
    """The live reader before a still scene, each frame with noise of its own, until it answers."""
    reader, random, times_ms = LiveReader(), photograph.random("scene"), list[float]()
    for _ in range(FRAMES_OF_A_SCENE):
        next_frame = noisy(frame, random)
        began = time.thread_time()
        answers = _from_ours(reader, next_frame)
        times_ms.append((time.thread_time() - began) * 1000)
        if answers:
            return answers, times_ms
    return [], times_ms


def _right(photograph: Photograph, answer: Answer) -> bool:
    same = answer.text == photograph.text or answer.payload == photograph.payload
    return same and answer.format.startswith(photograph.format)


def _from_ours(reader: LiveReader, frame: Picture) -> list[Answer]:
    return [Answer(code.format, code.text, code.payload) for code in reader.feed(frame)]


def _zxing(frame: Picture, *, thorough: bool) -> list[Answer]:
    codes = zxingcpp.read_barcodes(
        frame,
        _ZXING,
        try_rotate=thorough,
        try_downscale=thorough,
        try_invert=thorough,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [Answer(code.format.name, code.text, bytes(code.bytes)) for code in codes if code.valid]


def _zbar(frame: Picture) -> list[Answer]:
    return [
        Answer(_ZBAR_NAMES[symbol.type], symbol.data.decode(errors="replace"), bytes(symbol.data))
        for symbol in pyzbar.decode(frame, symbols=list(_ZBAR.values()))
    ]


def _opencv(frame: Picture) -> list[Answer]:
    try:
        text, _corners, _straight = cv2.QRCodeDetector().detectAndDecode(frame)
    except UnicodeDecodeError:  # it has no word for bytes that are no UTF-8
        return []
    return [Answer("QRCode", text, text.encode())] if text else []


# --- inside `python -m benchmarks` ---


def measure(_workplace: Workplace) -> Iterator[Figure]:
    """Codes drawn and degraded, without photographs: time a frame beside zxing's own thorough reading."""
    cv2.setNumThreads(1)
    scores = score(list(_drawn()), list(SETS))
    formats, sets = list(FORMATS.values()), list(SETS)
    ours = _sum(scores, _OURS, formats, sets)
    scene = _sum(scores, _SCENE, formats, sets)
    theirs = Samples.of(_sum(scores, "zxing-cpp, thorough", formats, sets).frame_ms, "frames")
    if scene.misread:
        raise NothingMeasuredError(f"{scene.misread} misread")
    frame = Samples.of(ours.frame_ms, "frames")
    yield Figure(
        "codes: a frame", "ms", frame, Peer("zxing-cpp, thorough", theirs), limit=Limit(Of.P95, 80.0)
    )
    rate = Samples.of([100 * scene.right / scene.frames], "scenes")
    yield Figure("codes: drawn scenes read", "%", rate, limit=Limit(Of.MEDIAN, 94.0, least=True))


def _drawn() -> Iterator[Photograph]:
    for number, format_ in enumerate(list(FORMATS.values()) * 2):
        text = f"LOST-{number:04}-{'PROPERTY' * (number % 3)}"
        code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, format_))
        picture = np.pad(np.asarray(code.to_image(scale=3)), 30, constant_values=235)
        yield Photograph(f"drawn/{number}", format_, picture, text, None)


if __name__ == "__main__":
    main()
