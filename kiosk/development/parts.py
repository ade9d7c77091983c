"""What a kiosk consists of in development: its processes, the folders, keys and ports they need."""

import functools
import json
import os
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from config.event_file import VARIABLE as EVENTS_FILE
from config.layers import LEAVES, PREFIX
from config.settings import Settings
from kiosk import enrolling
from kiosk.development.processes import Program, Tell
from kiosk.post.identity import check_identity, client_tls
from kiosk.post.keys import KeyProblem
from kiosk.post.keyset import load_key_set

WATCHDOG_S = 20.0
DEVICES_WATCHDOG_S = 7.0
"""Also when a hanging driver stops the whole process, devices are back within ten seconds."""
CENTRE_STARTS_S = 60.0
_LOOK_S = 0.05

LONGEST_RUNTIME = 107 - len("/maintenance.notify")
"""Bytes: a Unix socket's whole path has at most 107 (unix(7)), and this is the longest name of ours."""


FORGETFUL = {
    "PYTHONMALLOC": "malloc",
    "GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",
}
"""Makes a process overwrite the memory it frees (docs/decisions/0084); systemd/kiosk-devices.service too."""


class Part(StrEnum):
    """What can be started."""

    CENTRE = "centre"
    SIMULATORS = "simulators"
    DEVICES = "devices"
    COURIER = "courier"
    MAINTENANCE = "maintenance"
    SCREEN = "screen"


class CannotStartError(Exception):
    """The kiosk cannot run here; the message says why and what to do."""


def programs(
    settings: Settings, parts: Collection[Part], screen_options: Sequence[str] = ()
) -> list[Program]:
    """The chosen processes of a kiosk with these settings; `screen_options` are for `kiosk screen`."""
    runtime = settings.paths.runtime
    environment = {**environment_of(settings), EVENTS_FILE: str(runtime / "events.jsonl")}
    kiosk = _script("kiosk")
    network = _network(settings, parts)
    centre_at, door_at = [there for _, there in network]
    relayed = [(here, there) for here, there in network if here != there]
    every = [
        Program(Part.CENTRE, _centre_command(settings, centre_at, door_at), environment, (centre_at,)),
        Program(
            Part.SIMULATORS,
            (kiosk, "simulate", *(f"--relay={here}:{there}" for here, there in relayed)),
            environment,
            (runtime / "simulators.sock", settings.devices.printer.port, *(here for here, _ in relayed)),
        ),
        Program(
            Part.DEVICES,
            (kiosk, "devices"),
            {**environment, **FORGETFUL},
            (settings.paths.devices_socket,),
            notifies=True,
            watchdog_s=DEVICES_WATCHDOG_S,
            needs=_chosen(Part.SIMULATORS, parts),
        ),
        Program(
            Part.COURIER,
            (kiosk, "courier"),
            environment,
            (settings.paths.courier_socket,),
            notifies=True,
            watchdog_s=WATCHDOG_S,
            needs=_chosen(Part.CENTRE, parts),
        ),
        Program(
            Part.MAINTENANCE,
            (kiosk, "maintenance"),
            environment,
            (settings.paths.maintenance_socket,),
            notifies=True,
            watchdog_s=WATCHDOG_S,
        ),
        Program(
            Part.SCREEN, (kiosk, "screen", *screen_options), environment, notifies=True, watchdog_s=WATCHDOG_S
        ),
    ]
    return [program for program in every if program.name in parts]


def dock(settings: Settings) -> Program:
    """The levers of a developer: a window beside the kiosk's, and no part of it."""
    return Program(
        "dock", (_script("kiosk"), "dock"), environment_of(settings), may_end=True, needs=(Part.SIMULATORS,)
    )


def _network(settings: Settings, parts: Collection[Part]) -> tuple[tuple[int, int], tuple[int, int]]:
    """For the centre and its door: the port where they are looked for, and the one where they are.

    They differ where simulators stand in between, who can cut the network.
    """
    known = (_centre_port(settings), _door_port(settings))
    if {Part.CENTRE, Part.SIMULATORS} <= set(parts):
        return (known[0], free_port()), (known[1], free_port())
    return (known[0], known[0]), (known[1], known[1])


