"""The command `kiosk`.

The processes of a kiosk are started by machines, again whenever one ends, and stay in memory: each loads what
it needs and nothing that only helps people type. The courier never loads Qt, the devices process never loads
the machine of a visit. What people type is in `kiosk.commands`.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kiosk.machine import load_settings

Process = Callable[[Sequence[str]], int]
"""Takes the options, runs until it is told to end, returns the exit code."""


def main() -> None:
    """Be the process that is named first, or do what a person typed."""
    name, options = sys.argv[1] if sys.argv[1:] else "", sys.argv[2:]
    asked = name == "maintenance" and options  # alone it is the process, with words it is what a person asks
    if name in _PROCESSES and not asked:
        sys.exit(_PROCESSES[name](options))
    from kiosk.commands.app import app

    app()


def _screen(options: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("kiosk screen", description="The screen host, or one screen of it.")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--visitor", action="store_true", help="one visitor screen; needs --line")
    kind.add_argument("--technician", action="store_true", help="a technician's screen; needs --line")
    parser.add_argument("--line", type=int, help="descriptor of the line to the host")
    parser.add_argument("--play", type=Path, help="folder with parts for players; development only")
    parser.add_argument("--packs", type=int, default=0, help="pack bundle to ask with; 0 is this release's")
    given = parser.parse_args(options)
    settings = load_settings()
    if given.visitor and given.line is not None:
        from kiosk.screens.screen import run_visitor

        return run_visitor(settings, given.line, given.play, given.packs)
    if given.technician and given.line is not None:
        from kiosk.screens.technician import run_technician

        return run_technician(settings, given.line)
    from kiosk.screens import screen_host

    return screen_host.run(settings, given.play)


def _devices(options: Sequence[str]) -> int:
    _take_none("devices", options)
    from importlib.metadata import version

    from config.event_names import Event
    from config.log import configure, log
    from devices.host import run
    from kiosk.notify import notify

    settings = load_settings()
    configure("devices")
    log(Event.PROCESS_STARTED, version=version("report-kiosk"))
    exit_code = run(settings, notify)
    log(Event.PROCESS_STOPPED)
    return exit_code


def _courier(options: Sequence[str]) -> int:
    _take_none("courier", options)
    from kiosk.post.courier import run

    return run(load_settings())


def _simulate(options: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("kiosk simulate", description="Simulated devices; development only.")
    parser.add_argument(
        "--relay", action="append", default=[], metavar="HERE:THERE", help="ports of a network to be cut"
    )
    routes = [tuple(map(int, each.split(":"))) for each in parser.parse_args(options).relay]
    from devices.simulate import run

    run(load_settings(), [(here, there) for here, there in routes])
    return os.EX_OK


def _dock(options: Sequence[str]) -> int:
    _take_none("dock", options)
    from kiosk.development.dock import run

    return run(load_settings())


def _maintenance(options: Sequence[str]) -> int:
    _take_none("maintenance", options)
    from kiosk.maintenance.process import run

    return run(load_settings())


_PROCESSES: Mapping[str, Process] = {
    "screen": _screen,
    "devices": _devices,
    "courier": _courier,
    "maintenance": _maintenance,
    "simulate": _simulate,
    "dock": _dock,
}
"""Started by `kiosk run` or by systemd."""


def _take_none(name: str, options: Sequence[str]) -> None:
    argparse.ArgumentParser(f"kiosk {name}").parse_args(options)


if __name__ == "__main__":
    main()
