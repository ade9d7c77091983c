"""What a notice page shows."""

from flows.pack import NoticeTone, Page
from flows.picture.lists_shown import cards
from flows.picture.wording import Wording
from flows.view import NoticeBody, NoticeLook, ReportStatus


def notice_body(page: Page, wording: Wording, status: ReportStatus | None, *, ends: bool) -> NoticeBody:
    """The notice in the visitor's language. `ends` when nothing comes after it."""
    pack = wording.known.pack
    words = wording.texts.pages[page.page]
    return NoticeBody(
        look=NoticeLook(page.tone.value),
        paragraphs=tuple(map(wording.fill, words.paragraphs)),
        entries=cards(pack.lists[page.entries], wording.language) if page.entries else (),
        code=page.code,
        final=ends,
        can_call_officer=page.tone is NoticeTone.OFFICER and pack.definition.officer_call,
        needs_sign_off=words.needs_sign_off,
        status=status if page.shows_status else None,
    )
