"""Whole ways of real visitors through a lost-property report."""

from typing import Any

import pytest

from config.settings import SiteKind
from flows import reference
from flows.events import (
    CapturePhoto,
    ChangeAsked,
    EndVisit,
    KeepCase,
    LanguageChosen,
    PhotoTaken,
    PrintReceipt,
    Scanned,
    Touch,
    Touched,
)
from flows.languages import Language
from flows.view import ReceivedBody, ReviewBody, Screen

RECEIPT = reference.payload(reference.compute(42, 17, b"k" * 32), "7KQ2M9XWHT")
MRZ_PASSPORT = b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
VISA = b"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<"


def document_of(person: Any) -> dict[str, Any]:
    return dict(person.commands(KeepCase)[-1].case.document)


def rows_of(person: Any) -> dict[str, tuple[str, ...]]:
    body = person.view.body
    assert isinstance(body, ReviewBody)
    return {row.label: row.lines for row in body.rows}


def test_the_first_touch_only_wakes_the_kiosk(person: Any) -> None:
    person.handle(LanguageChosen(Language.ENGLISH))
    assert person.view.screen is Screen.ATTRACT
    person.touch(Touch.START)
    assert person.view.screen is Screen.LANGUAGE


def test_shortest_wallet_report(person: Any) -> None:
    person.to_received()
    body = person.view.body
    assert isinstance(body, ReceivedBody)
    assert body.reference == "528319476034"
    assert document_of(person)["items"] == [
        {"item_id": "i1", "category": "wallet", "description": "Brown leather"}
    ]
    assert person.touches <= 20  # touches of buttons; tiles and typing come to it


def test_lost_passport_at_the_border(new_person: Any) -> None:
    person = new_person(SiteKind.BORDER)
    person.begin(Language.SIMPLIFIED_CHINESE).fill({})
    person.fill({"reporter.doc_type": "passport", "reporter.doc_lost": "yes"})
    assert person.page == "reporter.doc_no"  # nothing to scan: it is lost
    person.fill({"reporter.name_en": "WANG FANG"})
    assert person.view.body.fields[0].value == ["travel_document"]  # named already, so chosen already
    person.next()
    assert person.page == "loss.when"  # and nothing about it is asked twice
    person.fill({"loss.when": {"certainty": "unknown"}})
    person.fill({"loss.place_kind": "here"}).fill({"loss.suspected_theft": "no"}).leave_contact()
    person.next().touch(Touch.SUBMIT)
    document = document_of(person)
    assert document["items"] == [
        {"item_id": "i1", "category": "travel_document", "identity_doc": {"type": "passport"}}
    ]
    assert document["loss"]["place_kind"] == "border"
    assert document["loss"]["at_kiosk"] is True
    person.kept()
    assert any("护照" in step.text for step in person.view.body.next_steps)


def test_a_scanned_passport_fills_what_was_not_typed(person: Any) -> None:
    person.begin().fill({}).fill({"reporter.doc_type": "passport"})
    assert person.view.screen is Screen.SCAN
    person.touch(Touch.TYPE_INSTEAD).answer("reporter.name_en", "ERIKSSON ANNA M.")
    person.touch(Touch.SCAN_INSTEAD)
    assert person.view.screen is Screen.SCAN
    person.handle(Scanned(MRZ_PASSPORT))
    values = {field.name: field.value for field in person.view.body.fields}
    assert values["reporter.name_en"] == "ERIKSSON ANNA M."
    assert values["reporter.doc_no"] == "L898902C3"
    assert values["reporter.doc_issuer"] == "UTO"
    assert [notice.key for notice in person.view.notices] == ["scan_filled"]
    person.next()
    assert {field.name: field.value for field in person.view.body.fields} == {
        "reporter.nationality": "UTO",
        "reporter.dob": "1974-08-12",
        "reporter.sex": "F",
    }
    person.next().lose_wallet().say_where().leave_contact().next().touch(Touch.SUBMIT)
    assert document_of(person)["identity_method"] == "scanned"
    assert document_of(person)["input_methods_used"] == ["keyboard", "scan", "touch"]


