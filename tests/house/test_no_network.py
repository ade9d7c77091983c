"""The screen opens no network socket: by what its code can reach, and by what it asks of the kernel."""

import ast
import contextlib
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

import grimp
import pytest

from config.loader import load
from kiosk.development.parts import environment_of, prepare

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGES = ("kiosk", "ui", "devices", "flows", "config")
KIOSK = str(Path(sysconfig.get_path("scripts")) / "kiosk")
LOCAL = {"AF_UNIX"}
NETWORK_LIBRARIES = {
    "aiohttp",
    "ftplib",
    "http",
    "httpcore",
    "httpx",
    "requests",
    "smtplib",
    "socketserver",
    "urllib3",
}
NETWORK_WORDS = {
    "AF_INET",
    "AF_INET6",
    "AF_NETLINK",
    "AF_PACKET",
    "create_connection",
    "create_server",
    "getaddrinfo",
}
NETWORK_QML = re.compile(r"XMLHttpRequest|WebSocket|import\s+QtWeb|https?://(?!www\.w3\.org)")


# --- what the code can reach -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reachable() -> set[str]:
    """Everything the screen host or a visitor screen may import, even late."""
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
    faces = {"kiosk.screens.screen", "kiosk.screens.screen_host"}
    return faces | {name for face in faces for name in graph.find_upstream_modules(face)}


def test_the_screen_reaches_no_network_library(reachable: set[str]) -> None:
    assert not {name.split(".")[0] for name in reachable} & NETWORK_LIBRARIES
    assert {"socket", "PySide6"} <= reachable  # the search sees libraries at all


def network_words(source: str) -> set[str]:
    """Names in Python code that open the way to a network."""
    tree = ast.parse(source)
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return {
        name
        for name in names
        if name in NETWORK_WORDS or name.startswith(("QNetwork", "QTcp", "QUdp", "QSsl"))
    }


def test_no_module_of_the_screen_names_a_network(reachable: set[str]) -> None:
    modules = sorted(name for name in reachable if name.split(".")[0] in PACKAGES)
    assert len(modules) > 30
    found = {name: network_words(source_of(name).read_text(encoding="utf-8")) for name in modules}
    assert {name: words for name, words in found.items() if words} == {}


def source_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@pytest.mark.parametrize(
    "source",
    [
        "import socket\nsocket.socket(socket.AF_INET)",
        "from socket import create_connection",
        "from PySide6.QtNetwork import QNetworkAccessManager",
    ],
)
def test_the_search_for_network_words_finds_them(source: str) -> None:
    assert network_words(source)


def test_no_qml_reaches_out() -> None:
    files = sorted((ROOT / "ui").rglob("*.qml"))
    assert files
    assert [path for path in files if NETWORK_QML.search(path.read_text(encoding="utf-8"))] == []


# --- what the processes ask of the kernel ------------------------------------------------------------------


def traced(command: Sequence[str], log: Path, calls: str = "socket") -> tuple[str, ...]:
    """The command under a tracer that writes down which sockets it and all its children ask for."""
    if shutil.which("strace") is None:
        pytest.fail("strace is missing: install packages-test.apt")
    return (
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-e",
        f"trace={calls}",
        "-e",
        "signal=none",
        "-o",
        str(log),
        *command,
    )


def families(log: Path) -> set[str]:
    return families_in(log.read_text(encoding="utf-8").splitlines())


def families_in(lines: Sequence[str]) -> set[str]:
    return set(re.findall(r"socket\((AF_\w+)", "\n".join(lines)))


def test_the_tracer_sees_a_network_socket(tmp_path: Path) -> None:
    """Of a grandchild, asked for in C: what Qt or a library would do."""
    inner = "import socket; socket.socket(socket.AF_INET6).close()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)"
    subprocess.run(traced((sys.executable, "-c", outer), tmp_path / "log"), check=True)
    assert "AF_INET6" in families(tmp_path / "log")


