"""Opens what a power cut left with the product's own code, and says what is wrong with it."""

import time
from contextlib import closing
from pathlib import Path

import apsw

from kiosk.post.envelope import Slot
from kiosk.post.outbox import Outbox, StorageError
from tests.prove.storage import book
from tests.prove.storage.disk import Image
from tests.prove.storage.recorder import lay_out
from tests.prove.storage.workload import KNOWN, NEXT, NOW, OUTBOX, QUOTA, Promise

REOPEN_S = 2.0


def wrong(image: Image, promise: Promise, root: Path) -> str | None:
    """What breaks `promise` in `image`, if anything. Uses the directory `root`."""
    if traces := [path for path, data in image.items() if data and any(c in data for c in promise.erased)]:
        return f"erased ciphertext is still in {traces[0]}"
    lay_out(image, root)
    began = time.monotonic()
    outbox = Outbox.open(root / OUTBOX, QUOTA, lambda: NOW)
    took = time.monotonic() - began
    if not isinstance(outbox, Outbox):
        return f"does not open: {outbox.fault}"
    with closing(outbox):
        if took > REOPEN_S:
            return f"took {took:.1f} s to open"
        try:
            return _contents(outbox, promise) or _goes_on(outbox, promise)
        except (apsw.Error, StorageError) as error:
            return f"opens, but {type(error).__name__}: {error}"


def _contents(outbox: Outbox, promise: Promise) -> str | None:
    if found := book.faults(outbox):
        return "; ".join(found)
    actual = book.read(outbox, KNOWN)
    if actual in promise.allowed:
        return None
    if doubled := book.doubled(actual):
        return f"doubled: {doubled} reports are there more than once"
    expected = promise.allowed[0]
    if lost := expected.entries.keys() - actual.entries.keys():
        return f"lost: {len(lost)} acknowledged"
    differing = [case for case in expected.entries if actual.entries[case] != expected.entries[case]]
    return f"half-applied: {len(actual.entries)} cases, {len(differing)} unlike what was promised"


def _goes_on(outbox: Outbox, promise: Promise) -> str | None:
    """What was being kept is kept once, and the next case finds its place."""
    after = promise.allowed[-1]
    if promise.redo is not None:
        outbox.keep(promise.redo.case_id, promise.redo.seal)
        if book.read(outbox, KNOWN) != after:
            return "keeping the same case again does not give the same"
    now = after if promise.redo is not None else book.read(outbox, KNOWN)
    slot = outbox.keep(NEXT.case_id, NEXT.seal)
    if slot != Slot(now.sequence + 1, now.head):
        return f"the next case cannot be kept: {slot}"
    return None
