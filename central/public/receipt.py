"""The receipt of a case as a document: what the paper says, never a name, a document number or an answer."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from central.languages import LANGUAGES
from central.public import lost_property
from central.public.report_types import BY_TYPE, TypeWords
from central.public.wording import RECEIPT, ReceiptWords

_HONG_KONG = ZoneInfo("Asia/Hong_Kong")

Texts = dict[str, str]


class ReceiptSettings(BaseModel):
    """The section `receipts` of `centre.json`: texts by language; `page` is where this page is found."""

    model_config = ConfigDict(extra="forbid")

    page: str = Field(default="", pattern=r"^(https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?)?$")
    force: Texts = {}
    sites: dict[str, Texts] = {}
    enquiries: Texts = {}


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the centre itself knows of a case."""

    kiosk: int
    reference: str
    receipt_code: str
    number: str
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """All texts of a receipt, in one language; `code` is in the QR code, `receipt_code` is typed."""

    language: str
    words: ReceiptWords
    title: str
    kiosk: str
    reference: str
    official_number: str
    submitted: str
    items: str
    steps: tuple[str, ...]
    scan: str
    foot: tuple[str, ...]
    receipt_code: str
    code: str
    page: str

    @classmethod
    def of(cls, case: CaseFacts, document: Any, settings: ReceiptSettings) -> Self:
        """The receipt for an opened case, in the language its visitor spoke at the kiosk."""
        content: Mapping[str, Any] = document if isinstance(document, Mapping) else {}
        language = next((each for each in LANGUAGES if each == content.get("ui_lang")), LANGUAGES[-1])
        words = RECEIPT[language]
        own, items, steps = _of_type(content, language, words)
        enquiries = own.enquiries or settings.enquiries.get(language, "")
        return cls(
            language=language,
            words=words,
            title=own.title,
            kiosk=_kiosk(case.kiosk, content, settings, language),
            reference=" ".join(case.reference[start : start + 4] for start in range(0, 12, 4)),
            official_number=case.number,
            submitted=_when(content, case.received_at, words),
            items=items,
            steps=steps,
            scan=own.scan or words.scan,
            foot=tuple(filter(None, (enquiries, own.note, words.signed))),
            receipt_code=_grouped(case.receipt_code),
            code=f"REPORT1:{case.reference}:{case.receipt_code}",
            page=settings.page,
        )


def _grouped(code: str) -> str:
    """A receipt code in two halves, as on paper: typed with fewer mistakes."""
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}".strip()


def _of_type(
    document: Mapping[str, Any], language: str, words: ReceiptWords
) -> tuple[TypeWords, str, tuple[str, ...]]:
    """The words of the report type, what was lost, and next steps."""
    kind = document.get("report_type")
    if kind == lost_property.REPORT_TYPE:
        lost = lost_property.WORDS[language]
        items = words.separator.join(lost_property.categories(document, lost))
        steps = tuple(lost.steps[name] for name in lost_property.steps(document))
        return TypeWords(lost.title, lost.not_a_memo), items, steps
    own = BY_TYPE.get(kind, {}) if isinstance(kind, str) else {}
    return own.get(language, TypeWords(words.title)), "", words.usual_next


def _kiosk(number: int, document: Mapping[str, Any], settings: ReceiptSettings, language: str) -> str:
    site = settings.sites.get(str(document.get("site_code")), {}).get(language, "")
    return " · ".join(filter(None, (site, f"{RECEIPT[language].kiosk} {number:04d}")))


def _when(document: Mapping[str, Any], received_at: dt.datetime, words: ReceiptWords) -> str:
    """When it was submitted, as on paper; when it was received if a document does not say."""
    try:
        moment = dt.datetime.fromisoformat(str(document.get("submitted_at")))
    except ValueError:
        moment = received_at.astimezone(_HONG_KONG)
    return words.when.format(
        year=moment.year, month=words.months[moment.month - 1], day=moment.day, time=moment.strftime("%H:%M")
    )
