"""A played visitor's lists: as many members as there are answers, or as the script says; then removals."""

import pytest

from kiosk.played.membership import Membership

ANSWERS: dict[str, object] = {
    "transactions[0].amount": "1",
    "transactions[1].amount": "2",
    "witnesses[0].name": "x",
    "items": [],
}


def grown(membership: Membership, page: str, group: str, start: int = 0) -> int:
    """How many members a list has when the visitor goes on."""
    rows = [f"{group}[{n}]" for n in range(start)]
    while membership.is_to_add(page, rows):
        rows.append(f"{group}[{len(rows)}]")
        assert len(rows) < 10
    return len(rows)


@pytest.mark.parametrize("start", [0, 1])
def test_as_many_as_there_are_answers_for(start: int) -> None:
    assert grown(Membership([], [], ANSWERS), "list a", "transactions", start) == 2


def test_an_empty_list_without_answers_stays_empty() -> None:
    assert grown(Membership([], [], {"items": []}), "list a", "parties") == 0


def test_the_script_has_the_last_word_in_the_order_of_the_lists() -> None:
    membership = Membership([1, 0], [], ANSWERS)
    assert grown(membership, "list a", "transactions") == 1
    assert grown(membership, "list b", "witnesses") == 0
    assert grown(membership, "list a", "transactions", 1) == 1


@pytest.mark.parametrize("counts", [[], [2]])
def test_what_was_removed_is_not_added_again(counts: list[int]) -> None:
    membership = Membership(counts, ["transactions[0]", "nobody[0]"], ANSWERS)
    rows = ["transactions[0]", "transactions[1]"]
    assert not membership.is_to_add("list a", rows)
    assert membership.next_removal("list a", rows) == "transactions[0]"
    assert membership.next_removal("list a", rows[1:]) == ""
    assert not membership.is_to_add("list a", rows[1:])
