"""The account of a game: one row a message, made by sender and receiver apart.

Rule 1: the sender books what its encoder wrote, the receiver what its decoder consumed; where the ledgers meet,
the two must agree in every figure.
Rule 2: a ledger knows no price. What a broadcast costs is for the reader to say: m times in the message-passing
model, once on a blackboard, where copies after the first are free.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.errors import VerificationError
from wlra_dist.game.frame import HEADER_BYTES, checksum

Model = Literal["message-passing", "blackboard"]


@dataclass(frozen=True)
class Entry:
    """One message.

    Attributes:
        step: its place in the order of the protocol.
        round: its causal depth: 1 + the longest chain of messages that it depends on.
        label: the paper's symbol for what is said.
        copy: 0, or the number of parties that got the same words before in one broadcast.
        parts: bits of each part of the payload.
        numbers: the numbers that the theorem counts for it.
        checksum: CRC-32C of the payload.
    """

    step: int
    round: int
    sender: str
    receiver: str
    label: str
    copy: int
    parts: dict[str, int]
    numbers: int
    checksum: int

    @property
    def bits(self) -> int:
        return sum(self.parts.values())

    @property
    def wire_bytes(self) -> int:
        return HEADER_BYTES + -(-self.bits // 8)


@dataclass
class Ledger:
    """What the parties of one process said and heard."""

    sent: dict[int, Entry]
    received: dict[int, Entry]

    @classmethod
    def empty(cls) -> "Ledger":
        return cls({}, {})

    def book_sent(self, entry: Entry, written: BitWriter, frame: bytes) -> None:
        """The sender's row: who and when are public, the figures are those of its encoder."""
        self.sent[entry.step] = _figured(entry, written.parts, written.numbers, frame)

    def book_received(self, entry: Entry, read: BitReader, frame: bytes) -> None:
        """The receiver's row, with the figures of its decoder."""
        self.received[entry.step] = _figured(entry, read.parts, read.numbers, frame)

    def merge(self, others: Iterable["Ledger"]) -> None:
        """Takes in the books of other processes."""
        for other in others:
            for mine, theirs in ((self.sent, other.sent), (self.received, other.received)):
                if twice := mine.keys() & theirs.keys():
                    raise VerificationError(f"message {min(twice)} was booked by two processes")
                mine |= theirs

    def settle(self) -> "list[Entry]":
        """All messages in order; VerificationError where sent and received do not agree."""
        for step in sorted(self.sent.keys() | self.received.keys()):
            sent, received = self.sent.get(step), self.received.get(step)
            if sent != received:
                raise VerificationError(f"message {step}: the sender booked {sent}, the receiver {received}")
        entries = [self.sent[step] for step in sorted(self.sent)]
        if [entry.step for entry in entries] != list(range(len(entries))):
            raise VerificationError("the ledger misses a message")
        return entries


def charged(entries: Iterable[Entry], model: Model) -> list[Entry]:
    """The messages that cost something in the model."""
    return [entry for entry in entries if model == "message-passing" or entry.copy == 0]


def bits_by(entries: Iterable[Entry], attribute: Literal["label", "sender", "receiver", "round"]) -> dict[str, int]:
    """Bits by an attribute of the messages."""
    totals: Counter[str] = Counter()
    for entry in entries:
        totals[str(getattr(entry, attribute))] += entry.bits
    return dict(totals)


def bits_by_part(entries: Iterable[Entry]) -> dict[str, int]:
    """Bits by part of the payload."""
    totals: Counter[str] = Counter()
    for entry in entries:
        totals.update(entry.parts)
    return dict(totals)


def rounds(entries: Iterable[Entry]) -> int:
    """The number of rounds: the greatest causal depth."""
    return max((entry.round for entry in entries), default=0)


def _figured(entry: Entry, parts: dict[str, int], numbers: int, frame: bytes) -> Entry:
    return replace(entry, parts=parts, numbers=numbers, checksum=checksum(frame))
