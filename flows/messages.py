"""The keys of every sentence that belongs to all services; `ui.i18n` holds the words in each language.

A key is an entry of the catalogue table named in the docstring of its enum. Values to put in stand beside the
key.
"""

from enum import StrEnum


class Problem(StrEnum):
    """Table `[problem]`: must be mended before the visitor can go on. Each names its remedy."""

    REQUIRED = "required"
    ONE_REQUIRED = "one_required"  # one of the fields of this page
    NOT_AN_OPTION = "not_an_option"
    NUMBER_INVALID = "number_invalid"
    NUMBER_TOO_SMALL = "number_too_small"  # {minimum}
    NUMBER_TOO_LARGE = "number_too_large"  # {maximum}
    MONEY_INVALID = "money_invalid"
    MONEY_PLACES = "money_places"  # {places}: digits after the point
    PHONE_INVALID = "phone_invalid"
    PHONE_SPECIAL = "phone_special"
    PHONE_COUNTRY_CODE = "phone_country_code"
    EMAIL_INVALID = "email_invalid"
    DATE_INVALID = "date_invalid"
    DATE_FUTURE = "date_future"
    DATE_TOO_EARLY = "date_too_early"  # {earliest}
    DATE_TOO_LATE = "date_too_late"  # {latest}
    DATE_ORDER = "date_order"  # {earliest}: the date that this one follows
    TIME_INVALID = "time_invalid"
    TIME_FUTURE = "time_future"
    WHEN_ORDER = "when_order"
    LAST_FOUR_INVALID = "last_four_invalid"
    LAST_FOUR_TOO_MANY = "last_four_too_many"
    CARD_NUMBER = "card_number"
    REFERENCE_INVALID = "reference_invalid"
    RECEIPT_CODE_INVALID = "receipt_code_invalid"
    CHECK_INVALID = "check_invalid"
    HKID_FORMAT = "hkid_format"
    HKID_CHECK_DIGIT = "hkid_check_digit"
    HKID_CHECK_DIGIT_MISSING = "hkid_check_digit_missing"
    DOCUMENT_CHARACTERS = "document_characters"

    SCAN_UNREADABLE = "scan_unreadable"
    SCAN_INCOMPLETE = "scan_incomplete"
    SCAN_OTHER_PAGE = "scan_other_page"  # the visa instead of the page with the photo
    SCAN_OTHER_DOCUMENT = "scan_other_document"
    PHOTO_FAILED = "photo_failed"
    PHOTOS_FULL = "photos_full"
    CASE_NO_ROOM = "case_no_room"
    CASE_STORAGE_FAILED = "case_storage_failed"
    CASE_INVALID = "case_invalid"
    ENQUIRY_NO_MATCH = "enquiry_no_match"
    ENQUIRY_TOO_OFTEN = "enquiry_too_often"  # {minutes}
    ENQUIRY_UNREACHABLE = "enquiry_unreachable"  # {desk}


class Caution(StrEnum):
    """Table `[warning]`: may be ignored; the visitor can go on."""

    TEXT_CUT = "text_cut"  # {maximum}
    PHONE_UNUSUAL = "phone_unusual"
    PHONE_READ_AS_MAINLAND = "phone_read_as_mainland"
    EMAIL_TYPO = "email_typo"  # {suggestion}
    PLATE_FORMAT = "plate_format"
    ACCOUNT_FORMAT = "account_format"
    IMEI_LENGTH = "imei_length"
    IMEI_CHECK_DIGIT = "imei_check_digit"
    HOME_RETURN_PERMIT_FORMAT = "home_return_permit_format"
    EXIT_ENTRY_PERMIT_FORMAT = "exit_entry_permit_format"
    MAINLAND_ID_FORMAT = "mainland_id_format"
    MAINLAND_ID_CHECK_DIGIT = "mainland_id_check_digit"
    MACAO_ID_FORMAT = "macao_id_format"
    PASSPORT_FORMAT = "passport_format"
    SCAN_CHECK_DIGITS = "scan_check_digits"


class Notice(StrEnum):
    """Table `[notice]`: calm facts at the top of a screen."""

    PRINTER_PAPER_OUT = "printer_paper_out"
    PRINTER_COVER_OPEN = "printer_cover_open"
    PRINTER_CUTTER_ERROR = "printer_cutter_error"
    PRINTER_OVERHEATED = "printer_overheated"
    PRINTER_ERROR = "printer_error"
    PRINTER_DISCONNECTED = "printer_disconnected"
    PRINTER_UNKNOWN = "printer_unknown"
    READER_UNAVAILABLE = "reader_unavailable"  # nothing can be scanned now: type instead
    CAMERA_UNAVAILABLE = "camera_unavailable"  # no photo now: go on without
    SCAN_FILLED = "scan_filled"  # fields were filled from the document: check them
    VISIT_ENDS_SOON = "visit_ends_soon"  # {minutes}: the absolute limit of a visit comes near


class Triage(StrEnum):
    """Table `[triage]`: the emergency questions, in order."""

    DANGER_NOW = "danger_now"
    HAPPENING_NOW = "happening_now"
    HURT = "hurt"
