"""A run replayed: the coordinator alone hears the transcript again, and must end up with the same solution.

Only the transcript and the public record are used: the protocol is the very function that was played, on a wire that
hosts nobody but the coordinator. That it gives the solution, bit for bit, is the proof that no word of A went
unsaid. The receiver's row of each message comes with it, counted anew.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from wlra_dist.cast import converse, parties, terms
from wlra_dist.codecs import DecodeError
from wlra_dist.deal import deal
from wlra_dist.differences import Difference, differences_between
from wlra_dist.errors import InputError, VerificationError
from wlra_dist.fingerprint import differing, fingerprint
from wlra_dist.game import Game
from wlra_dist.game.blas import fix_blas_threads
from wlra_dist.game.frame import split
from wlra_dist.game.replayed import Replayed
from wlra_dist.game.settlement import Account
from wlra_dist.instances import Instance
from wlra_dist.record import SOLUTION, TRANSCRIPT
from wlra_dist.recorded import Recorded, read_run
from wlra_dist.report.arrays_file import digests, read_arrays
from wlra_dist.report.solution_file import write_solution
from wlra_dist.reweighted import ReweightedSolution

HOSTILE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, MemoryError, RuntimeError)
"""What numpy and scipy raise where a public record was changed into one that nobody can have played with."""


@dataclass(frozen=True, eq=False)
class Heard:
    """What the coordinator made of a transcript.

    Attributes:
        instance: what was public of the input.
        account: its row of every message, and the frames.
        public_coins: the seeds of the coins that all parties saw, by label.
        solution: the output.
    """

    instance: Instance
    account: Account
    public_coins: dict[str, int]
    solution: ReweightedSolution


@dataclass(frozen=True, eq=False)
class Verdict:
    """A replayed solution beside the recorded one; `differences` by array, empty if they are the same bit for bit."""

    heard: Heard
    differences: dict[str, Difference]
    sentence: str

    @property
    def same(self) -> bool:
        return not self.differences


def replay(directory: Path, data: Path | None = None) -> Verdict:
    """Plays the coordinator of a recorded run again, and compares.

    Args:
        directory: of the run.
        data: where W's file is now, if W is in one and it was moved.

    Raises:
        InputError: no such run, or W's file is not there.
        VerificationError: the record, W or the transcript was damaged or changed, or they do not fit each other.
    """
    run = read_run(directory, data)
    return compared(run, listen(run, frames_of(run)))


def frames_of(run: Recorded) -> list[bytes]:
    """The frames of transcript.bin; VerificationError at the first that is damaged or not in its place."""
    frames: list[bytes] = []
    try:
        data = (run.directory / TRANSCRIPT).read_bytes()
    except OSError as error:
        raise InputError(f"{run.directory / TRANSCRIPT} cannot be read: {error.strerror}") from error
    try:
        for frame, sealed in split(data):
            if frame.step != len(frames):
                raise DecodeError(f"message {frame.step} stands where message {len(frames)} was due")
            frames.append(sealed)
    except DecodeError as error:
        raise VerificationError(f"{TRANSCRIPT}, after {len(frames)} whole messages: {error}") from error
    return frames


def listen(run: Recorded, frames: list[bytes]) -> Heard:
    """Plays the protocol with a coordinator who hears these frames; VerificationError where it cannot be played."""
    fix_blas_threads(run.scenario.game.threads)
    instance = run.public_instance()
    servers, coordinator = parties(run.scenario)
    wire = Replayed(coordinator, frames)
    game = Game(wire, seed=run.scenario.game.seed, coins=run.scenario.game.coins)
    with _believed(wire):
        hands = deal(run.claims.input.d, run.scenario.game)
        W = hands.weights(instance.weights)
        A = game.deal(servers, lambda i: instance.block(hands.columns[i]))
        output, _ = converse(run.scenario, game, servers, coordinator, A, W, terms(run.scenario, instance))
        solution = game.output(output)
        game.finish()
    assert solution is not None, "the coordinator is played here"
    rows = game.ledger.received | game.ledger.sent
    account = Account([rows[step] for step in sorted(rows)], frames, [])
    return Heard(instance, account, game.public_coins, replace(solution, order=hands.order))


def compared(run: Recorded, heard: Heard) -> Verdict:
    """The solution that was heard beside solution.npz.

    Raises:
        InputError: solution.npz is not there.
        VerificationError: it is damaged.
    """
    stored, again = read_arrays(run.directory / SOLUTION), solution_arrays(heard.solution)
    differences = differences_between(again, stored)
    if not differences:
        return Verdict(heard, {}, f"{TRANSCRIPT}, without A, gives {SOLUTION} bit for bit, all {len(stored)} arrays")
    name, first = next(iter(differences.items()))
    return Verdict(heard, differences, f"{_cause(run, stored)}: {name} {first.words}")


def solution_arrays(solution: ReweightedSolution) -> dict[str, np.ndarray]:
    """The arrays of a solution as its file holds them."""
    with TemporaryDirectory() as place:
        path = Path(place) / SOLUTION
        write_solution(solution, path)
        return read_arrays(path)


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


def _cause(run: Recorded, stored: Mapping[str, np.ndarray]) -> str:
    """Which of file, machine and transcript a difference is laid to."""
    if digests(stored) != run.claims.solution:
        return f"{SOLUTION} was changed after the run; replayed beside stored"
    here = fingerprint()
    if other := differing(run.claims.fingerprint, here):
        parts = ", ".join(f"{name} {run.claims.fingerprint.get(name)} then, {here.get(name)} now" for name in other)
        return f"same messages, other arithmetic ({parts}); replayed beside stored"
    return f"the transcript does not give {SOLUTION}; replayed beside stored"


def facts(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON values."""
    from wlra_dist.report.summary import plain

    account = verdict.heard.account
    return plain(
        {
            "same": verdict.same,
            "sentence": verdict.sentence,
            "messages": len(account.frames),
            "bits": sum(entry.bits for entry in account.entries),
            "digest": account.digest,
            "differences": {name: vars(difference) for name, difference in verdict.differences.items()},
        }
    )
