"""What the kernel does for a process that sees answers, seen from outside."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.development.parts import FORGETFUL

CANARY = "63616e6172792d37373331" * 3  # hexadecimal, so that the text itself stands in no source
FORGET = f"""
import sys
texts = [bytes.fromhex("{CANARY}") + bytes([number]) for number in range(200)]
kept = bytearray(b"".join(texts))
print("said", flush=True)
sys.stdin.readline()
del texts
kept.clear()
print("forgotten", flush=True)
sys.stdin.readline()
"""


def run(code: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def traces(process: "subprocess.Popen[str]") -> int:
    needle, found = bytes.fromhex(CANARY), 0
    with Path(f"/proc/{process.pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            start, end = (int(edge, 16) for edge in span.split("-"))
            if rights.startswith("rw"):
                memory.seek(start)
                found += memory.read(end - start).count(needle)
    return found


@pytest.mark.parametrize(("environment", "forgets"), [({}, False), (FORGETFUL, True)])
def test_freed_memory_is_overwritten_where_it_is_asked_for(
    environment: dict[str, str], *, forgets: bool
) -> None:
    with run(FORGET, **environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        assert traces(process) >= 200
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()
        assert (traces(process) == 0) is forgets
        process.stdin.close()


CHILD = """
import os, time
from kiosk import hardening
hardening.die_with_parent(os.getppid())
print(os.getpid(), flush=True)
time.sleep(60)
"""
PARENT = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-P", "-c", {CHILD!r}])
time.sleep(60)
"""


def test_a_child_dies_with_its_parent() -> None:
    with run(PARENT) as process:
        assert process.stdout is not None
        child = os.pidfd_open(int(process.stdout.readline()))
        process.send_signal(signal.SIGKILL)
        ended, _, _ = select.select([child], [], [], 5)
        os.close(child)
        assert ended


HARDENED = """
import ctypes, resource
from kiosk import hardening
hardening.no_core_dumps()
hardening.not_dumpable()
PR_GET_DUMPABLE = 3
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0))
"""


def test_a_hardened_process_leaves_no_core_and_cannot_be_inspected() -> None:
    with run(HARDENED) as process:
        told, _ = process.communicate()
    assert told.strip() == "(0, 0) 0"
