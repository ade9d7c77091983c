"""The centre at work: everything joined, and where it listens."""

from collections.abc import Callable
from dataclasses import dataclass

from central.centre import Centre
from central.gateway.api import create_app
from central.server import KioskProtocol, Listener, bind, serve, tls

GATEWAY_PORT = 8443


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to listen. A port that is None is the usual one, or any that is free."""

    host: str = "127.0.0.1"
    gateway: int = GATEWAY_PORT
    inbox: int | None = None
    public: int | None = None
    ops: int | None = None


def run(centre: Centre, addresses: Addresses, tell: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. Raises `CentreError` and `CannotListenError`."""
    service = centre.service()
    try:
        listeners = [
            Listener(
                "gateway (kiosks)",
                create_app(service),
                bind(addresses.host, addresses.gateway),
                KioskProtocol,
                tls(centre.directory, for_kiosks=True),
            )
        ]
        serve(listeners, lambda: _tell(listeners, tell))
    finally:
        service.close()


def _tell(listeners: list[Listener], tell: Callable[[str], None]) -> None:
    for listener in listeners:
        tell(f"{listener.name:20} {listener.url}")
