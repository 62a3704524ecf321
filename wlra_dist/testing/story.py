"""What is to be told of a game, from one process: its messages, its public arguments, its output."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.relayed import Words
from wlra_dist.game import Entry, Game, Located, Party, Witness
from wlra_dist.game.wires import Loopback, Wire
from wlra_dist.linalg.threads import serial_blas
from wlra_dist.protocols import Protocol
from wlra_dist.testing.apart import ApartError
from wlra_dist.testing.boards import COORDINATOR, Board, servers
from wlra_dist.testing.sums import sum_of
from wlra_dist.weights.reweighted import ReweightedSolution

TAIL = 200
"""Bits that are put after a message, to see whether its code looks at them."""


@dataclass(frozen=True)
class Story:
    """All of it that can be compared with another process's.

    Attributes
    ----------
    steps
        Of each step what it is, and the sums of its public arguments.
    messages
        Who says what to whom, when, and the most bits that it may take.
    rows
        Of the ledger, by label, side and step.
    frames
        That were heard here, by number.
    output
        The sum of the solution, where it is.
    """

    steps: list[tuple[str, dict[str, str]]]
    messages: list[str]
    rows: dict[str, str]
    frames: dict[int, bytes]
    output: str

    def to_json(self) -> bytes:
        """All of it, to be sent to another process."""
        frames = {step: frame.hex() for step, frame in self.frames.items()}
        return json.dumps([self.steps, self.messages, self.rows, frames, self.output]).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Story":
        """The story whose `to_json` this is."""
        steps, messages, rows, frames, output = json.loads(data)
        received = {int(step): bytes.fromhex(frame) for step, frame in frames.items()}
        return cls([(step, public) for step, public in steps], messages, rows, received, output)


@dataclass
class _Onlooker:
    """Looks on (`Witness`): writes the steps down, reads each message again with something else behind it."""

    steps: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def computes(self, party: Party, compute: Callable[..., Any], public: Mapping[str, Any]) -> None:
        inner = compute.func if isinstance(compute, partial) else compute
        bound = compute is not inner or getattr(compute, "__closure__", None)
        caught = {"what its function was made with": compute} if bound else {}
        sums = {name: sum_of(value) for name, value in {**caught, **public}.items()}
        self.steps.append((f"{getattr(inner, '__name__', 'a step')} at {party}", sums))

    def hears(self, entry: Entry, codec: Codec[Any], words: Words, value: Any) -> None:
        due = sum_of(value)
        for tail in (bytes(TAIL // 8), b"\xff" * (TAIL // 8), np.random.default_rng(entry.step).bytes(TAIL // 8)):
            if (fault := _read_with(codec, words, tail, due)) is not None:
                raise ApartError(
                    f"breaks law 4: the code of {entry.label!r} reads beyond its bits: with others behind message "
                    f"{entry.step} it {fault}"
                )


def _read_with(codec: Codec[Any], words: Words, tail: bytes, due: str) -> str | None:
    """What goes wrong if the message is read where another follows."""
    longer = BitWriter()
    longer.packed(words.payload, words.bits)
    longer.packed(tail, TAIL)
    reader = BitReader(longer.payload(), longer.bits)
    try:
        again = codec.read(reader)
    except Exception as error:
        return f"raises {type(error).__name__}: {error}"
    if reader.left != TAIL:
        return f"takes {longer.bits - reader.left} bits, of {words.bits} that were written"
    return None if sum_of(again) == due else "gives another value"


def tell(protocol: Protocol, board: Board, A: np.ndarray, m: int, wire: Wire | None = None) -> Story:
    """Plays the protocol where the wire's parties are: all of them, if none is given."""
    onlooker = _Onlooker()
    game = Game(wire or Loopback(), seed=7, witness=Witness(onlooker.computes, onlooker.hears))
    with serial_blas():
        dealt = game.deal(servers(m), lambda i: board.block(A, m, i))
        found = protocol(game, servers(m), COORDINATOR, dealt, board.weights(m), board.terms)
        output = _output(game, found, board)
        game.finish()
    if wire is None:
        game.ledger.settle()
    messages = [", ".join(f"{name} {value}" for name, value in each._asdict().items()) for each in game.messages]
    sides = {"sent": game.ledger.sent, "received": game.ledger.received}
    booked = [(side, row) for side, book in sides.items() for row in book.rows()]
    rows = {f"{row.label!r}, {side}, step {row.step}": sum_of(asdict(row)) for side, row in booked}
    return Story(onlooker.steps, messages, rows, game.frames, output)


def _output(game: Game, found: Any, board: Board) -> str:
    """The sum of the solution; ApartError if it is none, or not where it is due."""
    if not (isinstance(found, Located) and found.party == COORDINATOR):
        raise ApartError(f"returns {found!r:.60}, where a solution at the coordinator is due")
    solution = game.output(found)
    if solution is None:
        return ""
    if not isinstance(solution, ReweightedSolution) or solution.shape != board.W.shape:
        raise ApartError(f"ends with {solution!r:.60}, where a ReweightedSolution of shape {board.W.shape} is due")
    if not np.isfinite(solution.dense()).all():
        raise ApartError("ends with a solution that is not finite")
    return solution.digest.hex()
