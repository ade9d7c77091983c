"""What the courier takes from a centre that answers nonsense to a phone's way, or that is busy at its end."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.post.outcomes import NoReply, Reply
from kiosk.post.uploads import UploadOrder, Uploads, Way, way_in, way_said
from tests.post.phone_door import ADDRESS, FakeDoor

WaitFor = Callable[[Callable[[], object]], None]
ORDER = UploadOrder(uuid.uuid4(), "reports", 3, "en")
_FILE = {
    "file_id": "f5ef4f3c-e97f-490c-ae32-52e553d69963",
    "kind": "picture",
    "size": 1000,
    "sha256": "ab" * 32,
}
_GOOD = {"state": "open", "version": 1, "files": [_FILE]}
NONSENSE: list[dict[str, Any]] = [
    {"version": "1e999"},
    {"version": True},
    {"version": -1},
    {"version": None},
    {"state": ["open"]},
    {"files": {}},
    {"files": "abc"},
    {"files": [[]]},
    *(
        {"files": [{**_FILE, **wrong}]}
        for wrong in list[dict[str, Any]](
            [
                {"size": "Infinity"},
                {"size": 1.5},
                {"size": -1},
                {"size": "12"},
                {"kind": "<b>"},
                {"kind": []},
                {"sha256": "AB" * 32},
                {"sha256": 7},
                {"file_id": "../../x"},
            ]
        )
    ),
]


def _read(body: dict[str, Any]) -> Any:
    """As it comes off the line; JSON of others knows numbers without end."""
    text = json.dumps(body).replace('"Infinity"', "Infinity").replace('"1e999"', "1e999")
    return json.loads(text)


@pytest.mark.parametrize("wrong", NONSENSE, ids=str)
def test_nonsense_is_no_way(wrong: dict[str, Any]) -> None:
    assert way_in(ORDER, ADDRESS, _read(_GOOD)).files[0].size == 1000
    with pytest.raises((ValueError, KeyError, TypeError)):
        way_in(ORDER, ADDRESS, _read(_GOOD | wrong))


@pytest.mark.parametrize("size", ["Infinity", "1e999", None, []])
def test_nonsense_of_the_courier_is_no_way_either(size: object) -> None:
    said = {"id": str(uuid.uuid4()), "open": True, "reachable": True, "address": ADDRESS}
    with pytest.raises((ValueError, KeyError, TypeError)):
        way_said(_read({**said, "files": [_FILE | {"size": size}]}))


class BusyDoor(FakeDoor):
    """Busy at first when a way is to be closed."""

    def close_upload(self, upload_id: uuid.UUID, *, keep: bool) -> NoReply | Reply | None:
        super().close_upload(upload_id, keep=keep)
        return Reply(503) if len(self.closings) == 1 else None

    @property
    def closings(self) -> list[tuple[object, ...]]:
        return [each for each in self.did if each[0] == "close"]


def test_a_way_is_closed_also_at_a_busy_centre(wait_for: WaitFor) -> None:
    door, ways = BusyDoor(), list[Way]()
    uploads = Uploads(lambda: door, lambda *_args, **_fields: None, retry_s=0.05)
    uploads.open(ORDER, ways.append)
    wait_for(lambda: ways and ways[-1].is_open)
    uploads.close(ORDER.upload_id, keep=False)
    wait_for(lambda: door.closed_lines)
    assert len(door.closings) == 2
