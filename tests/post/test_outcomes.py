"""The outcome table: every row, and no reply without a row."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from kiosk.post.outcomes import (
    CONSEQUENCES,
    PROBLEMS,
    REFUSALS,
    TABLE,
    UPLOAD_PROBLEMS,
    Action,
    Failure,
    NoReply,
    Reply,
    Verdict,
    as_rows,
    belongs_in_quarantine,
    code,
    decide,
    silence_s,
)
from kiosk.post.receipts import Receipt

RECEIPT = Receipt("ADM RN 26000001")


@pytest.mark.parametrize(
    ("reply", "action"),
    [
        (Reply(200, RECEIPT), Action(Verdict.ACKNOWLEDGED, receipt=RECEIPT)),
        (Reply(201, RECEIPT), Action(Verdict.ACKNOWLEDGED, receipt=RECEIPT)),
        (Reply(200), Action(Verdict.NOT_THE_CENTRE)),
        (Reply(201), Action(Verdict.NOT_THE_CENTRE)),
        (Reply(202, RECEIPT), Action(Verdict.NOT_THE_CENTRE)),
        (Reply(204), Action(Verdict.NOT_THE_CENTRE)),
        (Reply(302), Action(Verdict.NOT_THE_CENTRE)),
        (Reply(302, RECEIPT), Action(Verdict.NOT_THE_CENTRE)),
        (Reply(500, RECEIPT), Action(Verdict.UNKNOWN)),
        (NoReply(Failure.NOT_THE_CENTRE), Action(Verdict.NOT_THE_CENTRE)),
        (NoReply(Failure.TIMED_OUT), Action(Verdict.UNKNOWN)),
        (NoReply(Failure.UNREACHABLE), Action(Verdict.UNKNOWN)),
        (NoReply(Failure.BROKEN_OFF), Action(Verdict.UNKNOWN)),
        (NoReply(Failure.UNTRUSTED), Action(Verdict.NOT_THE_CENTRE)),
        (NoReply(Failure.CERTIFICATE_REJECTED), Action(Verdict.NOT_LET_IN)),
        (NoReply(Failure.NO_KEYS), Action(Verdict.NOT_LET_IN)),
        (Reply(409), Action(Verdict.WAIT_CASE, 30)),
        (Reply(409, retry_after_s=7), Action(Verdict.WAIT_CASE, 7)),
        (Reply(409, explained=True, problem="/problems/parts-missing"), Action(Verdict.WAIT_CASE, 30)),
        (Reply(429, retry_after_s=120), Action(Verdict.WAIT_ALL, 120)),
        (Reply(503, retry_after_s=120), Action(Verdict.WAIT_ALL, 120)),
        (Reply(503, retry_after_s=0), Action(Verdict.WAIT_ALL, 1)),
        (Reply(503, retry_after_s=-5), Action(Verdict.WAIT_ALL, 1)),
        (Reply(429, retry_after_s=1e9), Action(Verdict.WAIT_ALL, 3600)),
        (Reply(429), Action(Verdict.UNKNOWN)),
        (Reply(503), Action(Verdict.UNKNOWN)),
        *[(Reply(status), Action(Verdict.UNKNOWN)) for status in (408, 425, 500, 502, 504, 599)],
        (Reply(401), Action(Verdict.NOT_LET_IN)),
        (Reply(403), Action(Verdict.NOT_LET_IN)),
        (Reply(403, explained=True, problem="about:blank"), Action(Verdict.NOT_LET_IN)),
        (Reply(403, explained=True, problem="/problems/wrong-kiosk"), Action(Verdict.REFUSED)),
        *[
            (Reply(status, explained=True), Action(Verdict.REFUSED))
            for status in (400, 404, 405, 410, 413, 415, 418, 422)
        ],
        *[(Reply(status), Action(Verdict.NOT_THE_CENTRE)) for status in (400, 404, 413, 418, 422)],
    ],
)
def test_row(reply: Reply | NoReply, action: Action) -> None:
    assert decide(reply) == action


def problem(name: str, status: int = 422, **more: float) -> Reply:
    return Reply(status, explained=True, problem=f"/problems/{name}", **more)


@pytest.mark.parametrize(
    ("reply", "action"),
    [
        (Reply(511), Action(Verdict.NOT_THE_CENTRE)),
        (problem("revoked", 403), Action(Verdict.NOT_LET_IN)),
        (problem("revoked", 404), Action(Verdict.NOT_LET_IN)),
        (problem("does-not-open", 500), Action(Verdict.REFUSED)),
        (problem("too-large", 413, retry_after_s=9), Action(Verdict.REFUSED)),
        (problem("case-differs", 409), Action(Verdict.REFUSED)),
        (problem("parts-missing", 503, retry_after_s=9), Action(Verdict.WAIT_CASE, 9)),
        (problem("no-key-set", 503), Action(Verdict.WAIT_CASE, 30)),
        (problem("too-many-parts"), Action(Verdict.REFUSED)),
        (problem("not-a-request"), Action(Verdict.REFUSED)),
        (problem("unheard-of", 403), Action(Verdict.NOT_LET_IN)),
        (problem("does-not-open", 200), Action(Verdict.NOT_THE_CENTRE)),
        (Reply(409, retry_after_s=float("inf")), Action(Verdict.WAIT_CASE, 3600)),
    ],
)
def test_a_problem_of_the_contract_weighs_more_than_its_status(reply: Reply, action: Action) -> None:
    assert decide(reply) == action


def test_every_problem_of_the_contract_is_in_the_table_and_no_other() -> None:
    contract = (Path(__file__).parents[2] / "central" / "openapi.json").read_text(encoding="utf-8")
    of_the_gateway = set(re.findall(r"/problems/[a-z-]+(?![a-z\[-])", contract))
    assert set(PROBLEMS) == of_the_gateway
    in_words = {name for row in TABLE for name in re.findall(r"`(/problems/[a-z-]+)`", row.words)}
    assert in_words == of_the_gateway - set(UPLOAD_PROBLEMS)


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (Reply(429, retry_after_s=7), 7),
        (Reply(503, retry_after_s=1e9), 3600),
        (Reply(503, retry_after_s=-1), 1),
        (Reply(503), 0),
        (Reply(409, retry_after_s=7), 0),
        (problem("no-key-set", 503, retry_after_s=7), 0),
        (NoReply(Failure.TIMED_OUT), 0),
    ],
)
def test_only_a_busy_centre_asks_to_be_left_alone(reply: Reply | NoReply, seconds: float) -> None:
    assert silence_s(reply) == seconds


def test_every_row_is_reached_and_no_row_is_hidden_by_another() -> None:
    replies: list[Reply | NoReply] = [NoReply(failure) for failure in Failure]
    types = ("", "/problems/parts-missing", "/problems/revoked", *REFUSALS)
    for status in range(100, 600):
        for receipt in (None, RECEIPT):
            replies += [Reply(status, receipt, explained=bool(kind), problem=kind) for kind in types]
        replies += [Reply(status, explained=True), Reply(status, retry_after_s=5)]
    reached = {next(row.words for row in TABLE if row.fits(reply)) for reply in replies}
    assert reached == {row.words for row in TABLE}
    assert set(CONSEQUENCES) == set(Verdict) == {row.verdict for row in TABLE}


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (NoReply(Failure.TIMED_OUT), "timed_out"),
        (problem("does-not-open"), "does-not-open"),
        (Reply(422, explained=True, problem="/problems/陳大文"), "http-422"),
        (Reply(503), "http-503"),
    ],
)
def test_what_went_wrong_has_a_short_name_that_is_ours(reply: Reply | NoReply, word: str) -> None:
    assert code(reply) == word


def test_the_page_is_made_from_the_table() -> None:
    docs = Path(__file__).parents[2] / "docs"
    text = _module(docs / "outcomes.py").page()
    assert (docs / "reference" / "outcomes.md").read_text(encoding="utf-8") == text, "run `make docs`"
    assert all(f"| {words} | `{verdict}` |" in text for words, verdict, _ in as_rows())


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_outcomes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_status_and_failure_has_a_verdict_and_only_a_receipt_acknowledges() -> None:
    for status in range(100, 600):
        for explained in (False, True):
            assert decide(Reply(status, explained=explained)).verdict is not Verdict.ACKNOWLEDGED
    for failure in Failure:
        assert decide(NoReply(failure)).verdict is not Verdict.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("refusals", "since_first_s", "quarantine"),
    [
        (1, 0, False),
        (2, 100_000, False),
        (3, 3599, False),
        (3, 3600, True),
        (9, 60, False),
        (11, 0, False),
        (12, 0, True),
    ],
)
def test_quarantine_needs_three_refusals_over_an_hour(
    refusals: int, since_first_s: int, quarantine: bool
) -> None:
    assert belongs_in_quarantine(refusals, since_first_s) is quarantine
