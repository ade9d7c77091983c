"""The identity documents a visitor may name."""

from enum import StrEnum


class DocumentType(StrEnum):
    """A kind of identity document; the values are the options of the identity question."""

    HKID = "hkid"
    PASSPORT = "passport"
    HOME_RETURN_PERMIT = "home_return_permit"  # for Hong Kong and Macao residents who travel to the Mainland
    EXIT_ENTRY_PERMIT = "exit_entry_permit"  # for Mainland residents who travel to Hong Kong and Macao
    MAINLAND_ID = "mainland_id"
    MACAO_ID = "macao_id"
    OTHER = "other"