def test_wrong_check_digits_are_a_warning_only(person: Any) -> None:
    person.begin().fill({}).fill({"reporter.doc_type": "passport"})
    person.handle(Scanned(MRZ_PASSPORT.replace(b"L898902C36", b"L898902C37")))
    assert person.page == "reporter.doc_no"
    person.next()
    assert person.view.body.fields[0].warning.key == "scan_check_digits"
    person.next()
    assert person.page == "reporter.nationality"


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (b"https://example.org/?id=1", "scan_unreadable"),
        (b"", "scan_unreadable"),
        (b"\xff" * 5000, "scan_unreadable"),
        (b"A123456(3)", "scan_other_document"),
        (VISA, "scan_other_page"),
        (MRZ_PASSPORT.split(b"\n")[0], "scan_incomplete"),
        (MRZ_PASSPORT[:-9], "scan_incomplete"),
        (RECEIPT.encode(), "scan_other_document"),
    ],
)
def test_a_strange_code_on_the_scan_screen_is_a_calm_problem(
    person: Any, payload: bytes, problem: str
) -> None:
    person.begin().fill({}).fill({"reporter.doc_type": "passport"})
    person.handle(Scanned(payload))
    assert person.view.screen is Screen.SCAN
    assert person.view.body.problem.key == problem


def test_scans_elsewhere_are_ignored(person: Any) -> None:
    person.begin().fill({})
    before = person.view
    person.handle(Scanned(MRZ_PASSPORT))
    assert person.view == before


def test_bag_lost_on_the_mtr_is_told_to_mtr_by_consent(new_person: Any) -> None:
    person = new_person(SiteKind.MTR)
    person.begin(Language.TRADITIONAL_CHINESE).identify()
    person.fill({"loss.categories": ["bag", "phone"]})
    person.fill({"items[0].description": "黑色背囊"})
    person.fill({"items[0].add": ["photos", "inside"]})
    person.fill({"items[0].container_of": ["i2"]})
    assert person.view.screen is Screen.PHOTO
    person.touch(Touch.TAKE_PHOTO)
    photo = person.commands(CapturePhoto)[-1].photo_id
    person.handle(PhotoTaken(photo, b"\xff\xd8jpeg"))
    person.next().fill({"items[1].description": "銀色"}).touch(Touch.SKIP)
    person.say_where("mtr").leave_contact()
    assert person.page == "consents.mtr_share"
    person.next()
    assert person.view.body.fields[0].problem.key == "required"
    person.fill({"consents.mtr_share": "yes"})
    assert rows_of(person)["手袋、行李"] == ("它是甚麼樣子的？黑色背囊", "裏面有：手提電話", "1 張相片")
    person.next().touch(Touch.SUBMIT)
    case = person.commands(KeepCase)[-1].case
    assert case.document["consents"]["mtr_share"] == "yes"
    assert case.document["items"][0]["container_of"] == ["i2"]
    assert [attachment.photo_id for attachment in case.attachments] == [photo]
    person.kept()
    assert person.view.body.next_steps[0].text == "港鐵會尋找失物，並在 7 天內回覆你。"


def test_mtr_is_not_asked_about_a_loss_of_seven_weeks_ago(person: Any) -> None:
    person.begin().identify().lose_wallet()
    person.fill({"loss.when": {"certainty": "exact", "date": "2026-10-03", "time": ""}})
    person.fill({"loss.place_kind": "mtr"}).fill({"loss.station_from": "Admiralty"})
    person.fill({"loss.suspected_theft": "no"}).leave_contact()
    assert person.view.screen is Screen.REVIEW
    person.next().touch(Touch.SUBMIT)
    assert "mtr_share" not in document_of(person)["consents"]
    person.kept()
    assert "last 6 weeks" in person.view.body.next_steps[0].text


def test_six_weeks_to_the_day_still_counts(person: Any) -> None:
    person.begin().identify().lose_wallet()
    person.fill({"loss.when": {"certainty": "exact", "date": "2026-10-10", "time": ""}})
    person.fill({"loss.place_kind": "mtr"}).fill({"loss.station_from": "Admiralty"})
    person.fill({"loss.suspected_theft": "no"}).leave_contact()
    assert person.page == "consents.mtr_share"


def test_on_behalf_of_someone_else(person: Any) -> None:
    person.begin().answer("reporter.role", "on_behalf").next()
    assert person.view.body.fields[1].problem.key == "required"
    person.fill({"represented.name": "WONG SIU MING"})
    person.fill({"reporter.doc_type": "hkid"})
    person.fill({"reporter.doc_no": "A123456(3)", "reporter.name_en": "CHAN TAI MAN"})
    person.fill({"loss.categories": ["hkid"]})
    assert person.page == "items[0].identity_doc.number"  # the card of the other one: not the reporter's
    person.fill({"items[0].identity_doc.number": "G123456(A)"})
    person.say_where().leave_contact().next().touch(Touch.SUBMIT)
    document = document_of(person)
    assert document["represented"] == {"name": "WONG SIU MING"}
    assert document["items"][0]["identity_doc"] == {"number": "G123456(A)"}


