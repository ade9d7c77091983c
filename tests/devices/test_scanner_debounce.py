"""A code held before the scanner is one code; nothing says which."""

import threading

from devices.scanner.debounce import MOST_PER_S, SAME_AGAIN_S, Debounce


def test_500_times_a_second_is_once_however_long():
    debounce = Debounce()
    assert [number for number in range(5000) if debounce.is_new(b"A", number / 500)] == [0]


def test_taken_away_and_shown_again_counts():
    debounce = Debounce()
    assert [debounce.is_new(b"A", now) for now in (0.0, SAME_AGAIN_S, 2 * SAME_AGAIN_S + 0.1)] == [
        True,
        False,
        True,
    ]


def test_two_codes_in_sight_are_two_codes_not_a_flood():
    debounce = Debounce()
    new = [
        number for number in range(1000) if debounce.is_new(b"AB"[number % 2 : number % 2 + 1], number / 500)
    ]
    assert new == [0, 1]


def test_more_than_a_person_can_show_is_thinned():
    debounce = Debounce()
    assert sum(debounce.is_new(b"%d" % number, number / 1000) for number in range(2000)) == 2 * MOST_PER_S


def test_forgotten_it_is_new_again():
    debounce = Debounce()
    debounce.is_new(b"A", 0.0)
    debounce.forget()
    assert debounce.is_new(b"A", 0.1)


def test_it_keeps_neither_what_was_scanned_nor_more_than_a_little():
    debounce = Debounce()
    for number in range(1000):
        debounce.is_new(b"A123456-%d" % number, float(number))
    assert b"A123456" not in repr(vars(debounce)).encode()
    assert len(debounce._seen) <= 32


def test_forgotten_by_another_thread_at_any_moment():
    debounce = Debounce()
    over = threading.Event()

    def forget() -> None:
        while not over.is_set():
            debounce.forget()

    other = threading.Thread(target=forget)
    other.start()
    for number in range(20_000):
        debounce.is_new(b"%d" % number, float(number))
    over.set()
    other.join()
