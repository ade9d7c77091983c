"""A server between a kiosk and the real centre that does to each connection what a script says.

A script may pass bytes on, hold them back, cut them off, end TLS itself with the centre's own certificate and
answer what it likes, or carry the request to the centre and spoil what comes back.
"""

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from central.gateway import receipts
from central.keys.keyring import Keyring
from central.server import tls
from kiosk.post.identity import client_tls

_CHUNK = 65536

Script = Callable[["Session"], Awaitable[None]]


class Session:
    """One connection of a kiosk, as a script sees it."""

    def __init__(self, proxy: "Proxy", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.proxy = proxy
        self.reader = reader
        self.writer = writer

    async def tls(self, context: ssl.SSLContext | None = None) -> None:
        """Shake hands; by default with the centre's certificate, asking for a kiosk's."""
        await self.writer.start_tls(context or self.proxy.centre_tls)

    async def request(self) -> bytes:
        """The whole request."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        self.proxy.requests += 1
        return head + await self.reader.readexactly(_length(head))

    async def send(self, data: bytes) -> None:
        """Write, as fast as the kiosk takes it."""
        self.writer.write(data)
        await self.writer.drain()

    async def drip(self, data: bytes, pause_s: float, piece: int = 1) -> None:
        """Write piece by piece: a slow server is the point."""
        for start in range(0, len(data), piece):
            await self.send(data[start : start + piece])
            await asyncio.sleep(pause_s)

    async def forward(self, request: bytes) -> bytes:
        """What the real centre answers to `request`, byte by byte."""
        reader, writer = await self.proxy.to_centre(self.proxy.kiosk_tls)
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            return head + await reader.readexactly(_length(head))
        finally:
            await _close(writer)

    async def hold(self) -> None:
        """Say nothing until the kiosk hangs up."""
        while await self.reader.read(_CHUNK):
            pass

    async def pipe(self, *, down_limit: int | None = None, pause_s: float = 0.0, piece: int = _CHUNK) -> None:
        """Join kiosk and centre; after `down_limit` bytes from the centre cut the kiosk off."""
        reader, writer = await self.proxy.to_centre(None)
        up = asyncio.ensure_future(_copy(self.reader, writer))
        left = down_limit
        try:
            while data := await reader.read(piece if left is None else min(piece, left)):
                await self.send(data)
                await asyncio.sleep(pause_s)
                if left is not None:
                    left -= len(data)
                if left == 0:
                    self.reset()
                    return
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            await _close(writer)

    def reset(self) -> None:
        """RST instead of an orderly end."""
        connection = self.writer.get_extra_info("socket")
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def cut(self) -> None:
        """End TCP without ending TLS."""
        self.writer.transport.abort()


class Proxy:
    """Runs `script` for each connection, in a thread of its own."""

    def __init__(self, centre: Path, centre_port: int, keys: Path) -> None:
        self.centre = centre
        self.centre_port = centre_port
        self._keyring = Keyring.load(centre)
        self.centre_tls = tls(centre, for_kiosks=True)
        self.kiosk_tls = client_tls(keys)
        self.script: Script = honest
        self.connections = 0
        self.requests = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._server = self._within(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = int(self._server.sockets[0].getsockname()[1])
        self.url = f"https://localhost:{self.port}"

    def use(self, script: Script) -> None:
        """Treat the connections that come from now on by `script`; those there are end."""
        self._within(self._hang_up())
        self.script, self.connections, self.requests = script, 0, 0

    def sign(self, claims: dict[str, Any]) -> str:
        """A receipt over `claims` by the centre's own key."""
        return receipts.sign(self._keyring, claims)

    def close(self) -> None:
        """End."""
        self._server.close()
        self._within(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def to_centre(
        self, context: ssl.SSLContext | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the real centre; without `context` the bare TCP one."""
        name = None if context is None else "localhost"
        return await asyncio.open_connection("127.0.0.1", self.centre_port, ssl=context, server_hostname=name)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        session = Session(self, reader, writer)
        try:
            await self.script(session)
        except (OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the kiosk hung up
        finally:
            self._tasks.discard(task)
            await _close(session.writer)

    async def _hang_up(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _within(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)


async def honest(session: Session) -> None:
    """Pass everything on, as a good line does."""
    await session.pipe()


def _length(head: bytes) -> int:
    """What `Content-Length` of a head says; 0 for none."""
    lines = (line.lower().partition(b":") for line in head.split(b"\r\n"))
    return sum(int(value) for name, _, value in lines if name == b"content-length")


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, asyncio.TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(writer.wait_closed(), 0.2)
    writer.transport.abort()
