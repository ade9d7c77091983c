"""What must hold between settings that are each well formed."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.settings import PrinterConnection, Settings

Broken = tuple[str, str]
"""Flat key and message."""

_RENUMBERED = re.compile(r"/dev/(?:ttyUSB|ttyACM|video)[0-9]+")


def broken_rules(settings: Settings) -> Iterator[Broken]:
    """Everything that these settings may not say together."""
    yield from _site(settings)
    yield from _time_zone(settings)
    if settings.production:
        yield from _simulators(settings)
        yield from _connections(settings)
        yield from _development_switches(settings)


def _site(settings: Settings) -> Iterator[Broken]:
    if not settings.site.languages:
        yield "site.languages", "name at least one language"
    for name in ("name", "address", "desk"):
        texts = getattr(settings.site, name)
        missing = [language for language in settings.site.languages if not texts.get(language)]
        if missing:
            yield "site.languages", f"site.{name} has no text in {', '.join(missing)}"


def _time_zone(settings: Settings) -> Iterator[Broken]:
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield "time_zone", 'is no time zone; use a name such as "Asia/Hong_Kong"'


def _simulators(settings: Settings) -> Iterator[Broken]:
    for name, device in settings.devices:
        if device.simulated:
            yield f"devices.{name}.simulated", "a kiosk in service has no simulators; use another profile"


def _connections(settings: Settings) -> Iterator[Broken]:
    url = urlsplit(settings.centre.url)
    if url.scheme != "https":
        yield "centre.url", "a kiosk in service speaks HTTPS only"
    if _is_loopback(url.hostname or ""):
        yield "centre.url", "is this machine itself; name the centre"
    printer = settings.devices.printer
    if printer.connection is PrinterConnection.NETWORK and _is_loopback(printer.host):
        yield "devices.printer.host", "is this machine itself; name the printer"
    if printer.connection is PrinterConnection.SERIAL and not printer.path:
        yield "devices.printer.path", "is empty; name the serial line of the printer"
    for key, path in (
        ("printer.path", printer.path),
        ("scanner.path", settings.devices.scanner.path),
        ("camera.source", settings.devices.camera.source),
    ):
        if _RENUMBERED.fullmatch(path):
            yield (
                f"devices.{key}",
                "may change with every start; use a path below /dev/serial/by-id or /dev/v4l/by-id",
            )


def _development_switches(settings: Settings) -> Iterator[Broken]:
    if settings.kiosk_number == 0:
        yield "kiosk_number", "give this kiosk its number, 1 to 9999: references are made of it"
    if not settings.display.fullscreen:
        yield "display.fullscreen", "a kiosk in service fills the screen"
    if settings.display.window_scale != 1:
        yield "display.window_scale", "is for development windows; remove it"


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
