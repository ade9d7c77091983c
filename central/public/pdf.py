"""A receipt as PDF: tagged for screen readers (PDF/UA-1), in the fonts of the kiosk; nothing is fetched."""

import datetime as dt
import io
from collections.abc import Mapping

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from weasyprint import HTML  # type: ignore[import-untyped] # it ships no types
from weasyprint.urls import URLFetcher  # type: ignore[import-untyped] # as above

from central.public.receipt import Receipt, ReceiptSettings

_TEMPLATES = Environment(
    loader=PackageLoader("central.public"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
# The QR code is the only picture, and it is in the page itself.
_NOTHING_FETCHED = URLFetcher(allowed_protocols=frozenset({"data"}), allow_redirects=False)


def render(receipt: Receipt, settings: ReceiptSettings, now: dt.datetime) -> bytes:
    """The PDF, not signed yet."""
    words = receipt.words
    page = _TEMPLATES.get_template("receipt.html").render(
        language=receipt.language,
        words=words,
        title=receipt.title,
        force=_own(settings.force, receipt.language, words.force),
        kiosk=receipt.kiosk,
        reference=receipt.reference,
        official_number=receipt.official_number,
        receipt_code=receipt.receipt_code,
        submitted=receipt.submitted,
        items=receipt.items,
        steps=receipt.steps,
        scan=receipt.scan,
        foot=receipt.foot,
        page=receipt.page,
        code=_picture(receipt.code),
        gap=" " if receipt.language == "en" else "，",
        created=now.isoformat(timespec="seconds"),
    )
    written = io.BytesIO()
    HTML(string=page, url_fetcher=_NOTHING_FETCHED).write_pdf(written, pdf_variant="pdf/ua-1")
    return written.getvalue()


def _own(texts: Mapping[str, str], language: str, usual: str) -> str:
    return texts.get(language) or usual


def _picture(payload: str) -> str:
    """The QR code as SVG in a `data:` address."""
    return str(segno.make(payload, error="m", micro=False).svg_data_uri(border=0, dark="#14202e", scale=4))
