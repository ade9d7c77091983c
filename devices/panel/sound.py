"""Test tones: a short WAV made here and played by `aplay`, a child that can be killed if its device hangs."""

import io
import math
import struct
import subprocess
import wave

RATE = 48_000
LENGTH_S = 1.0
LONGEST_S = 4.0
_HERTZ = 660.0
_LOUD = 0.35
_EDGE_S = 0.02  # faded in and out: a click is no tone


def tone(*, left: bool, right: bool) -> bytes:
    """A WAV: 1 s, 48 kHz, 16 bit, two channels of which the wanted ones sound."""
    frames = bytearray()
    count = round(RATE * LENGTH_S)
    for place in range(count):
        edge = min(1.0, place / (RATE * _EDGE_S), (count - 1 - place) / (RATE * _EDGE_S))
        level = round(32767 * _LOUD * edge * math.sin(2 * math.pi * _HERTZ * place / RATE))
        frames += struct.pack("<hh", level if left else 0, level if right else 0)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(bytes(frames))
    return file.getvalue()


def play(device: str, sound: bytes) -> bool:
    """Play a WAV on an ALSA device; True only if the device took all of it. At most `LONGEST_S`."""
    if not device:
        return False
    command = ["aplay", "-q", "-D", device, "-t", "wav", "-"]
    try:
        ended = subprocess.run(
            command,
            input=sound,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):  # no aplay, or a device that hangs: the child was killed
        return False
    return ended.returncode == 0
