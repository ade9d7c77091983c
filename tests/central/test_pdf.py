"""The receipt as PDF: what it says in three languages, that anyone can check it, and that it can be heard."""

import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
import yaml
from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from typer.testing import CliRunner

from central.centre import Centre
from central.cli import app
from central.keys.authority import Authority
from central.languages import LANGUAGES
from central.public import lost_property
from central.public.pdf import render
from central.public.receipt import CaseFacts, Receipt, ReceiptSettings
from central.public.signing import DocumentSigner, NotSignedError, Signed, verify
from central.public.wording import RECEIPT
from flows import reference
from flows.languages import Language
from flows.loading.pack_loader import PACKS, load_pack
from tests.central.office import CANARIES, CODE, REFERENCE, document

NOW = dt.datetime(2026, 11, 21, 8, 6, tzinfo=dt.UTC)
CASE = CaseFacts(7, REFERENCE, CODE, "ADM RN 26000001", NOW)
SETTINGS = ReceiptSettings(
    page="https://reports.police.example",
    sites={"border": {"en": "Passenger Clearance Building"}},
    enquiries={"en": "Enquiries: the Report Room. Tel. 3661 0001"},
)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pdf") / "centre"
    Centre(directory).init("ADM", ("localhost",))
    return directory


@pytest.fixture(scope="module")
def authority(centre: Path) -> bytes:
    return (centre / "ca.pem").read_bytes()


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return render(Receipt.of(CASE, document(ui_lang="en"), SETTINGS), SETTINGS, NOW)


@pytest.fixture(scope="module")
def signed(centre: Path, unsigned: bytes) -> bytes:
    return DocumentSigner.of(centre, NOW).sign(unsigned)


def read(pdf: bytes) -> str:
    """The words of all pages, as they would be copied."""
    with pypdfium2.PdfDocument(pdf) as pages:
        return "\n".join(page.get_textpage().get_text_bounded() for page in pages)


# --- what it says


