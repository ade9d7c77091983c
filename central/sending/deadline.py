"""A total deadline over blocking sockets, whose own time-outs begin anew with every byte."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def cut_off(after_s: float, connection: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shut the socket of `connection` down when the block takes longer than `after_s` seconds."""

    def cut() -> None:
        line = connection()
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(after_s, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