def test_theft_leads_to_an_officer_or_on(person: Any) -> None:
    person.begin().identify().lose_wallet()
    person.fill({"loss.when": {"certainty": "unknown"}}).fill({"loss.place_kind": "here"})
    person.fill({"loss.suspected_theft": "yes"}).fill({"loss.theft_choice": "officer"})
    assert person.view.title == "Please go to an officer"
    assert "the counter" in person.view.help
    assert not person.view.can_next
    person.next()
    assert person.view.title == "Please go to an officer"
    person.touch(Touch.BACK).fill({"loss.theft_choice": "continue"})
    assert person.page == "reporter.phone"
    person.leave_contact().next().touch(Touch.SUBMIT)
    assert document_of(person)["loss"]["suspected_theft"] == "yes"


def test_theft_can_end_at_the_officer(person: Any) -> None:
    person.begin().identify().lose_wallet()
    person.fill({"loss.when": {"certainty": "unknown"}}).fill({"loss.place_kind": "here"})
    person.fill({"loss.suspected_theft": "yes"}).fill({"loss.theft_choice": "officer"})
    person.touch(Touch.STOP, Touch.STOP_CONFIRM)
    assert [command.ending for command in person.commands(EndVisit)] == ["stopped"]
    assert not person.commands(KeepCase)


def test_a_choice_taken_back_leaves_nothing_behind(person: Any) -> None:
    person.begin().identify().lose_wallet()
    person.fill({"loss.when": {"certainty": "unknown"}}).fill({"loss.place_kind": "here"})
    person.fill({"loss.suspected_theft": "yes"}).fill({"loss.theft_choice": "officer"})
    person.touch(Touch.BACK, Touch.BACK).fill({"loss.suspected_theft": "no"})
    assert person.page == "reporter.phone"  # the officer chosen before does not end the report now


def test_here_is_said_with_its_place(person: Any) -> None:
    person.to_review()
    assert rows_of(person)["Place"] == ("Here, Wan Chai Report Room",)


def test_a_site_offers_only_packs_that_speak_its_languages(person: Any) -> None:
    pack = person.visit._context.packs["lost_property"]
    texts = {language: words for language, words in pack.texts.items() if language is not Language.ENGLISH}
    person.visit._context.packs.packs["lost_property"] = pack.model_copy(update={"texts": texts})
    try:
        assert person.visit._context.offered == ()
    finally:
        person.visit._context.packs.packs["lost_property"] = pack


def test_a_second_phone(person: Any) -> None:
    person.begin().identify().fill({"loss.categories": ["phone", "keys"]})
    person.fill({"items[0].description": "Black"}).fill({"items[0].add": ["another"]})
    assert person.view.title == "Tell us about your phone (2)"
    person.fill({"items[2].description": "White"}).touch(Touch.SKIP)
    person.fill({"items[1].description": "Two keys"}).touch(Touch.SKIP)
    person.say_where().leave_contact().next().touch(Touch.SUBMIT)
    assert [(item["item_id"], item["category"]) for item in document_of(person)["items"]] == [
        ("i1", "phone"),
        ("i3", "phone"),
        ("i2", "keys"),
    ]


def test_a_visitor_with_a_hotel(person: Any) -> None:
    person.begin().identify().lose_wallet().say_where()
    person.fill({"reporter.phone": "+86 138 1234 5678"}).fill({"reporter.add": ["address", "phone"]})
    person.fill({"reporter.phone_alt": "28600000"}).fill({"reporter.address_kind": "hotel"})
    person.fill(
        {
            "reporter.hotel_name": "Harbour View",
            "reporter.hotel_room": "1208",
            "reporter.departure_date": "2026-11-24",
        }
    )
    person.next().touch(Touch.SUBMIT)
    reporter = document_of(person)["reporter"]
    assert reporter["hotel_name"] == "Harbour View"
    assert reporter["departure_date"] == "2026-11-24"
    assert reporter["phone"] == "+8613812345678"
    assert "add" not in reporter


def test_a_departure_day_lies_ahead(person: Any) -> None:
    person.begin().identify().lose_wallet().say_where()
    person.fill({"reporter.phone": "91234567"}).fill({"reporter.add": ["address"]})
    person.fill({"reporter.address_kind": "overseas"}).fill({"reporter.departure_date": "2026-11-20"})
    assert person.view.body.fields[0].problem.key == "date_too_early"


