"""What a notice page shows."""

from collections.abc import Iterator

from flows.fields.plain import plain
from flows.lists_shown import cards
from flows.pack import NoticeTone, Page
from flows.ports import EnquiryAnswer
from flows.view import NoticeBody, NoticeLook
from flows.wording import Wording


def notice_body(page: Page, wording: Wording, status: EnquiryAnswer | None, *, ends: bool) -> NoticeBody:
    """The notice in the visitor's language. `ends` when nothing comes after it."""
    pack = wording.known.pack
    words = wording.texts.pages[page.page]
    return NoticeBody(
        look=NoticeLook(page.tone.value),
        paragraphs=(*_status(page, wording, status), *map(wording.fill, words.paragraphs)),
        entries=cards(pack.lists[page.entries], wording.language) if page.entries else (),
        code=page.code,
        final=ends,
        can_call_officer=page.tone is NoticeTone.OFFICER and pack.definition.officer_call,
        needs_sign_off=words.needs_sign_off,
    )


def _status(page: Page, wording: Wording, status: EnquiryAnswer | None) -> Iterator[str]:
    """How the report stands, in the centre's own words."""
    if page.shows_status and status is not None:
        said = status.words.get(wording.language.value, "")
        if said:
            yield plain(said)
