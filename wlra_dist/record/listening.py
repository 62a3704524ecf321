"""A recorded game heard again: the coordinator alone, from the transcript and the public record.

The protocol is the very function that was played, on a wire that hosts nobody but the coordinator. So what it makes of
the transcript is proof that no word of A went unsaid, and the receiver's row of each message comes with it, counted
anew.
"""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from wlra_dist.codecs.base.bits import DecodeError
from wlra_dist.errors import InputError, VerificationError
from wlra_dist.game import Game, Witness
from wlra_dist.game.book import Booked
from wlra_dist.game.frame import split
from wlra_dist.game.replayed import Replayed
from wlra_dist.instances import Instance
from wlra_dist.linalg.digests import Absorbed
from wlra_dist.playing.deal import deal
from wlra_dist.playing.parties import converse, parties, terms
from wlra_dist.playing.settlement import Account
from wlra_dist.record.read import Recorded
from wlra_dist.record.run_files import own_file
from wlra_dist.record.write import TRANSCRIPT
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.world.blas import fix_blas_threads

HOSTILE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, MemoryError, RuntimeError)
"""What numpy and scipy raise where a public record was changed into one that nobody can have played with."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """What the coordinator made of a transcript.

    Attributes:
        instance: what was public of the input.
        account: its row of every message, and the frames.
        public_coins: the seeds of the coins that all parties saw, by label.
        solution: the output.
        factors: SHA-256 of all that was decoded: columns, coefficients, scales, before anything is computed of them.
        otherwise: the messages in which the coordinator says something else than it did, rounding otherwise.
    """

    instance: Instance
    account: Account
    public_coins: dict[str, int]
    solution: ReweightedSolution
    factors: str
    otherwise: list[int]


def frames_of(run: Recorded) -> list[bytes]:
    """The frames of transcript.bin; VerificationError at the first that is damaged or not in its place."""
    frames: list[bytes] = []
    try:
        with _mapped(own_file(run.directory, TRANSCRIPT)) as data:
            for frame, sealed in split(data):
                if frame.step != len(frames):
                    raise DecodeError(f"message {frame.step} stands where message {len(frames)} was due")
                frames.append(sealed)
    except DecodeError as error:
        raise VerificationError(f"{TRANSCRIPT}, after {len(frames)} whole messages: {error}") from error
    return frames


def listen(run: Recorded, frames: list[bytes], *, strict: bool = True) -> Decoded:
    """Plays the protocol with a coordinator who hears these frames; VerificationError where it cannot be played.

    With `strict`, also where the coordinator does not say what it said, bit for bit.
    """
    fix_blas_threads(run.scenario.game.threads)
    instance = run.public_instance()
    servers, coordinator = parties(run.scenario)
    wire, decoded = Replayed(coordinator, frames, strict=strict), Absorbed()
    options = run.scenario.game
    game = Game(
        wire,
        seed=options.seed,
        coins=options.coins,
        witness=Witness(hears=lambda *message: decoded.absorb(message[-1])),
    )
    with _believed(wire):
        hands = deal(run.claims.input.d, run.scenario.game)
        W = hands.weights(instance.weights)
        A = game.deal(servers, lambda i: instance.block(hands.columns[i]))
        output, _ = converse(run.scenario, game, servers, coordinator, A, W, terms(run.scenario, instance))
        solution = game.output(output)
        game.finish()
    assert solution is not None, "the coordinator is played here"
    account = Account(Booked.together([game.ledger.received.rows(), game.ledger.sent.rows()], {}), frames, [])
    solution = replace(solution, order=hands.order)
    return Decoded(instance, account, game.public_coins, solution, decoded.digest, wire.otherwise)


@contextmanager
def _mapped(path: Path) -> Iterator[bytes | mmap.mmap]:
    """The bytes of a file, read where they are looked at."""
    try:
        with path.open("rb") as file:
            if not path.stat().st_size:
                yield b""
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield data
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


@contextmanager
def _believed(wire: Replayed) -> Iterator[None]:
    """What is wrong with the evidence is a VerificationError that names the message."""
    try:
        yield
    except DecodeError as error:
        raise VerificationError(f"message {wire.step} cannot be read with this public record: {error}") from error
    except InputError as error:
        raise VerificationError(f"the public record cannot be played: {error}") from error
    except HOSTILE as error:
        kind = type(error).__name__
        why = f"at message {wire.step}, {kind}: {error}"
        raise VerificationError(f"the public record cannot be played with this transcript ({why})") from error
