"""How a report stands, in sentences for its visitor."""

from collections.abc import Mapping

from central.languages import LANGUAGES
from central.store.inbox import CaseState

_STATES: Mapping[CaseState, Mapping[str, str]] = {
    CaseState.RECEIVED: {
        "zh-Hant": "警方已收到你的報案，尚待警員處理。",
        "zh-Hans": "警方已收到您的报案，等待警员处理。",
        "en": "We have your report. An officer will read it.",
    },
    CaseState.IN_PROGRESS: {
        "zh-Hant": "警員正在處理你的報案。",
        "zh-Hans": "警员正在处理您的报案。",
        "en": "An officer is working on your report.",
    },
    CaseState.ACCEPTED: {
        "zh-Hant": "警方已受理你的報案。如有進展，會與你聯絡。",
        "zh-Hans": "警方已受理您的报案。如有进展，会与您联系。",
        "en": "The police have accepted your report. We will contact you if there is news.",
    },
    CaseState.REJECTED: {
        "zh-Hant": "警方未能受理此報案。如有疑問，請到警署查詢。",
        "zh-Hans": "警方未能受理此报案。如有疑问，请到警署咨询。",
        "en": "The police could not accept this report. Please ask at a police station.",
    },
}


def words_for(state: CaseState, by_officer: Mapping[str, str], language: str | None) -> dict[str, str]:
    """A sentence per language: the officer's, if need be in the visitor's `language`, or the usual one."""
    own = by_officer.get(language or "")
    return {each: by_officer.get(each) or own or _STATES[state][each] for each in LANGUAGES}
