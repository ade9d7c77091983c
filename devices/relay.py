"""The network between kiosk and centre, in development: a relay whose cable can be cut.

What passes through stays as it is, TLS and all. `cut`: connections break and none can be made. `slow`: a few
kilobytes a second. `portal`: whoever connects is told in plain HTTP to log in somewhere, as in a hotel.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from enum import StrEnum
from typing import Any

SLOW_BYTES = 1024
SLOW_S = 0.2
_CHUNK = 1 << 16
_HOST = "127.0.0.1"
_WITHOUT_FAREWELL = struct.pack("ii", 1, 0)
_PORTAL = (
    b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


class Network(StrEnum):
    """What can be done to it."""

    MEND = "mend"
    CUT = "cut"
    SLOW = "slow"
    PORTAL = "portal"


Route = tuple[int, int]
"""The port where the kiosk looks for the centre, and the one where the centre is; both on loopback."""


class Relay:
    """Runs on a thread of its own."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes
        self._state = Network.MEND
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def state(self) -> Network:
        """How it is."""
        return self._state

    def start(self) -> None:
        """Let everything through. Raises OSError if a port is taken."""
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        """End."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def set(self, state: Network) -> None:
        """Cut it, or mend it; what is open now breaks off unless it becomes only slower or faster."""
        self._do(self._set(state))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _set(self, state: Network) -> None:
        before, self._state = self._state, state
        passing = {Network.MEND, Network.SLOW}
        if not {before, state} <= passing:
            await self._break_off()
            if state is not Network.CUT:
                await self._listen()

    async def _listen(self) -> None:
        for here, there in self._routes:
            self._servers.append(await asyncio.start_server(self._leading_to(there), _HOST, here))

    async def _break_off(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()
        for writer in tuple(self._open):
            line: socket.socket = writer.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _WITHOUT_FAREWELL)
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _end(self) -> None:
        """Nothing is left open, not even what was just being connected."""
        await self._break_off()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await self._break_off()

    def _leading_to(
        self, port: int
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            async with self._kept(writer):
                if self._state is Network.PORTAL:
                    await reader.read(_CHUNK)
                    writer.write(_PORTAL)
                    await writer.drain()
                    return
                there = await asyncio.open_connection(_HOST, port)
                async with self._kept(there[1]):
                    await asyncio.gather(self._pump(reader, there[1]), self._pump(there[0], writer))

        async def serve_quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                await serve(reader, writer)

        return serve_quietly

    @contextlib.asynccontextmanager
    async def _kept(self, writer: asyncio.StreamWriter) -> AsyncIterator[None]:
        self._open.add(writer)
        try:
            yield
        finally:
            self._open.discard(writer)
            writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction, until either end closes it."""
        while data := await reader.read(_CHUNK):
            while data and self._state is Network.SLOW:
                await asyncio.sleep(SLOW_S)
                writer.write(data[:SLOW_BYTES])
                data = data[SLOW_BYTES:]
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
