"""A run replayed: the coordinator alone hears the transcript again, and must end up with the same solution.

All that the run claims and that follows from transcript, W and the public record is held to it: solution, ledger's
figures, bounds. What needs A is not: loss, lower bound on OPT, the instance's own checks; an audit computes them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.errors import Exit
from wlra_dist.inputs.brief import brief
from wlra_dist.linalg.digests import digests
from wlra_dist.record.agreement import agree
from wlra_dist.record.differences import Difference, differences_between
from wlra_dist.record.figures import check_figures
from wlra_dist.record.files.arrays import read_arrays
from wlra_dist.record.files.solution import solution_arrays
from wlra_dist.record.listening import Decoded, frames_of, listen
from wlra_dist.record.read import Recorded, read_run
from wlra_dist.record.run_files import own_file
from wlra_dist.record.summary import plain
from wlra_dist.record.write import RECORD, SOLUTION, TRANSCRIPT
from wlra_dist.world.fingerprint import differing, fingerprint

WITHOUT_A = (
    "loss, bound and its terms, ‖W∘A‖², checks, and so the promise: A is not here, `wlra-dist audit` computes them"
)
"""What no replay checks."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """A replayed solution beside the recorded one.

    Attributes
    ----------
    decoded
        What the coordinator made of the transcript.
    differences
        By array; empty if they are the same bit for bit.
    sentence
        What a reader is told.
    checked
        False where solution.npz is missing, so that the record's word alone stands for it.
    """

    decoded: Decoded
    differences: dict[str, Difference]
    sentence: str
    checked: bool = True

    def __repr__(self) -> str:
        return brief(self)

    @property
    def same(self) -> bool:
        """Whether every array is the same, bit for bit."""
        return not self.differences and not self.decoded.otherwise

    @property
    def exit_code(self) -> Exit:
        """What `wlra-dist replay` ends with."""
        if not self.same:
            return Exit.VERIFICATION
        return Exit.OK if self.checked else Exit.NOT_CHECKED


def replay(directory: Path, data: Path | None = None, plugins: Iterable[Path | str] = ()) -> Verdict:
    """Plays the coordinator of a recorded run again, and compares.

    Parameters
    ----------
    directory
        Of the run.
    data
        Where W's file is now, if W is in one and it was moved.
    plugins
        Files, those among them that it was played with.

    Returns
    -------
    Verdict
        Whether the solution is the same bit for bit, and where it is not.

    Raises
    ------
    InputError
        No such run, or W's file or a plugin is not there.
    VerificationError
        The record, W or the transcript was damaged or changed, or they do not fit each other.
    """
    run, decoded = replayed(directory, data, plugins, strict=False)
    return compared(run, decoded)


def replayed(
    directory: Path, data: Path | None = None, plugins: Iterable[Path | str] = (), *, strict: bool = True
) -> tuple[Recorded, Decoded]:
    """A run and what its coordinator hears in it, its figures held to that; raises as `replay`.

    Unless `strict`, a coordinator whose arithmetic is not the recorded one may say something else.
    """
    run = read_run(directory, data, plugins)
    alike = not differing(run.claims.fingerprint, fingerprint())
    decoded = listen(run, frames_of(run), strict=strict or alike)
    check_figures(run, decoded)
    return run, decoded


def compared(run: Recorded, decoded: Decoded) -> Verdict:
    """The solution that was heard beside solution.npz; VerificationError where that is damaged."""
    again = solution_arrays(decoded.solution)
    if SOLUTION in run.missing:
        agree(f"{RECORD}: solution", run.claims.solution, digests(again))
        return Verdict(decoded, {}, f"{TRANSCRIPT} gives what {RECORD} says of {SOLUTION}, which is not here", False)
    stored = read_arrays(own_file(run.directory, SOLUTION))
    differences = differences_between(again, stored)
    if differences:
        name, first = next(iter(differences.items()))
        return Verdict(decoded, differences, f"{_cause(run, stored)}: {name} {first.words}")
    if decoded.otherwise:
        step = decoded.otherwise[0]
        return Verdict(decoded, {}, f"{_cause(run, stored)}: message {step}, the coordinator's, is another")
    agree(f"{RECORD}: solution", run.claims.solution, digests(again))
    return Verdict(decoded, {}, f"{TRANSCRIPT}, without A, gives {SOLUTION} bit for bit, all {len(stored)} arrays")


def _cause(run: Recorded, stored: Mapping[str, np.ndarray]) -> str:
    """What a difference is laid to: the file, or the transcript, or another machine if the record speaks of one."""
    if digests(stored) != run.claims.solution:
        return f"{SOLUTION} was changed after the run; replayed beside stored"
    here = fingerprint()
    if other := differing(run.claims.fingerprint, here):
        parts = ", ".join(f"{name} {run.claims.fingerprint.get(name)} then, {here.get(name)} now" for name in other)
        return f"same messages, other arithmetic ({parts}); replayed beside stored"
    return f"the transcript does not give {SOLUTION}; replayed beside stored"


def facts(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON values."""
    account = verdict.decoded.account
    return plain(
        {
            "same": verdict.same,
            "sentence": verdict.sentence,
            "checked": verdict.checked,
            "not_checked": WITHOUT_A,
            "messages": len(account.frames),
            "bits": int(account.entries.bits.sum()),
            "digest": account.digest,
            "factors": verdict.decoded.factors,
            "differences": {name: vars(difference) for name, difference in verdict.differences.items()},
        }
    )
