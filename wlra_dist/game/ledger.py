"""The account of a game: one row a message, made by sender and receiver apart.

Rule 1: the sender books what its encoder wrote, the receiver what its decoder consumed; where the ledgers meet,
the two must agree in every figure.
Rule 2: a ledger knows no price. What a broadcast costs is for the reader to say: m times in the message-passing
model, once on a blackboard, where copies after the first are free.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlra_dist.errors import VerificationError
from wlra_dist.game.book import Book, Booked, Entry

Model = Literal["message-passing", "blackboard"]


@dataclass
class Ledger:
    """What the parties of one process said and heard."""

    sent: Book
    received: Book

    @classmethod
    def empty(cls) -> "Ledger":
        words: dict[str, int] = {}
        return cls(Book(words), Book(words))

    def settle(self) -> Booked:
        """All messages in order; VerificationError where sent and received do not agree."""
        return settled(self.sent.rows(), self.received.rows())


def settled(sent: Booked, received: Booked) -> Booked:
    """All messages of a game in order, from what all its processes have booked.

    Raises:
        VerificationError: what a sender booked is not what a receiver did, or a message is missing, or booked twice.
    """
    number: dict[str, int] = {}
    sent, received = (Booked.together([side], number) for side in (sent, received))
    for book in (sent, received):
        steps = book.rows["step"]
        if np.any(twice := steps[1:] == steps[:-1]):
            raise VerificationError(f"message {steps[1:][twice][0]} was booked by two processes")
    if not _same(sent, received):
        raise _difference(sent, received)
    if not np.array_equal(sent.rows["step"], np.arange(len(sent))):
        raise VerificationError("the ledger misses a message")
    return sent


def charged(entries: Iterable[Entry], model: Model) -> Booked:
    """The messages that cost something in the model."""
    rows = Booked.of(entries)
    return rows if model == "message-passing" else rows.take(rows.rows["copy"] == 0)


def bits_by(entries: Iterable[Entry], attribute: Literal["label", "sender", "receiver", "round"]) -> dict[str, int]:
    """Bits by an attribute of the messages."""
    rows = Booked.of(entries)
    totals = _added(rows.rows[attribute], rows.bits)
    return {str(value) if attribute == "round" else rows.words[value]: bits for value, bits in totals.items()}


def bits_by_part(entries: Iterable[Entry]) -> dict[str, int]:
    """Bits by part of the payload."""
    rows = Booked.of(entries)
    return {rows.words[name]: bits for name, bits in _added(rows.parts["name"], rows.parts["bits"]).items()}


def rounds(entries: Iterable[Entry]) -> int:
    """The number of rounds: the greatest causal depth."""
    return int(np.max(Booked.of(entries).rows["round"], initial=0))


def _added(keys: np.ndarray, numbers: np.ndarray) -> dict[int, int]:
    """The numbers added up by their keys, in the order in which keys first occur."""
    found, first, place = np.unique(keys, return_index=True, return_inverse=True)
    totals = np.zeros(len(found), dtype=np.int64)
    np.add.at(totals, place, numbers)
    return {int(found[i]): int(totals[i]) for i in np.argsort(first)}


def _same(sent: Booked, received: Booked) -> bool:
    """Whether two books in the order of their steps say the same, in the same numbers of words."""
    if not np.array_equal(sent.rows, received.rows):
        return False
    return np.array_equal(sent.parts, received.parts) or np.array_equal(_parts(sent), _parts(received))


def _parts(rows: Booked) -> np.ndarray:
    """The parts of each message by their names: they have no order."""
    message = np.repeat(np.arange(len(rows)), rows.rows["parts"])
    return rows.parts[np.lexsort((rows.parts["name"], message))]


def _difference(sent: Booked, received: Booked) -> VerificationError:
    """What the first message says of which the two do not agree."""
    one, other = ({entry.step: entry for entry in side} for side in (sent, received))
    step = min(step for step in one.keys() | other.keys() if one.get(step) != other.get(step))
    return VerificationError(f"message {step}: the sender booked {one.get(step)}, the receiver {other.get(step)}")
