"""What a played visitor does where no question is asked: documents, photos, lists, the centre, the end.

Each function acts on one kind of screen, up to the touch that leaves it.
"""

from functools import partial

from flows.view import (
    DeclareBody,
    FilesBody,
    ListBody,
    NoticeBody,
    PaperState,
    PhotoBody,
    ReceivedBody,
    ScanBody,
    SurveyBody,
    WaitingBody,
)
from kiosk.played.membership import Membership
from kiosk.played.scene import MACHINE_PATIENCE_S, Acting, PlayError, Scene, Wait

_PHOTO_TRIES = 3
_SCAN_TRIES = 4
_SCAN_PATIENCE_S = 5.0
"""A visitor whose document does nothing puts it to the reader again after so long."""

_FINAL_PAPER = frozenset(
    {PaperState.PRINTED, PaperState.NOT_PRINTED, PaperState.UNCONFIRMED, PaperState.NO_PRINTER}
)


def scan(scene: Scene, payloads: list[str]) -> Acting:
    """Put the next of `payloads` to the reader, which takes it from them; without one, type instead."""
    page = scene.page()
    if not payloads:
        scene.depart("button:type_instead")
        return
    scene.take_picture()
    payload = payloads.pop(0)
    for _ in range(_SCAN_TRIES):
        scene.door.ask(scan=payload)
        yield Wait(lambda: _is_read(scene, page), "the document is read", _SCAN_PATIENCE_S, must=False)
        if _is_read(scene, page):
            break
    if scene.page() == page:
        raise PlayError(f"the document is not taken: {_scan_problem(scene) or 'nothing was read'}")


def _is_read(scene: Scene, page: str) -> bool:
    return scene.page() != page or _scan_problem(scene) != ""


def _scan_problem(scene: Scene) -> str:
    body = scene.view.body
    return body.problem.key if isinstance(body, ScanBody) and body.problem else ""


def photograph(scene: Scene) -> Acting:
    """Take as many photos as the script wants, and go on."""
    for number in range(1, max(scene.book.photos, int(scene.says_all)) + 1):
        for _ in range(_PHOTO_TRIES):
            yield from _press_shutter(scene, number)
            if _photos(scene) >= number:
                break
        else:
            raise PlayError(f"photo {number} cannot be taken")
    scene.go_on()


def _press_shutter(scene: Scene, number: int) -> Acting:
    yield Wait(lambda: scene.is_there("button:take_photo"), "a photo can be taken")
    scene.finger.tap("button:take_photo")
    yield Wait(lambda: _is_capturing(scene), "the photo is being taken", 1.0, must=False)
    yield Wait(lambda: not _is_capturing(scene), f"photo {number} is taken")


def _is_capturing(scene: Scene) -> bool:
    return isinstance(scene.view.body, PhotoBody) and scene.view.body.capturing


def _photos(scene: Scene) -> int:
    return len(scene.view.body.photo_ids) if isinstance(scene.view.body, PhotoBody) else 0


def keep_list(scene: Scene, membership: Membership) -> Acting:
    """Add a member, or remove those that are to go and leave the list."""
    page = scene.page()
    if membership.is_to_add(page, _rows(scene)):
        scene.depart("button:add")
        return
    while target := membership.next_removal(page, _rows(scene)):
        scene.finger.tap(f"remove:{target}")
        scene.finger.tap(f"remove_yes:{target}")
        yield Wait(partial(_has_no_row, scene, target), f"{target} is removed")
    scene.depart("button:next")


def _rows(scene: Scene) -> list[str]:
    return [row.target for row in scene.view.body.rows] if isinstance(scene.view.body, ListBody) else []


def _has_no_row(scene: Scene, target: str) -> bool:
    return target not in _rows(scene)


def read(scene: Scene, body: NoticeBody) -> None:
    """Read a notice, which may be the end."""
    if body.final and scene.book.expected.report:
        raise PlayError(f"the visit ends on a notice: {scene.view.title}")
    scene.is_content = scene.is_content or body.final
    scene.depart("button:finish" if body.final else "button:next")


