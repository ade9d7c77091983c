"""Several processes for one work: started, started again when one dies, and ended together."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess

Work = Callable[[], None]
"""Runs until SIGTERM."""

_END = {signal.SIGTERM, signal.SIGINT}
_HEARD = {*_END, signal.SIGCHLD}
_PAUSE_S = 1.0
"""Before another start: a worker that cannot begin shall not be all that the machine does."""

_PATIENCE_S = 10.0
_LOG = logging.getLogger(__name__)


def keep_running(works: Sequence[Work]) -> None:
    """Run each in a process of its own until SIGTERM or SIGINT. Call it before any thread is started.

    When this process is killed, its workers end themselves.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    try:
        workers = [_started(work) for work in works]
        while signal.sigwait(_HEARD) not in _END:
            dead = [place for place, worker in enumerate(workers) if not worker.is_alive()]
            for place in dead:
                _LOG.error("worker %d has died (%s)", place, workers[place].exitcode)
            if dead and signal.sigtimedwait(_END, _PAUSE_S) is not None:
                break
            for place in dead:
                workers[place] = _started(works[place])
        _end(workers)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _started(work: Work) -> ForkProcess:
    # A fork: the sockets that listen go along, and what is loaded is in memory once.
    worker = multiprocessing.get_context("fork").Process(target=_run, args=(work,))
    worker.start()
    return worker


def _run(work: Work) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - only ever run in a worker
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


def _end(workers: Sequence[ForkProcess]) -> None:
    for worker in workers:
        worker.terminate()
    end = time.monotonic() + _PATIENCE_S
    for worker in workers:
        worker.join(max(0.0, end - time.monotonic()))
        if worker.is_alive():
            _LOG.error("worker %s did not end when asked", worker.name)
            worker.kill()
            worker.join()
