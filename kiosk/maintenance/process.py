"""The maintenance process: keeps the door, the records and the socket. It has no key that opens a report."""

import asyncio
import os
import signal
import socket
from importlib.metadata import version

from config.event_names import Event
from config.log import configure, log
from config.settings import Settings
from kiosk import notify
from kiosk.crash import end_on_exceptions
from kiosk.maintenance.desk import Desk
from kiosk.maintenance.office import Office

_KEEP_TIME_S = 600.0
_FIRST_INHERITED = 3  # sd_listen_fds(3)


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, or until a technician restarts it. Returns the exit status."""
    configure("maintenance")
    end_on_exceptions(lambda kind, place: log(Event.PROCESS_FAILED, exception=kind, place=place))
    os.umask(0o007)
    asyncio.run(_serve(settings))
    log(Event.PROCESS_STOPPED)
    return os.EX_OK


async def _serve(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    office = Office(settings, lambda: _end_soon(loop, stopping))
    desk = Desk(office)
    async with await desk.open(settings.paths.maintenance_socket, _inherited()):
        keeper = loop.create_task(_keep_time(office))
        feeder = loop.create_task(_feed_watchdog())
        notify.ready()
        log(Event.PROCESS_STARTED, version=version("report-kiosk"))
        await stopping.wait()
        notify.stopping()
        for task in (keeper, feeder):
            task.cancel()
        desk.close()
    office.close()


def _end_soon(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    """From any thread; late enough that who asked for it still hears the answer."""
    loop.call_soon_threadsafe(loop.call_later, 0.2, stopping.set)


async def _keep_time(office: Office) -> None:
    while True:
        await asyncio.to_thread(office.keep_time)
        await asyncio.sleep(_KEEP_TIME_S)


async def _feed_watchdog() -> None:
    interval_s = notify.watchdog_interval_s()
    while interval_s is not None:
        notify.alive()
        await asyncio.sleep(interval_s)


def _inherited() -> socket.socket | None:
    """The listening socket that systemd made, so that a restart turns nobody away; None without one."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=_FIRST_INHERITED)
