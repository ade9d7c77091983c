"""What a visit yields: a case that fits its schema, a receipt that says nothing personal."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.settings import SiteKind
from flows.cases import case_reader
from flows.cases.case_schema import schema
from flows.describing import describe
from flows.describing.diagram import in_words
from flows.events import CentreAnswered, ComfortChanged, KeepCase, LanguageChosen, PrintReceipt, Touch
from flows.fields.check import Limits, TextFormat, check
from flows.languages import Language
from flows.pack import PackBook
from flows.receipt import Bullets, Code, ReceiptDocument, Reference, Text
from flows.view import FieldKind
from tests.flows.conftest import TEST_PACKS

CANARIES = {
    "reporter.doc_no": "AB987654(3)",
    "reporter.name_en": "CANARYNAME",
    "reporter.name_zh": "金絲雀",
    "items[0].description": "CANARYWALLET",
    "loss.address": "CANARYSTREET",
    "reporter.phone": "98765432",
    "reporter.email": "canary@example.org",
}


def case_of(person: Any) -> dict[str, Any]:
    return dict(person.commands(KeepCase)[-1].case.document)


def report_with_canaries(person: Any, language: Language = Language.ENGLISH) -> Any:
    person.begin(language).fill({}).fill({"reporter.doc_type": "hkid"})
    person.fill(
        {name: CANARIES[name] for name in ("reporter.doc_no", "reporter.name_en", "reporter.name_zh")}
    )
    person.fill({"loss.categories": ["wallet", "hkid"]})
    person.fill({"items[0].description": CANARIES["items[0].description"]}).touch(Touch.SKIP)
    person.fill({"loss.when": {"certainty": "between", "date": "2026-11-20", "until_date": "2026-11-21"}})
    person.fill({"loss.place_kind": "street"}).fill({"loss.address": CANARIES["loss.address"]}).touch(
        Touch.SKIP
    )
    person.fill({"loss.suspected_theft": "unsure"})
    person.fill({name: CANARIES[name] for name in ("reporter.phone", "reporter.email")}).touch(Touch.SKIP)
    return person.next().touch(Touch.SUBMIT).kept().wait(4)


def receipt_of(person: Any) -> Any:
    return person.commands(PrintReceipt)[-1].receipt


def words_of(receipt: Any) -> list[str]:
    words: list[str] = []
    for block in receipt.blocks:
        match block:
            case Text(text=text):
                words.append(text)
            case Bullets(lines=lines):
                words += lines
            case Code(payload=payload, caption=caption):
                words += [payload, *(each.text for each in caption)]
            case Reference(digits=digits):
                words.append(digits)
    return words


# --- case ---------------------------------------------------------------------------------------------------


def test_the_schema_is_a_schema(packs: PackBook) -> None:
    Draft202012Validator.check_schema(schema(packs["lost_property"]))


def test_the_case_has_its_common_fields(person: Any) -> None:
    person.to_declare().wait(30).touch(Touch.SUBMIT)
    document = case_of(person)
    assert document["format"] == "report-kiosk/case/1"
    assert document["report_type"] == "LOST_PROPERTY"
    assert document["kiosk_id"] == "0042"
    assert document["site_code"] == "report-room"
    assert document["pack"] == {"name": "lost_property", "version": "1.0"}
    assert document["started_at"] == "2026-11-21T15:42:00+08:00"
    assert document["submitted_at"] == "2026-11-21T15:42:30+08:00"
    assert document["consents"]["pics_ack"]["signed_off"] is False
    assert len(document["consents"]["pics_ack"]["sha256"]) == 64
    assert document["case_id"] == str(person.commands(KeepCase)[0].case.case_id)
    json.dumps(document)


def test_the_reference_is_added_later(person: Any, packs: PackBook) -> None:
    person.to_declare().touch(Touch.SUBMIT)
    validator = Draft202012Validator(schema(packs["lost_property"]))
    document = case_of(person)
    assert validator.is_valid(document)
    assert validator.is_valid(document | {"reference": "528319476034", "receipt_code": "7KQ2M9XWHT"})
    assert not validator.is_valid(document | {"reference": "5283 1947 6034"})
    assert not validator.is_valid(document | {"surprise": 1})


def test_the_schema_asks_for_a_way_to_reach_the_visitor(person: Any, packs: PackBook) -> None:
    validator = Draft202012Validator(schema(packs["lost_property"]))
    person.to_declare().touch(Touch.SUBMIT)
    document = case_of(person)
    assert validator.is_valid(document)
    del document["reporter"]["phone"]
    assert not validator.is_valid(document)
    document["reporter"]["email"] = "anna@example.com"
    assert validator.is_valid(document)


def test_the_consent_is_to_the_words_that_were_shown(new_person: Callable[..., Any]) -> None:
    hashes = set()
    for language in Language:
        person = new_person().to_declare(language).touch(Touch.SUBMIT)
        hashes.add(case_of(person)["consents"]["pics_ack"]["sha256"])
    assert len(hashes) == 3


def test_contact_language_is_the_language_of_the_visit_unless_said(new_person: Callable[..., Any]) -> None:
    person = new_person().to_declare(Language.TRADITIONAL_CHINESE).touch(Touch.SUBMIT)
    assert case_of(person)["reporter"]["contact_lang"] == "zh-Hant"
    person = new_person().to_declare()
    person.handle(LanguageChosen(Language.SIMPLIFIED_CHINESE))
    person.touch(Touch.SUBMIT)
    assert case_of(person)["reporter"]["contact_lang"] == "zh-Hans"
    person = new_person().begin().identify().lose_wallet().say_where()
    person.fill({"reporter.phone": "91234567"}).fill({"reporter.add": ["language"]})
    person.fill({"reporter.contact_lang": "zh-Hans"}).next().touch(Touch.SUBMIT)
    assert case_of(person)["reporter"]["contact_lang"] == "zh-Hans"


def test_visitors_without_a_voice_are_noted(person: Any) -> None:
    person.touch(Touch.START).handle(LanguageChosen(Language.ENGLISH))
    person.touch(Touch.DEAF, Touch.NEXT, Touch.BACK)
    person.visit._life.state = "attract"
    person.visit._parts.preliminaries.question = 0
    person.to_declare().touch(Touch.SUBMIT)
    assert case_of(person)["accessibility_modes_used"] == ["no_voice"]


@pytest.mark.parametrize("before", [True, False])
def test_what_a_visitors_eyes_need_is_noted_and_holds_for_the_paper(
    person: Any, packs: PackBook, before: bool
) -> None:
    if before:  # on the attract screen already
        person.handle(ComfortChanged(150, high_contrast=True))
    person.to_declare()
    if not before:
        person.handle(ComfortChanged(150, high_contrast=True))
    person.touch(Touch.SUBMIT).kept().wait(4)
    assert case_of(person)["accessibility_modes_used"] == ["high_contrast", "large_text"]
    assert Draft202012Validator(schema(packs["lost_property"])).is_valid(case_of(person))
    assert receipt_of(person).large_print
    person.handle(ComfortChanged(100, high_contrast=True))
    person.touch(Touch.REPRINT)
    committed = case_of(person) | {"reference": "528319476034", "receipt_code": "7KQ2M9XWHT"}
    assert case_reader.receipt_of(packs["lost_property"], person.visit._context.site, committed).large_print


def test_typing_touching_and_scanning_are_told_apart(new_person: Callable[..., Any]) -> None:
    person = new_person().to_declare().touch(Touch.SUBMIT)
    assert case_of(person)["input_methods_used"] == ["keyboard", "touch"]
    assert not receipt_of(person.kept().wait(4)).large_print


HOSTILE = [
    "\x1b@\x1dV\x00\x07 bell",
    "<b>bold</b><img src='file:///etc/passwd'>",
    "\u202eoverride\u2066 isolate",
    "{0.__class__} %s%n ${jndi:x} {{7*7}} {site} {item}",
    "'; DROP TABLE cases; --",
    "👩‍👩‍👧‍👦" * 500,
    "e\u0301" * 5000,
    "\ud800 half a character",
    "𠮷㗎啲嘅邨",
    "اردو नेपाली ไทย",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_kept_as_typed_but_bounded(person: Any, text: str) -> None:
    person.begin().identify().fill({"loss.categories": ["keys"]})
    person.fill({"items[0].description": text})
    if person.page == "items[0].description":
        assert person.view.body.fields[0].warning.key == "text_cut"
        person.next()
    person.touch(Touch.SKIP).say_where().leave_contact()
    shown = json.dumps([row.lines for row in person.view.body.rows])
    assert "\\u202e" not in shown
    assert "\\u001b" not in shown
    person.next().touch(Touch.SUBMIT)
    kept = case_of(person)["items"][0]["description"]
    assert len(kept) <= 200
    assert text.replace("\ud800", "\ufffd").startswith(kept)
    json.dumps(case_of(person), ensure_ascii=False).encode()


def test_text_in_braces_is_never_filled(person: Any) -> None:
    person.begin().identify().fill({"loss.categories": ["keys"]}).fill(
        {"items[0].description": "{site} {desk}"}
    )
    person.touch(Touch.SKIP).say_where().leave_contact()
    assert ("{site} {desk}",) in [row.lines for row in person.view.body.rows]


# --- receipt ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", list(Language))
def test_no_personal_word_is_on_the_receipt(person: Any, language: Language) -> None:
    words = "\n".join(words_of(receipt_of(report_with_canaries(person, language))))
    for canary in (*CANARIES.values(), "987654", "9876 5432"):
        assert canary not in words


@pytest.mark.parametrize(
    ("language", "title", "items"),
    [
        (Language.ENGLISH, "Lost property report – receipt", "Wallet or purse, Hong Kong identity card"),
        (Language.TRADITIONAL_CHINESE, "報失收據", "銀包、香港身份證"),
        (Language.SIMPLIFIED_CHINESE, "报失收据", "钱包、香港身份证"),
    ],
)
def test_the_receipt_speaks_the_visitors_language_and_a_second(
    person: Any, language: Language, title: str, items: str
) -> None:
    words = words_of(receipt_of(report_with_canaries(person, language)))
    assert title in words
    assert items in words
    second = "報失收據" if language is Language.ENGLISH else "Lost property report – receipt"
    assert second in words
    assert "528319476034" in words


def test_the_receipt_code_can_be_read_and_typed(person: Any) -> None:
    receipt = receipt_of(report_with_canaries(person))
    (code,) = [block for block in receipt.blocks if isinstance(block, Code)]
    label, typed = (text.text for text in code.caption[-2:])
    assert label == "Receipt code for questions  收據碼（查詢時用）"
    assert (typed, person.view.body.receipt_code) == ("7KQ2M 9XWHT", "7KQ2M 9XWHT")
    asked = Limits(text_format=TextFormat.RECEIPT_CODE)
    checked = check(FieldKind.TEXT, typed.lower(), now=person.clock.now(), limits=asked)
    assert (checked.value, checked.problem) == ("7KQ2M9XWHT", None)


def test_two_of_a_kind_are_counted(person: Any) -> None:
    person.begin().identify().fill({"loss.categories": ["phone"]})
    person.fill({"items[0].description": "Black"}).fill({"items[0].add": ["another"]})
    person.fill({"items[1].description": "White"}).touch(Touch.SKIP)
    person.say_where().leave_contact().next().touch(Touch.SUBMIT).kept().wait(4)
    assert "Mobile phone ×2" in words_of(receipt_of(person))


def test_where_a_page_gives_receipts_the_code_opens_it_and_says_so(person: Any, packs: PackBook) -> None:
    report_with_canaries(person, Language.ENGLISH)
    committed = case_of(person) | {"reference": "528319476034", "receipt_code": "7KQ2M9XWHT"}
    words = "With your phone, it opens this receipt as a PDF."
    site = person.visit._context.site
    with_page = site.model_copy(update={"receipt_page": "https://receipts.example"})
    code = _code(case_reader.receipt_of(packs["lost_property"], with_page, committed))
    assert code.payload == "HTTPS://RECEIPTS.EXAMPLE/R/528319476034-7KQ2M9XWHT"
    assert words in [caption.text for caption in code.caption]
    without = _code(case_reader.receipt_of(packs["lost_property"], site, committed))
    assert without.payload == "REPORT1:528319476034:7KQ2M9XWHT"
    assert words not in [caption.text for caption in without.caption]


def _code(receipt: ReceiptDocument) -> Code:
    return next(block for block in receipt.blocks if isinstance(block, Code))


@pytest.mark.parametrize("language", list(Language))
def test_a_receipt_can_be_laid_out_again_from_its_case(
    person: Any, packs: PackBook, language: Language
) -> None:
    report_with_canaries(person, language)
    committed = case_of(person) | {"reference": "528319476034", "receipt_code": "7KQ2M9XWHT"}
    assert case_reader.receipt_of(
        packs["lost_property"], person.visit._context.site, committed
    ) == receipt_of(person)


def test_two_of_a_kind_are_found_again_in_the_case(person: Any, packs: PackBook) -> None:
    person.begin().identify().fill({"loss.categories": ["phone", "keys"]})
    person.fill({"items[0].description": "Black"}).fill({"items[0].add": ["another"]})
    person.fill({"items[2].description": "White"}).touch(Touch.SKIP)
    person.fill({"items[1].description": "Two keys"}).touch(Touch.SKIP)
    person.say_where().leave_contact().next().touch(Touch.SUBMIT).kept().wait(4)
    committed = case_of(person) | {"reference": "528319476034", "receipt_code": "7KQ2M9XWHT"}
    assert case_reader.receipt_of(
        packs["lost_property"], person.visit._context.site, committed
    ) == receipt_of(person)


def test_an_official_number_is_only_text(person: Any) -> None:
    person.to_received()
    person.handle(CentreAnswered(person.commands(KeepCase)[0].case.case_id, "A\x1b@" + "9" * 500))
    words = words_of(receipt_of(person))
    assert "A@" + "9" * 38 in words
    assert not any("\x1b" in word for word in words)


def test_the_desk_of_the_site_is_on_it(new_person: Callable[..., Any]) -> None:
    person = new_person(SiteKind.MTR).to_review(Language.TRADITIONAL_CHINESE)
    person.fill({"consents.mtr_share": "no"}).next().touch(Touch.SUBMIT).kept().wait(4)
    assert "查詢：客務中心，電話 2860\u00a00001" in words_of(receipt_of(person))


# --- next steps ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("hkid", "Registration of Persons"),
        ("bank_card", "call your bank"),
        ("octopus", "Octopus"),
        ("phone", "SIM"),
        ("keys", "lock"),
        ("pet", "shelters"),
    ],
)
def test_advice_fits_what_was_lost(person: Any, category: str, words: str) -> None:
    person.begin().identify().fill({"loss.categories": [category]})
    while person.page != "loss.when":
        person.answer(f"{person.page.partition('.')[0]}.description", "x").next()
    person.say_where().leave_contact().next().touch(Touch.SUBMIT).kept()
    steps = [step.text for step in person.view.body.next_steps]
    assert any(words in step for step in steps)
    assert steps[-1].startswith("We contact you")


@pytest.mark.parametrize(
    ("categories", "words"),
    [
        (["wallet"], ["If the wallet held bank cards"]),
        (["bank_card"], ["Bank cards"]),
        (["wallet", "bank_card"], ["Bank cards"]),
        (["keys"], []),
    ],
)
def test_advice_about_cards_is_given_once(person: Any, categories: list[str], words: list[str]) -> None:
    person.begin().identify().fill({"loss.categories": categories})
    while person.page != "loss.when":
        person.answer(f"{person.page.partition('.')[0]}.description", "x").next()
    person.say_where().leave_contact().next().touch(Touch.SUBMIT).kept()
    steps = [step.text.partition(":")[0] for step in person.view.body.next_steps]
    assert [step for step in steps if "bank cards" in step.lower()] == words


@pytest.mark.parametrize(
    ("document", "words"),
    [("passport", "loss memo"), ("home_return_permit", "China Travel Service"), ("other", "issued")],
)
def test_advice_for_travel_documents(person: Any, document: str, words: str) -> None:
    person.begin().identify().fill({"loss.categories": ["travel_document"]})
    person.fill({"items[0].identity_doc.type": document})
    person.say_where().leave_contact().next().touch(Touch.SUBMIT).kept()
    assert words in person.view.body.next_steps[0].text


# --- pages of the documentation -----------------------------------------------------------------------------


def test_diagrams_are_the_same_every_time() -> None:
    assert describe.visit_page() == describe.visit_page()
    assert "attract --> language : start" in describe.diagram_text()
    assert "subgraph items" in describe.diagram_text("lost_property")


def test_every_condition_has_words(packs: PackBook) -> None:
    for page in packs["lost_property"].definition.pages:
        if page.when is not None:
            assert "None" not in in_words(page.when)


def test_descriptions_for_the_command_line() -> None:
    said, good = describe.check_text(TEST_PACKS)
    assert good
    assert "lost_property" in said
    assert "lost_property 1.0: Lost property; zh-Hant, zh-Hans, en; " in describe.list_text(TEST_PACKS)