def send_files(scene: Scene) -> Acting:
    """Send files from a phone, and go on once they are here."""
    count = max(scene.book.files, int(scene.says_all))
    if count:
        yield Wait(lambda: _code(scene) != "", "the way from the phone is open", MACHINE_PATIENCE_S)
        scene.door.ask(send=_code(scene), files=count)
        yield Wait(lambda: _arrived(scene) >= count, f"{count} files have come", MACHINE_PATIENCE_S)
    scene.go_on()


def _code(scene: Scene) -> str:
    return scene.view.body.code if isinstance(scene.view.body, FilesBody) else ""


def _arrived(scene: Scene) -> int:
    return len(scene.view.body.files) if isinstance(scene.view.body, FilesBody) else 0


def await_centre(scene: Scene) -> Acting:
    """Wait for an answer of the centre, and do without where that is allowed."""
    page = scene.page()
    scene.take_picture()
    yield Wait(
        lambda: scene.page() != page or _enquiry_problem(scene) != "",
        "the centre answers",
        MACHINE_PATIENCE_S,
    )
    if scene.page() != page:
        return
    if not scene.view.can_skip:
        raise PlayError(f"the centre gives no answer: {_enquiry_problem(scene)}")
    scene.depart("button:skip")


def _enquiry_problem(scene: Scene) -> str:
    body = scene.view.body
    return body.problem.key if isinstance(body, WaitingBody) and body.problem else ""


def rate(scene: Scene, body: SurveyBody) -> Acting:
    """Answer a question of the survey."""
    invented = list(body.options[:1]) if scene.says_all else []
    for option in scene.book.survey.get(body.question_key, invented):
        scene.finger.tap(f"rate:{option}")
        yield Wait(partial(_is_rated, scene, option), f"{option} is chosen")
    scene.depart("button:next" if _rated(scene) else "button:skip")


def _is_rated(scene: Scene, option: str) -> bool:
    return option in _rated(scene)


def _rated(scene: Scene) -> tuple[str, ...]:
    return scene.view.body.chosen if isinstance(scene.view.body, SurveyBody) else ()


def declare(scene: Scene, body: DeclareBody) -> Acting:
    """Submit the report."""
    scene.depart("button:submit")
    yield Wait(lambda: scene.view.body != body, "the report is taken")
    if isinstance(scene.view.body, DeclareBody):
        raise PlayError(f"the report is not taken: {scene.view.body.problem}")


def receive(scene: Scene) -> Acting:
    """Check what the script expects, take every paper, and finish."""
    expected = scene.book.expected
    yield Wait(lambda: _received(scene).paper in _FINAL_PAPER, "the paper is out", MACHINE_PATIENCE_S)
    if expected.paper is not None and _received(scene).paper is not expected.paper:
        raise PlayError(f"paper is {_received(scene).paper}, expected {expected.paper}")
    if expected.official_number:
        yield Wait(lambda: _received(scene).official_number != "", "the centre answers", MACHINE_PATIENCE_S)
    scene.door.ask(received=_received(scene).reference, official_number=_received(scene).official_number)
    if scene.book.reprint:
        scene.finger.tap("button:reprint")
        yield Wait(lambda: not _received(scene).can_reprint, "the receipt is printed again")
    every = [slip.slip for slip in _received(scene).slips] if scene.says_all else []
    for slip in scene.book.slips or every:
        scene.finger.tap(f"slip:{slip}")
        yield Wait(partial(_is_out, scene, slip), f"{slip} is out", MACHINE_PATIENCE_S)
    scene.is_content = True
    scene.depart("button:finish")


def _is_out(scene: Scene, name: str) -> bool:
    return any(slip.slip == name and slip.paper in _FINAL_PAPER for slip in _received(scene).slips)


def _received(scene: Scene) -> ReceivedBody:
    if not isinstance(scene.view.body, ReceivedBody):
        raise PlayError("the received screen has gone")
    return scene.view.body
