"""kiosk.notify speaks sd_notify(3)."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import notify


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What systemd listens on."""
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(address))
        listening.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        yield listening


def test_says_ready_alive_and_stopping(manager: socket.socket) -> None:
    notify.ready()
    notify.alive()
    notify.stopping()
    assert [manager.recv(64) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_speaks_to_abstract_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"kiosk-notify-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name)
        listening.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        notify.ready()
        assert listening.recv(64) == b"READY=1"


def test_a_full_queue_never_blocks(manager: socket.socket) -> None:
    for _ in range(10_000):
        notify.alive()
    assert manager.recv(64) == b"WATCHDOG=1"


def test_a_missing_manager_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify.ready()
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify.ready()


@pytest.mark.parametrize(
    ("microseconds", "pid", "seconds"),
    [
        ("20000000", "me", 10.0),
        ("20000000", "", 10.0),
        ("20000000", "1", None),
        ("", "", None),
        ("soon", "", None),
    ],
)
def test_watchdog_interval(
    monkeypatch: pytest.MonkeyPatch, microseconds: str, pid: str, seconds: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", microseconds)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    if pid:
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "me" else pid)
    assert notify.watchdog_interval_s() == seconds
