"""The ledger: two books of every message, which must agree in every figure."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.errors import Exit, VerificationError
from wlra_dist.game import Entry
from wlra_dist.game.book import Book, Booked
from wlra_dist.game.ledger import bits_by, bits_by_part, charged, rounds, settled

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


ROWS = [replace(ENTRY, step=step) for step in range(3)]


def settled_books(**sides: list[Entry]) -> list[Entry]:
    books = {"sent": ROWS, "received": ROWS} | sides
    return list(settled(Booked.of(books["sent"]), Booked.of(books["received"])))


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
    with pytest.raises(VerificationError, match="message 1") as caught:
        settled_books(**{side: [ROWS[0], replace(ROWS[1], **change), ROWS[2]]})
    assert caught.value.exit_code == Exit.VERIFICATION


@pytest.mark.parametrize("side", ["sent", "received"])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_message_in_one_book_only_is_noticed(side: str, step: int):
    with pytest.raises(VerificationError, match=f"message {step}"):
        settled_books(**{side: [entry for entry in ROWS if entry.step != step]})


@pytest.mark.parametrize("step", [0, 1])
def test_a_message_that_both_forgot_is_noticed_by_its_number(step: int):
    left = [entry for entry in ROWS if entry.step != step]
    with pytest.raises(VerificationError, match="misses"):
        settled_books(sent=left, received=left)


def test_a_message_that_two_processes_booked_is_noticed():
    with pytest.raises(VerificationError, match="message 1 was booked by two"):
        settled(Booked.together([Booked.of(ROWS), Booked.of(ROWS[1:2])], {}), Booked.of(ROWS))


def test_parts_have_no_order():
    turned = replace(ROWS[1], parts=dict(reversed(ROWS[1].parts.items())))
    assert settled_books(received=[ROWS[0], turned, ROWS[2]]) == ROWS


TEXT = st.text(max_size=3)
COUNT = st.integers(0, 2**31 - 1)
ENTRIES = st.lists(
    st.builds(
        Entry, step=COUNT, round=COUNT, sender=TEXT, receiver=TEXT, label=TEXT, copy=COUNT,
        parts=st.dictionaries(TEXT, st.integers(0, 2**40), max_size=3), numbers=st.integers(0, 2**40),
        checksum=st.integers(0, 2**32 - 1),
    ),
    max_size=6,
)  # fmt: skip


@given(ENTRIES, st.data())
def test_rows_are_their_messages_also_as_bytes_and_in_part(entries: list[Entry], data: st.DataObject):
    rows = Booked.of(entries)
    assert list(rows) == list(Booked.from_bytes(rows.to_bytes())) == entries
    assert rows.bits.tolist() == [entry.bits for entry in entries]
    assert rows.wire_bytes.tolist() == [entry.wire_bytes for entry in entries]
    start, stop = sorted(data.draw(st.tuples(st.integers(0, 6), st.integers(0, 6))))
    assert list(rows[start:stop]) == entries[start:stop]


@given(st.permutations(range(6)), st.lists(st.integers(0, 2), min_size=12, max_size=12))
def test_books_of_several_processes_merge_to_one(order: list[int], owners: list[int]):
    sent, received = ([Book() for _ in range(3)] for _ in range(2))
    for step in order:
        sent[owners[2 * step]].append(replace(ENTRY, step=step, label=f"X_{step % 2}"))
        received[owners[2 * step + 1]].append(replace(ENTRY, step=step, label=f"X_{step % 2}"))
    whole = settled(*(Booked.together([book.rows() for book in side], {}) for side in (sent, received)))
    assert [(entry.step, entry.label) for entry in whole] == [(step, f"X_{step % 2}") for step in range(6)]


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
