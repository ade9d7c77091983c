"""What the officers' inbox takes and answers over HTTP: the models, and how the desk's values become them."""

import datetime as dt
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from central.inbox.desk import Opened, version_of
from central.proof.judge import GapState
from central.store.inbox import CaseState, CaseSummary, Entry
from central.survey.api import Day
from central.uploads.desk import CaseFile, FileState
from central.uploads.kinds import Kind

MOST_LISTED = 200
MOST_WORDS = 300

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _printable(text: str) -> str:
    """Words that reach a visitor: no control characters, no changes of direction, no line breaks."""
    if text != text.strip() or any(unicodedata.category(letter) in _UNPRINTABLE for letter in text):
        raise ValueError("must be one line of printable characters")
    return text


def _no_timestamp(text: object) -> object:
    """The framework would read "5" as five seconds after 1970; the contract says RFC 3339."""
    if not (isinstance(text, str) and text[:5].endswith("-")):
        raise ValueError("must be a date and time with an offset")
    return text


Sentence = Annotated[str, Field(min_length=1, max_length=MOST_WORDS), AfterValidator(_printable)]
Moment = Annotated[AwareDatetime, BeforeValidator(_no_timestamp)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Words(_Model):
    """Sentences to the visitor, in one to three languages."""

    zh_hant: Annotated[Sentence | None, Field(alias="zh-Hant")] = None
    zh_hans: Annotated[Sentence | None, Field(alias="zh-Hans")] = None
    en: Sentence | None = None


class Case(_Model):
    """A case without a word of its visitor. `version` is its ETag; `words` are the officer's."""

    case: UUID
    version: str
    kiosk: int
    sequence: int
    reference: str | None
    report_type: str | None
    language: str | None
    official_number: str
    received_at: dt.datetime
    updated_at: dt.datetime
    state: CaseState
    handled_by: str | None
    force_number: str | None
    words: dict[str, str]
    supplement_to: UUID | None


class CaseList(_Model):
    """A page; `next` is the `after` of the page that follows, and empty at the end."""

    cases: list[Case]
    next: str


class Attachment(_Model):
    """What is attached; its bytes are opened one by one."""

    media_type: str
    size: int


class FileShown(_Model):
    """A file from the visitor's phone, as the case names it, and whether it is here."""

    file_id: UUID
    state: FileState
    kind: Kind | None
    media_type: str | None
    size: int


class OpenedCase(_Model):
    """A case in clear. That it was opened is on record."""

    case: Case
    document: Any
    attachments: list[Attachment]
    files: list[FileShown]


class Assignment(_Model):
    """To whom a case is given."""

    to: Annotated[str, Field(min_length=1, max_length=64)]


class Acceptance(_Model):
    """The force's own number, and words to the visitor if there is more to say."""

    official_number: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z ./()_-]{0,63}$")]
    words: Words = Words()


class Rejection(_Model):
    """Why, in words that the visitor can read; at least in the visitor's language."""

    words: Words


class Joining(_Model):
    """The earlier case."""

    to: UUID


class Line(_Model):
    """One line of history. `facts` are codes and numbers."""

    id: int
    at: dt.datetime
    actor: str
    role: str
    action: str
    case_id: UUID | None
    facts: dict[str, Any]


class Lines(_Model):
    """Lines of history, oldest first."""

    history: list[Line]


class QuestionAnswers(_Model):
    """To one question after one service: how often each option was chosen."""

    service: str
    question: str
    options: dict[str, int]


class SurveyAnswers(_Model):
    """By service and question. `left_out`: how many groups of too few answers are not counted in."""

    answers: list[QuestionAnswers]
    left_out: int


class Me(_Model):
    """Whose token this is."""

    name: str
    role: str


class GapShown(_Model):
    """Sequence numbers that are absent from the chain of a kiosk, first and last included."""

    kiosk: int
    first: int
    last: int
    state: GapState


class Gaps(_Model):
    """What is absent; empty when nothing is."""

    gaps: list[GapShown]


class Explanation(_Model):
    """Why nothing will ever come for these sequence numbers."""

    kiosk: Annotated[int, Field(ge=0, le=9999, strict=True)]
    first: Annotated[int, Field(ge=1, le=2**53, strict=True)]
    last: Annotated[int, Field(ge=1, le=2**53, strict=True)]
    explanation: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_printable)]


class Days(_Model):
    """From the first day to the last one."""

    first: Day
    last: Day


class Narrowing(_Model):
    """What the list is narrowed to."""

    state: CaseState | None = None
    report_type: Annotated[str | None, Field(max_length=64)] = None
    kiosk: Annotated[int | None, Field(ge=0, le=9999)] = None
    received_from: Moment | None = None
    received_before: Moment | None = None
    after: Annotated[str, Field(max_length=200, description="`next` of the page before.")] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = 50


# --- from what the desk says -------------------------------------------------------------------------------


def case_body(case: CaseSummary) -> Case:
    """A case as officers see it in lists."""
    # Whose it is, is not said: an officer only ever sees cases of the own room.
    hidden = {"case_id", "recipient"}
    values = {name: getattr(case, name) for name in CaseSummary.__slots__ if name not in hidden}
    return Case(case=case.case_id, version=version_of(case), **{**values, "words": dict(case.words)})


def opened_body(opened: Opened) -> OpenedCase:
    """A case in clear."""
    attachments = [Attachment(media_type=kind, size=size) for kind, size in opened.attachments]
    files = [_file_body(each) for each in opened.files]
    return OpenedCase(
        case=case_body(opened.case), document=opened.document, attachments=attachments, files=files
    )


def _file_body(named: CaseFile) -> FileShown:
    file = named.file
    return FileShown(
        file_id=named.file_id,
        state=named.state,
        kind=None if file is None else Kind(file.kind),
        media_type=None if file is None else file.media_type,
        size=named.size if file is None else file.size,
    )


def history_body(entries: Sequence[Entry]) -> Lines:
    """Lines of history."""
    return Lines(
        history=[Line(**{name: getattr(entry, name) for name in Entry.__slots__}) for entry in entries]
    )


def by_language(words: Words) -> dict[str, str]:
    """An officer's words by language; languages without any are left out."""
    return words.model_dump(by_alias=True, exclude_none=True)