def _chosen(part: Part, parts: Collection[Part]) -> tuple[str, ...]:
    return (part,) if part in parts else ()


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment in which a child loads exactly these settings, whatever its files say."""
    return {f"{PREFIX}{key.upper().replace('.', '__')}": _spelled(_value(settings, key)) for key in LEAVES}


def _value(settings: Settings, key: str) -> object:
    return functools.reduce(getattr, key.split("."), settings)


def _spelled(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool | list | dict) else str(value)


def _script(name: str) -> str:
    """Our console script of this very environment: never whatever a PATH may find."""
    return str(Path(sysconfig.get_path("scripts")) / name)


def _centre_port(settings: Settings) -> int:
    return urlsplit(settings.centre.url).port or 443


def _door_port(settings: Settings) -> int:
    return urlsplit(settings.centre.door_url).port or 443


def centre_folder(settings: Settings) -> Path:
    """Where the reference centre of this kiosk lives."""
    return settings.paths.state.parent / "centre"


def _centre_command(settings: Settings, port: int, door_port: int) -> tuple[str, ...]:
    ports = ("--port", str(port), "--public-port", str(door_port))
    return (_script("report-centre"), "serve", str(centre_folder(settings)), *ports)


Enrol = Callable[[Settings], None]
"""Gives the kiosk of the settings its keys, from the centre in `centre_folder`. Raises CannotStartError."""


def enrol_on_disk(settings: Settings) -> None:
    """The centre writes the keys itself, since both are on one disk: for tests and played visits."""
    number, keys = str(settings.kiosk_number), str(settings.paths.keys)
    _carry_out("enrol", number, "--centre", str(centre_folder(settings)), "--out", keys)


def enrol_at_door(settings: Settings) -> None:
    """As in service: the centre invites, and the kiosk comes to its door with the code."""
    with _centre_at_work(settings):
        invitation = _carry_out(
            "invite", str(settings.kiosk_number), "--centre", str(centre_folder(settings)), "--no-qr"
        )
        try:
            enrolling.enrol(settings, invitation.split("\n", 1)[0], settings.centre.door_url)
        except enrolling.CannotEnrolError as error:
            raise CannotStartError(str(error)) from None


@contextmanager
def _centre_at_work(settings: Settings) -> Iterator[None]:
    """Serve the centre until the block ends."""
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            _centre_command(settings, _centre_port(settings), _door_port(settings)),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        ) as centre,
    ):
        try:
            end = time.monotonic() + CENTRE_STARTS_S
            while not _listens(_door_port(settings)):
                if centre.poll() is not None or time.monotonic() > end:
                    said.seek(0)
                    raise CannotStartError(
                        f"the centre does not start:\n{said.read().decode(errors='replace')}"
                    )
                time.sleep(_LOOK_S)
            yield
        finally:
            centre.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def prepare(settings: Settings, tell: Tell, enrol: Enrol = enrol_on_disk) -> None:
    """Make the folders, the reference centre, and `enrol` the kiosk unless it has its keys already.

    Raises CannotStartError.
    """
    paths = settings.paths
    _check_length(paths.runtime)
    for folder in (paths.state, paths.runtime, paths.keys, paths.outbox.parent):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    house = centre_folder(settings)
    known = house.exists()
    if known and _is_enrolled(settings):
        return
    if not known:
        _carry_out("init", str(house))
    # A new centre has new keys: whatever was sealed for an earlier one could never be opened. Keys that an
    # earlier release wrote are no enrolment either; its queue is sealed to keys that the centre still has.
    enrol(settings)
    tell(Part.CENTRE, f"enrolled kiosk {settings.kiosk_number:04d}; its keys are in {paths.keys}")


def _check_length(runtime: Path) -> None:
    if len(os.fsencode(runtime)) > LONGEST_RUNTIME:
        raise CannotStartError(
            f"{runtime} is too long for the sockets in it; "
            f"set paths.runtime to a folder of at most {LONGEST_RUNTIME} bytes"
        )


def _is_enrolled(settings: Settings) -> bool:
    try:
        load_key_set(settings.paths.keys)
        client_tls(settings.paths.keys)
        check_identity(settings.paths.keys, settings.kiosk_number)
    except KeyProblem:
        return False
    return True


def _carry_out(*arguments: str) -> str:
    """What a command of the centre says. Raises CannotStartError."""
    command = (_script("report-centre"), *arguments)
    done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise CannotStartError(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout


def with_free_ports(settings: Settings) -> Settings:
    """The same settings; a port somebody else already uses on loopback is replaced by a free one.

    The code on a receipt opens it at the centre here, unless the site names a page.
    """
    preferred = (settings.devices.printer.port, _centre_port(settings), _door_port(settings))
    return _with_ports(settings, *map(free_port, preferred))


def with_private_ports(settings: Settings) -> Settings:
    """The same settings on ports that nobody prefers, so that many can run side by side."""
    return _with_ports(settings, free_port(), free_port(), free_port())


def _with_ports(settings: Settings, printer_port: int, centre_port: int, door_port: int) -> Settings:
    printer = settings.devices.printer.model_copy(update={"port": printer_port})
    devices = settings.devices.model_copy(update={"printer": printer})
    addresses = {
        "url": _at_port(settings.centre.url, centre_port),
        "door_url": _at_port(settings.centre.door_url, door_port),
    }
    centre = settings.centre.model_copy(update=addresses)
    site = settings.site.model_copy(
        update={"receipt_page": settings.site.receipt_page or addresses["door_url"]}
    )
    return settings.model_copy(update={"devices": devices, "centre": centre, "site": site})


def _at_port(address: str, port: int) -> str:
    url = urlsplit(address)
    return url._replace(netloc=f"{url.hostname}:{port}").geturl()


def free_port(preferred: int = 0) -> int:
    """`preferred` where it is free on loopback, else any free port. Raises CannotStartError."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if _binds(probe, port):
                return int(probe.getsockname()[1])
    raise CannotStartError("no port is free on loopback")


def _binds(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
