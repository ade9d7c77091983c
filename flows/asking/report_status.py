"""How an earlier report stands, as a notice shows it."""

from datetime import datetime, tzinfo

from flows.fields.plain import plain
from flows.picture.wording import Wording
from flows.ports import EnquiryAnswer
from flows.view import ReportStatus


def report_status(answer: EnquiryAnswer, wording: Wording, zone: tzinfo | None) -> ReportStatus:
    """The centre's answer in the visitor's language; its times as they are in `zone`."""
    return ReportStatus(
        state=answer.state,
        official_number=plain(answer.official_number),
        received=_moment(answer.received_at, wording, zone),
        updated=_moment(answer.updated_at, wording, zone),
        words=plain(answer.words.get(wording.language.value, "")),
    )


def _moment(text: str, wording: Wording, zone: tzinfo | None) -> str:
    """Empty for what is no time: the centre wrote it, and another release may write it otherwise."""
    try:
        at = datetime.fromisoformat(text).astimezone(zone)
    except (ValueError, OverflowError):
        return ""
    words = wording.texts.words
    day = words.date.format(day=at.day, month=words.months[at.month - 1], year=at.year)
    return words.date_time.format(date=day, time=at.strftime("%H:%M"))