def test_a_receipt_says_what_the_paper_says() -> None:
    receipt = Receipt.of(CASE, document(ui_lang="en"), SETTINGS)
    assert receipt.title == "Lost property report – receipt"
    assert receipt.reference == "0007 5283 1973"
    assert receipt.official_number == "ADM RN 26000001"
    assert receipt.receipt_code == reference.grouped_code(CODE)
    assert receipt.submitted == "21 November 2026, 16:05"
    assert receipt.items == "Wallet or purse, Keys"
    assert receipt.kiosk == "Passenger Clearance Building · Self-service kiosk 0007"
    assert receipt.code == f"REPORT1:{REFERENCE}:{CODE}"
    assert receipt.foot[:2] == (
        "Enquiries: the Report Room. Tel. 3661 0001",
        "This slip is not a loss memo for travel documents.",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_receipt_code_is_on_the_page_to_be_typed(language: str) -> None:
    """A phone that shows the PDF cannot scan itself: whoever asks by it types the code."""
    text = read(render(Receipt.of(CASE, document(ui_lang=language), SETTINGS), SETTINGS, NOW))
    assert reference.grouped_code(CODE) in text
    assert load_pack(PACKS / "lost_property").texts[Language(language)].receipt.code in text


def test_no_name_number_or_answer_is_on_a_receipt() -> None:
    for language in LANGUAGES:
        assert not any(
            canary in str(Receipt.of(CASE, document(ui_lang=language), SETTINGS)) for canary in CANARIES
        )


def test_a_document_of_another_kind_still_gets_a_receipt() -> None:
    lost = {"report_type": "LOST_PROPERTY"}
    odd: Any
    for odd in (
        None,
        [],
        "x",
        {},
        {"report_type": "NOISE"},
        {**lost, "items": [None, 5]},
        {**lost, "items": {}, "loss": [], "submitted_at": "yesterday"},
    ):
        receipt = Receipt.of(CASE, odd, ReceiptSettings())
        assert receipt.submitted == "21 November 2026, 16:06"
        assert receipt.steps
        assert receipt.items == ""


def test_text_is_never_markup() -> None:
    settings = ReceiptSettings(enquiries={"en": "<img src='https://example.org/x.png'> & <b>bold</b>"})
    pdf = render(Receipt.of(CASE, document(ui_lang="en"), settings), settings, NOW)
    assert b"example.org" not in pdf


def test_words_are_those_of_the_kiosk() -> None:
    pack = load_pack(PACKS / "lost_property")
    for language in Language:
        texts = pack.texts[language]
        own, general = lost_property.WORDS[language.value], RECEIPT[language.value]
        labels = {name: option.label for name, option in texts.fields["loss.categories"].options.items()}
        assert own.categories == labels
        assert own.steps == texts.next_steps
        assert (own.title, own.not_a_memo) == (texts.receipt.title, texts.receipt.not_a_memo)
        assert (general.force, general.kiosk) == (texts.receipt.force, texts.receipt.kiosk)
        assert (general.reference, general.official) == (texts.receipt.reference, texts.receipt.official)
        assert (general.next, general.scan) == (texts.receipt.next, texts.receipt.scan)
        assert (general.scan_privacy, general.code) == (texts.receipt.scan_privacy, texts.receipt.code)
        assert general.separator == texts.words.separator
    assert list(lost_property._STEPS) == [each.step for each in pack.definition.next_steps]


def test_every_service_has_its_own_words_on_the_receipt() -> None:
    for pack in sorted(PACKS.glob("*/pack.yaml")):
        kind = yaml.safe_load(pack.read_text("utf-8")).get("report_type")
        for language in LANGUAGES:
            texts = yaml.safe_load((pack.parent / f"texts/{language}.yaml").read_text("utf-8"))
            own = texts.get("receipt") or {}
            receipt = Receipt.of(CASE, {"report_type": kind, "ui_lang": language}, ReceiptSettings())
            assert receipt.title == own.get("title", RECEIPT[language].title), (kind, language)
            assert receipt.steps
            assert receipt.scan == own.get("scan", RECEIPT[language].scan), (kind, language)
            for line in ("not_a_memo", "enquiries"):
                assert (own.get(line) or RECEIPT[language].signed) in receipt.foot, (kind, language, line)


@pytest.mark.parametrize("kind", ["NEVER_HEARD_OF", "", 5, None, ["CRIME"], "<b>CRIME</b>"])
def test_an_unknown_type_gets_the_usual_receipt(kind: Any) -> None:
    for language in LANGUAGES:
        receipt = Receipt.of(CASE, {"report_type": kind, "ui_lang": language}, ReceiptSettings())
        assert receipt.title == RECEIPT[language].title
        assert receipt.steps == RECEIPT[language].usual_next


MTR = {"place_kind": "mtr"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["cards_inside", "keys", "contact"]),
        ({"items": []}, ["contact"]),
        ({"items": [{"category": "wallet"}, {"category": "bank_card"}]}, ["bank_card", "contact"]),
        ({"items": [{"category": "hkid"}, {"category": "octopus"}]}, ["hkid", "octopus", "contact"]),
        ({"items": [{"category": "phone"}, {"category": "pet"}]}, ["phone", "pet", "contact"]),
        (
            {"items": [{"category": "travel_document", "identity_doc": {"type": "passport"}}]},
            ["passport", "contact"],
        ),
        (
            {"items": [{"category": "travel_document", "identity_doc": {"type": "exit_entry_permit"}}]},
            ["exit_entry_permit", "contact"],
        ),
        (
            {"items": [{"category": "travel_document", "identity_doc": {"type": "other"}}]},
            ["other_document", "contact"],
        ),
        ({"items": [], "event": MTR}, ["mtr_ask", "contact"]),
        ({"items": [], "event": {}, "loss": MTR}, ["mtr_ask", "contact"]),  # of a kiosk with packs of before
        ({"items": [], "event": MTR, "consents": {"mtr_share": "yes"}}, ["mtr_shared", "contact"]),
        ({"items": [], "event": MTR, "consents": {"mtr_share": "no"}}, ["mtr_not_shared", "contact"]),
        ({"items": [], "loss": {"suspected_theft": "unsure"}}, ["theft", "contact"]),
        ({"items": [], "loss": {"suspected_theft": "yes"}}, ["theft", "contact"]),
    ],
)
def test_advice_fits_the_report(changes: dict[str, Any], expected: list[str]) -> None:
    assert lost_property.steps(document(**changes)) == expected


