"""The receipt as PDF, as a picture for the guides. pypdfium2 turns the page into dots."""

import datetime as dt
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]  # it ships no types

from central.public.pdf import render
from central.public.receipt import CaseFacts, Receipt, ReceiptSettings

_WHEN = dt.datetime(2026, 11, 21, 8, 5, tzinfo=dt.UTC)
_SETTINGS = ReceiptSettings(
    page="https://reports.police.example",
    sites={"border": {"en": "Passenger Clearance Building", "zh-Hant": "旅檢大樓", "zh-Hans": "旅检大楼"}},
)
_DOCUMENT = {
    "report_type": "LOST_PROPERTY",
    "site_code": "border",
    "submitted_at": "2026-11-21T16:05:00+08:00",
    "items": [{"category": "wallet"}, {"category": "hkid"}, {"category": "keys"}],
    "event": {"place_kind": "border"},
    "loss": {"suspected_theft": "unsure"},
}


def draw(file: Path, language: str) -> None:
    """Write the receipt of an invented report, in `language`, as PNG."""
    case = CaseFacts(7, "000752831973", "ABCDEFGH23", "ADM RN 26000001", _WHEN)
    receipt = Receipt.of(case, {**_DOCUMENT, "ui_lang": language}, _SETTINGS)
    with pypdfium2.PdfDocument(render(receipt, _SETTINGS, _WHEN)) as document:
        document[0].render(scale=2).to_pil().save(file)
