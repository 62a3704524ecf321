"""The ledger: two books of every message, which must agree in every figure."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.errors import Exit, VerificationError
from wlra_dist.game import Entry, Ledger
from wlra_dist.game.ledger import bits_by, bits_by_part, charged, rounds

ENTRY = Entry(
    step=0,
    round=1,
    sender="Carol",
    receiver="Bob",
    label="X",
    copy=0,
    parts={"header": 3, "values": 70},
    numbers=5,
    checksum=99,
)


def books(count: int) -> Ledger:
    rows = {step: replace(ENTRY, step=step) for step in range(count)}
    return Ledger(dict(rows), dict(rows))


@pytest.mark.parametrize(
    "change",
    [
        {"parts": {"header": 3, "values": 69}},
        {"parts": {"header": 3, "valves": 70}},
        {"parts": {"header": 73}},
        {"numbers": 6},
        {"checksum": 98},
        {"receiver": "Dave"},
        {"sender": "Dave"},
        {"label": "Y"},
        {"round": 2},
        {"copy": 1},
    ],
)
@pytest.mark.parametrize("side", ["sent", "received"])
def test_any_figure_that_differs_between_the_books_is_noticed(change: dict, side: str):
    ledger = books(3)
    rows = getattr(ledger, side)
    rows[1] = replace(rows[1], **change)
    with pytest.raises(VerificationError, match="message 1") as caught:
        ledger.settle()
    assert caught.value.exit_code == Exit.VERIFICATION


@pytest.mark.parametrize("side", ["sent", "received"])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_message_in_one_book_only_is_noticed(side: str, step: int):
    ledger = books(3)
    del getattr(ledger, side)[step]
    with pytest.raises(VerificationError, match=f"message {step}"):
        ledger.settle()


@pytest.mark.parametrize("step", [0, 1])
def test_a_message_that_both_forgot_is_noticed_by_its_number(step: int):
    ledger = books(3)
    del ledger.sent[step], ledger.received[step]
    with pytest.raises(VerificationError, match="misses"):
        ledger.settle()


@given(st.permutations(range(6)), st.lists(st.integers(0, 2), min_size=12, max_size=12))
def test_books_of_several_processes_merge_to_one(order: list[int], owners: list[int]):
    parts = [Ledger.empty() for _ in range(3)]
    for step in order:
        entry = replace(ENTRY, step=step)
        parts[owners[2 * step]].sent[step] = entry
        parts[owners[2 * step + 1]].received[step] = entry
    whole = Ledger.empty()
    whole.merge(parts)
    assert [entry.step for entry in whole.settle()] == list(range(6))


def test_bits_are_the_sum_of_the_parts_and_travel_in_whole_bytes():
    assert ENTRY.bits == 73
    assert ENTRY.wire_bytes == 32 + 10


def test_totals_by_attribute_add_up():
    entries = [
        replace(ENTRY, step=0, parts={"a": 1}),
        replace(ENTRY, step=1, parts={"a": 2, "b": 4}, label="Y", copy=1),
        replace(ENTRY, step=2, parts={"b": 8}, sender="Dave", round=2),
    ]
    assert bits_by(entries, "label") == {"X": 9, "Y": 6}
    assert bits_by(entries, "sender") == {"Carol": 7, "Dave": 8}
    assert bits_by(entries, "round") == {"1": 7, "2": 8}
    assert bits_by_part(entries) == {"a": 3, "b": 12}
    assert charged(entries, "message-passing") == entries
    assert charged(entries, "blackboard") == [entries[0], entries[2]]
    assert rounds(entries) == 2
