"""Power cuts while a damaged outbox is salvaged: it is damaged or salvaged, and never begins anew."""

from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from kiosk.post.outbox import Outbox, OutboxFault
from kiosk.post.salvage import Salvaged, salvage
from tests.prove.storage import check
from tests.prove.storage.book import KIOSK, QUARANTINED, Book
from tests.prove.storage.disk import Image
from tests.prove.storage.recorder import Recorder, lay_out, picture, scratch
from tests.prove.storage.tap import Nobody, tapped
from tests.prove.storage.workload import (
    LATE,
    NOW,
    OUTBOX,
    PHOTOS,
    PHOTOS_TOO,
    QUOTA,
    SMALL,
    Promise,
    opened,
)

_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Rescue:
    """What must come of salvage, and whether it was told as done."""

    book: Book
    damaged: bytes
    done: bool = False


def before() -> tuple[Image, Rescue]:
    """An outbox of which one page, in the midst of a photo, is rubbish; somebody has met it."""
    book = Book()
    with scratch() as root, tapped(Nobody()):
        outbox = opened(root)
        for draft in (SMALL, PHOTOS, PHOTOS_TOO, LATE):
            outbox.keep(draft.case_id, draft.seal)
            book = book.kept(draft)
        outbox.close()
        image = dict(picture(root))
    whole = bytearray(image[str(OUTBOX)] or b"")
    pages = range(0, len(whole), _PAGE)
    place = max(pages, key=lambda page: whole[page : page + _PAGE].count(PHOTOS_TOO.canary))
    whole[place : place + _PAGE] = Random(1).randbytes(_PAGE)  # noqa: S311 - rubbish
    damaged = bytes(whole)
    image |= {str(OUTBOX): damaged, f"{OUTBOX}.damaged": b""}
    # The photo cannot be saved: its case comes over without it, for a person to decide.
    torn = replace(book.entries[PHOTOS_TOO.case_id], state=QUARANTINED, parts=frozenset())
    rescued = replace(book, entries={**book.entries, PHOTOS_TOO.case_id: torn})
    return image, Rescue(rescued, damaged)


def rescue(root: Path, recorder: Recorder[Rescue]) -> None:
    """Salvage it."""
    assert isinstance(salvage(root / OUTBOX, KIOSK, lambda: NOW), Salvaged)
    recorder.promise(replace(recorder.promised, done=True))


def wrong(image: Image, promise: Rescue, root: Path) -> str | None:
    """What breaks `promise` in `image`, if anything."""
    lay_out(image, root)
    outbox = Outbox.open(root / OUTBOX, QUOTA, lambda: NOW)
    if isinstance(outbox, Outbox):
        outbox.close()
    elif promise.done or outbox.fault is not OutboxFault.DAMAGED:
        return f"lost: after salvage it is {outbox.fault}" if promise.done else f"taken for {outbox.fault}"
    lay_out(image, root)
    came = salvage(root / OUTBOX, KIOSK, lambda: NOW)
    if not isinstance(came, Salvaged):
        return f"cannot be salvaged any more: {came.fault}"
    left = picture(root)
    if promise.damaged not in left.values():
        return "lost: the damaged file is gone"
    return check.wrong(left, Promise((promise.book,)), root)
