"""Waiting for lines without looking at them again and again: until something comes, or somebody wakes us."""

import contextlib
import os
import select


class Waker:
    """Lets any thread end the `wait` of another."""

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def wake(self) -> None:
        """End the present wait, or the next one if nobody waits."""
        os.eventfd_write(self._descriptor, 1)

    def wait(self, timeout_s: float, *descriptors: int) -> bool:
        """Until one of them can be read (or is no more), woken, or time is up. Whether it was one of them.

        Raises OSError, ValueError if one of them is not open.
        """
        poll = select.poll()
        for descriptor in (self._descriptor, *descriptors):
            poll.register(descriptor, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll(max(0.0, timeout_s) * 1000)}
        if self._descriptor in ready:
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._descriptor)
        return bool(ready - {self._descriptor})

    def __del__(self) -> None:
        os.close(self._descriptor)
