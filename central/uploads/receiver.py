"""What one request of a phone brings: files taken or refused, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from central.store.uploads import File, Upload
from central.uploads.desk import Uploads
from central.uploads.forms import Event, Mark
from central.uploads.incoming import Incoming, Refusal, RefusedError

MOST_OUTCOMES = 60
"""Files of one request that are looked at, taken or not: each costs the database a transaction."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: here, or why not."""

    file: File | None = None
    size: int = 0
    refusal: Refusal | None = None


class Receiver:
    """Takes the files of one request. For one thread at a time; every method may wait for the database."""

    def __init__(self, desk: Uploads, upload: Upload) -> None:
        self._desk = desk
        self._upload = upload
        self._incoming: Incoming | None = None
        self.outcomes: list[Outcome] = []

    def take(self, events: Sequence[Event]) -> None:
        """More of the request. After a refusal the rest of that file is passed over."""
        for event in events:
            if event is Mark.BEGIN and len(self.outcomes) < MOST_OUTCOMES:
                self._incoming = Incoming(self._desk, self._upload)
            elif self._incoming is not None:
                self._go_on(self._incoming, event)

    def break_off(self) -> None:
        """The phone is gone, or sent what nobody understands: what is not whole is forgotten."""
        if self._incoming is not None:
            self._incoming.forget()
            self._incoming = None

    def _go_on(self, incoming: Incoming, event: Event) -> None:
        try:
            if isinstance(event, bytes):
                incoming.feed(event)
                return
            file = incoming.end()
        except RefusedError as error:
            incoming.forget()
            self.outcomes.append(Outcome(refusal=error.refusal))
        except BaseException:
            self.break_off()
            raise
        else:
            self.outcomes.append(Outcome(file, incoming.size))
        self._incoming = None
