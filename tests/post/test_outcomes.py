"""The outcome table: every row, and no reply without a row."""

import pytest

from kiosk.post.outcomes import Action, Failure, NoReply, Reply, Verdict, belongs_in_quarantine, decide
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