def test_card_numbers_never_get_in(person: Any) -> None:
    person.begin().identify().fill({"loss.categories": ["bank_card"]})
    person.answer("items[0].bank_card.last4", "4111111111111111")
    assert person.view.body.fields[1].value == ""
    person.fill({"items[0].bank_card.last4": "1111"}).touch(Touch.SKIP)
    person.say_where().leave_contact().next().touch(Touch.SUBMIT)
    assert document_of(person)["items"][0]["bank_card"] == {"last4": "1111"}


def test_answers_that_do_not_hold_any_more_are_kept_but_not_sent(person: Any) -> None:
    person.to_review()
    person.handle(ChangeAsked("categories"))
    person.fill({"loss.categories": ["keys"]})
    assert person.page == "items[1].description"  # newly required
    person.fill({"items[1].description": "Two keys"})
    person.touch(Touch.SKIP)
    assert "Wallet or purse" not in rows_of(person)
    person.handle(ChangeAsked("categories"))
    person.fill({"loss.categories": ["wallet"]})
    assert rows_of(person)["Wallet or purse"] == ("Brown leather",)
    person.next().touch(Touch.SUBMIT)
    assert [item["category"] for item in document_of(person)["items"]] == ["wallet"]


def test_change_returns_to_review(person: Any) -> None:
    person.to_review()
    person.handle(ChangeAsked("when"))
    person.fill({"loss.when": {"certainty": "unknown"}})
    assert person.view.screen is Screen.REVIEW
    assert rows_of(person)["Time"] == ("I do not know",)


def test_change_walks_through_the_whole_row(person: Any) -> None:
    person.to_review()
    person.handle(ChangeAsked("item[0]"))
    assert person.page == "items[0].description"
    person.next()
    assert person.page == "items[0].add"
    person.fill({"items[0].add": ["details"]})
    person.fill({"items[0].colour": "Blue"})
    assert rows_of(person)["Wallet or purse"] == ("What does it look like? Brown leather", "Colour: Blue")


def test_change_can_require_more(person: Any) -> None:
    person.to_review()
    person.handle(ChangeAsked("place"))
    person.fill({"loss.place_kind": "mtr"}).fill({"loss.station_from": "Central"})
    assert person.page == "consents.mtr_share"
    person.fill({"consents.mtr_share": "no"})
    assert person.view.screen is Screen.REVIEW


def test_change_leads_through_optional_pages_never_seen(person: Any) -> None:
    person.to_review()
    person.handle(ChangeAsked("categories"))
    person.fill({"loss.categories": ["wallet", "octopus"]})
    assert person.page == "items[1].serial"
    person.touch(Touch.SKIP)
    assert person.view.screen is Screen.REVIEW


def test_a_consent_that_is_not_asked_any_more_is_not_sent(person: Any) -> None:
    person.begin().identify().lose_wallet().say_where("mtr").leave_contact()
    person.fill({"consents.mtr_share": "yes"})
    person.handle(ChangeAsked("place"))
    person.fill({"loss.place_kind": "here"})
    person.next().touch(Touch.SUBMIT)
    document = document_of(person)
    assert "mtr_share" not in document["consents"]
    assert "station_from" not in document["loss"]


def test_back_from_a_change_returns_to_review(person: Any) -> None:
    person.to_review()
    person.handle(ChangeAsked("contact"))
    person.touch(Touch.BACK)
    assert person.view.screen is Screen.REVIEW


def test_a_change_that_nobody_offers_is_ignored(person: Any) -> None:
    person.to_review()
    for target in ("", "nothing", "item[7]", "item", "scan_document", "item[99999999999]", "[0]"):
        person.handle(ChangeAsked(target))
        assert person.view.screen is Screen.REVIEW


def test_back_and_forward_keep_every_answer(person: Any) -> None:
    person.to_review()
    before = person.view
    steps = 0
    while person.view.screen is not Screen.PRIVACY:
        person.touch(Touch.BACK)
        steps += 1
        assert steps < 40
    while person.view.screen is not Screen.REVIEW:
        person.next()
        steps -= 1
        assert steps > -40
    assert person.view == before


def test_identity_is_masked_on_review(person: Any) -> None:
    shown = str(person.to_review().view)
    assert "A123456" not in shown
    assert "TAI MAN" not in shown
    assert "91234567" not in shown


