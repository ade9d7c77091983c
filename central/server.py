"""Serving the API over mutual TLS. Who is calling is decided by the client certificate alone."""

import asyncio
import signal
import ssl
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from central.gateway.api import KIOSK_STATE
from central.keys.authority import CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY

_NAME_PREFIX = "kiosk-"


class KioskProtocol(H11Protocol):
    """HTTP/1.1 that knows the kiosk at the other end: uvicorn has no public way to the client certificate."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Put the kiosk number of the client certificate into the state of every request."""
        super().connection_made(transport)
        certificate = transport.get_extra_info("peercert")
        self.app_state = {**self.app_state, KIOSK_STATE: kiosk_of(certificate)}


def kiosk_of(certificate: dict[str, Any] | None) -> int | None:
    """The kiosk number in a client certificate, as `ssl.SSLSocket.getpeercert` gives it."""
    for relative_name in (certificate or {}).get("subject", ()):
        for key, value in relative_name:
            number = str(value).removeprefix(_NAME_PREFIX)
            if key == "commonName" and str(value).startswith(_NAME_PREFIX) and number.isdecimal():
                return int(number)
    return None


def tls(directory: Path) -> ssl.SSLContext:
    """TLS 1.3 that lets only kiosks of this centre in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(directory / SERVER_CERTIFICATE, directory / SERVER_KEY)
    context.load_verify_locations(directory / CA_CERTIFICATE)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def configuration(app: FastAPI, directory: Path, host: str, port: int) -> uvicorn.Config:
    """How `app` is served with the certificates of `directory`."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=KioskProtocol,
        ws="none",
        lifespan="off",
        ssl_context_factory=lambda _config, _default: tls(directory),
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def serve(app: FastAPI, directory: Path, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then return."""
    # uvicorn raises the signal again after its orderly end; by then there is nothing left to do for it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ignore)
    uvicorn.Server(configuration(app, directory, host, port)).run()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    return
