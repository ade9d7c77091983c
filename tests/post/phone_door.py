"""A centre for files from phones that does what a test says, at once."""

import threading
import uuid
from collections.abc import Callable
from uuid import UUID

from kiosk.post.outcomes import Failure, NoReply, Reply
from kiosk.post.uploads import ArrivedFile, UploadOrder, Way

ADDRESS = "HTTPS://CENTRE.EXAMPLE/U/0123456789ABCDEFGHJKMNPQRS"


def a_file(kind: str = "picture", size: int = 1000) -> ArrivedFile:
    return ArrivedFile(uuid.uuid4(), kind, size, "ab" * 32)


class FakeDoor:
    """Long polls like the centre's, without a line between."""

    def __init__(self) -> None:
        self.cut = False
        self.closed_lines = 0
        self.did: list[tuple[object, ...]] = []
        self._changed = threading.Condition()
        self._version = 1
        self._files: list[ArrivedFile] = []
        self._state = "open"

    def arrive(self, file: ArrivedFile) -> None:
        self._change(lambda: self._files.append(file))

    def end(self) -> None:
        """Half an hour is over."""

        def close() -> None:
            self._state = "closed"

        self._change(close)

    def _change(self, change: Callable[[], None]) -> None:
        with self._changed:
            change()
            self._version += 1
            self._changed.notify_all()

    def open_upload(self, order: UploadOrder) -> NoReply | Reply | str:
        self.did.append(("open", order))
        return NoReply(Failure.UNREACHABLE) if self.cut else ADDRESS

    def poll_upload(self, order: UploadOrder, address: str, since: int, wait_s: int) -> NoReply | Reply | Way:
        if self.cut:
            return NoReply(Failure.UNREACHABLE)
        with self._changed:
            self._changed.wait_for(lambda: self._version != since, min(wait_s, 0.2))
            return Way(
                order.upload_id,
                is_open=self._state == "open",
                is_reachable=True,
                address=address,
                files=tuple(self._files),
                version=self._version,
            )

    def drop_file(self, upload_id: UUID, file_id: UUID) -> NoReply | Reply | None:
        self.did.append(("drop", upload_id, file_id))
        self._change(
            lambda: self._files.__setitem__(slice(None), [f for f in self._files if f.file_id != file_id])
        )
        return None

    def close_upload(self, upload_id: UUID, *, keep: bool) -> NoReply | Reply | None:
        self.did.append(("close", upload_id, keep))
        return None

    def close(self) -> None:
        self.closed_lines += 1