def test_required_answers_are_asked_for_calmly(person: Any) -> None:
    person.begin().fill({}).fill({"reporter.doc_type": "hkid"})
    assert person.view.body.fields[0].problem is None
    person.next()
    assert [field.problem and field.problem.key for field in person.view.body.fields] == [
        "required",
        "required",
        None,
    ]
    person.answer("reporter.doc_no", "A123456(4)")
    assert person.view.body.fields[0].problem.key == "hkid_check_digit"
    person.answer("reporter.doc_no", "A123456(3)").answer("reporter.name_en", "CHAN TAI MAN")
    assert all(field.problem is None for field in person.view.body.fields)
    person.next()
    assert person.page == "loss.categories"


def test_a_doubtful_number_is_warned_about_once(person: Any) -> None:
    person.begin().fill({}).fill({"reporter.doc_type": "mainland_id"})
    person.fill({"reporter.doc_no": "110105194912310021", "reporter.name_en": "LI NA"})
    assert person.view.body.fields[0].warning.key == "mainland_id_check_digit"
    person.next()
    assert person.page == "loss.categories"


def test_deaf_path_is_noted(person: Any) -> None:
    person.touch(Touch.START)
    person.handle(LanguageChosen(Language.ENGLISH))
    person.touch(Touch.DEAF)
    assert person.view.screen is Screen.DEAF_HELP
    person.next()
    assert person.view.screen is Screen.TRIAGE
    person.touch(Touch.NO, Touch.NO, Touch.NO)
    assert person.view.screen is Screen.SERVICES


def test_each_emergency_question_leads_to_help_in_one_touch(new_person: Any) -> None:
    for answered in range(3):
        person = new_person()
        person.touch(Touch.START)
        person.handle(LanguageChosen(Language.ENGLISH))
        person.touch(*[Touch.NO] * answered)
        assert person.view.body.number == answered + 1
        person.touch(Touch.YES)
        assert person.view.screen is Screen.EMERGENCY
        person.touch(Touch.EMERGENCY_CLOSE)
        assert person.view.body.number == answered + 1


def test_double_submit_is_one_case(person: Any) -> None:
    person.to_declare()
    for _ in range(20):
        person.handle(Touched(Touch.SUBMIT))
    assert len(person.commands(KeepCase)) == 1
    person.kept()
    for _ in range(20):
        person.handle(Touched(Touch.SUBMIT))
    person.wait(10)
    assert len(person.commands(KeepCase)) == 1
    assert len(person.commands(PrintReceipt)) == 1


# --- contact ------------------------------------------------------------------------------------------------


def test_one_whose_phone_is_lost_leaves_an_email(person: Any) -> None:
    person.begin().identify().lose_wallet().say_where()
    person.answer("reporter.email", "anna@example.com")
    assert not person.view.body.optional
    person.next().touch(Touch.SKIP)
    assert person.view.screen is Screen.REVIEW
    person.next().touch(Touch.SUBMIT)
    assert document_of(person)["reporter"]["email"] == "anna@example.com"
    assert "phone" not in document_of(person)["reporter"]


@pytest.mark.parametrize("email", ["", " \u3000"])
def test_no_way_to_reach_a_visitor_is_a_problem_and_no_page_to_skip(person: Any, email: str) -> None:
    person.begin().identify().lose_wallet().say_where().answer("reporter.email", email)
    assert not person.view.can_skip
    person.next()
    phone, mail = person.view.body.fields
    assert (phone.name, phone.problem.key, mail.problem) == ("reporter.phone", "one_required", None)
    person.answer("reporter.phone", "91234567")
    assert person.view.body.fields[0].problem is None
    assert not person.view.can_skip


def test_a_wrong_phone_is_to_be_mended_although_an_email_is_there(person: Any) -> None:
    person.begin().identify().lose_wallet().say_where()
    person.fill({"reporter.phone": "9123", "reporter.email": "anna@example.com"})
    assert person.view.body.fields[0].problem.key == "phone_invalid"


# --- bank cards ---------------------------------------------------------------------------------------------


def test_a_card_number_in_a_description_never_reaches_the_case(person: Any) -> None:
    person.begin().identify().fill({"loss.categories": ["wallet"]})
    person.fill({"items[0].description": "Brown, with my Visa 4111 1111 1111 1111"})
    assert person.view.body.fields[0].problem.key == "card_number"
    person.touch(Touch.SKIP, Touch.NEXT)
    assert person.page == "items[0].description"
    person.fill({"items[0].description": "Brown, with my Visa"}).touch(Touch.SKIP)
    person.say_where().leave_contact().next().touch(Touch.SUBMIT)
    assert "4111" not in str(document_of(person))