def listening(path: Path) -> socket.socket:
    """A process that a visitor screen talks to; it accepts and says nothing."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    server.settimeout(60)
    return server


@pytest.mark.e2e
def test_the_screen_and_its_visitors_open_only_local_sockets(tmp_path: Path) -> None:
    """From start until a visitor screen is shown and has joined devices and courier."""
    with tempfile.TemporaryDirectory() as short:
        places = {name: Path(short) / name for name in ("state", "runtime", "keys")}
        loaded = load(profile="demo", environ={})
        settings = loaded.model_copy(update={"paths": loaded.paths.model_copy(update=places)})
        prepare(settings, lambda _name, _line: None)
        environment = {**os.environ, **environment_of(settings), "QT_QPA_PLATFORM": "offscreen"}
        with (
            listening(settings.paths.devices_socket) as devices,
            listening(settings.paths.courier_socket) as courier,
        ):
            screen = subprocess.Popen(
                traced((KIOSK, "screen"), tmp_path / "log"), env=environment, process_group=0
            )
            try:
                callers = [devices.accept()[0], courier.accept()[0]]
            finally:
                os.killpg(screen.pid, signal.SIGTERM)
                screen.wait(20)
            for caller in callers:
                caller.close()
    assert families(tmp_path / "log") == LOCAL


def lines_of(log: Path, program: str) -> list[str]:
    """What processes whose command line matches `program` asked for, with all their threads and children."""
    calls = [tuple(line.split(maxsplit=1)) for line in log.read_text(encoding="utf-8").splitlines()]
    wanted = {task for task, call in calls if call.startswith("execve(") and re.search(program, call)}
    births = {
        (task, born[1])
        for task, call in calls
        if (born := re.search(r"(?:clone3?|v?fork)\b.* = (\d+)$", call))
    }
    while grown := {child for parent, child in births if parent in wanted} - wanted:
        wanted |= grown
    return [call for task, call in calls if task in wanted]


PR_SET_MDWE, PR_GET_MDWE = 65, 66
WITHOUT_WRITABLE_CODE = (
    "import ctypes, os, sys\n"
    f"if ctypes.CDLL(None).prctl({PR_SET_MDWE}, 1, 0, 0, 0): sys.exit('PR_SET_MDWE refused')\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def kernel_can_deny_writable_code() -> bool:
    """Linux 6.3 and later; Debian 12's own 6.1 does it by systemd's seccomp filter instead."""
    return ctypes.CDLL(None).prctl(PR_GET_MDWE, 0, 0, 0, 0) >= 0


@pytest.mark.e2e
def test_a_whole_visit_needs_neither_network_nor_writable_code(tmp_path: Path) -> None:
    """A played visit, all processes under MemoryDenyWriteExecute as their units have it, and traced.

    The courier of the same visit shows that a network socket would be seen.
    """
    visit = (KIOSK, "visit", "lost-wallet", "--out", str(tmp_path / "visit"))
    hardened = kernel_can_deny_writable_code()
    command = (sys.executable, "-c", WITHOUT_WRITABLE_CODE, *visit) if hardened else visit
    calls = "socket,execve,clone,clone3,fork,vfork"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QV4_FORCE_INTERPRETER": "1"}
    with subprocess.Popen(
        traced(command, tmp_path / "log", calls),
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    ) as done:
        try:
            said, _ = done.communicate(timeout=100)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(done.pid, signal.SIGKILL)  # a tracer that ends alone leaves its processes crippled
    assert done.returncode == 0, said
    screen = lines_of(tmp_path / "log", r'/kiosk", "screen"')
    assert sum("--visitor" in line for line in screen) >= 2
    assert families_in(screen) == LOCAL
    assert "AF_INET" in families_in(lines_of(tmp_path / "log", r'/kiosk", "courier"'))
    if not hardened:
        pytest.skip("no network: proven; no writable code: this kernel is older than 6.3 and cannot tell")