# --- what kind of PDF it is


def test_a_receipt_can_be_heard(unsigned: bytes) -> None:
    reader = PdfFileReader(io.BytesIO(unsigned))
    assert reader.root["/Lang"] == "en"
    assert bool(reader.root["/MarkInfo"]["/Marked"])
    assert bool(reader.root["/ViewerPreferences"]["/DisplayDocTitle"])
    metadata = reader.root["/Metadata"].data
    assert re.search(rb"pdfuaid:part\W+1", metadata)
    kinds, alternatives = [], []

    def walk(node: Any) -> None:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, list):
            for each in node:
                walk(each)
        elif isinstance(node, dict):
            kinds.append(node.get("/S"))
            alternatives.append(node.get("/Alt"))
            walk(node.get("/K"))

    walk(reader.root["/StructTreeRoot"]["/K"])
    assert {"/H1", "/H2", "/L", "/LI", "/P", "/Figure"} <= set(kinds)
    assert "Show this when you ask about your report." in alternatives


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans"])
def test_chinese_has_its_own_glyphs(language: str) -> None:
    pdf = render(Receipt.of(CASE, document(ui_lang=language), SETTINGS), SETTINGS, NOW)
    reader = PdfFileReader(io.BytesIO(pdf))
    assert reader.root["/Lang"] == language
    fonts = reader.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]
    names = {str(font.get_object()["/BaseFont"]) for font in fonts.values()}
    expected = {"zh-Hant": "CJK-HK", "zh-Hans": "CJK-SC"}[language]
    assert any(expected in name for name in names), names


# --- that anyone can check it


def test_a_good_receipt_is_good(signed: bytes, authority: bytes) -> None:
    checked = verify(signed, authority)
    assert isinstance(checked, Signed)
    assert checked.at is not None
    assert "Report centre receipts" in checked.signer
    [signature] = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"


def test_every_changed_byte_of_a_sample_is_noticed(signed: bytes, authority: bytes) -> None:
    around = re.search(rb"/ByteRange \[\s*0 (\d+) (\d+)", signed)
    assert around is not None
    start, end = map(int, around.groups())
    places = [
        *range(100, start, start // 25),
        *range(end + 2, len(signed), (len(signed) - end) // 10),
    ]
    for place in places:
        changed = bytearray(signed)
        changed[place] ^= 1
        with pytest.raises(NotSignedError):
            verify(bytes(changed), authority)


def test_what_is_added_another_centre_and_no_signature_are_noticed(
    signed: bytes, unsigned: bytes, authority: bytes, tmp_path: Path
) -> None:
    Centre(tmp_path / "other").init("ADM", ("localhost",))
    foreign = DocumentSigner.of(tmp_path / "other", NOW).sign(unsigned)
    for data in (unsigned, b"", b"%PDF-1.7", b"hello", signed + b"\n% more\n", signed + signed, foreign):
        with pytest.raises(NotSignedError):
            verify(data, authority)


def test_another_certificate_of_the_authority_cannot_sign_receipts(
    centre: Path, unsigned: bytes, authority: bytes
) -> None:
    certificate, key = (centre / "server.pem").read_bytes(), (centre / "server.key").read_bytes()
    with pytest.raises((NotSignedError, SigningError)):
        verify(DocumentSigner(certificate, key, authority).sign(unsigned), authority)


def test_the_certificate_is_made_once_and_private(centre: Path) -> None:
    before = (centre / "documents.pem").read_bytes()
    DocumentSigner.of(centre, NOW)
    assert (centre / "documents.pem").read_bytes() == before
    assert (centre / "documents.key").stat().st_mode & 0o777 == 0o600
    assert before != Authority.load(centre).certificate


def test_the_command_says_whether_a_file_is_ours(
    centre: Path, signed: bytes, unsigned: bytes, tmp_path: Path
) -> None:
    runner = CliRunner()
    for data, status, words in (
        (signed, 0, "Unchanged, signed by this centre"),
        (unsigned, 1, "not a receipt"),
    ):
        (tmp_path / "r.pdf").write_bytes(data)
        result = runner.invoke(app, ["receipt", "verify", str(tmp_path / "r.pdf"), "--centre", str(centre)])
        assert result.exit_code == status
        assert words in result.output
