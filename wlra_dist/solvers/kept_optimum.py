"""An enclosed optimum in a file, and the file checked: both ends again, from A, W and what it holds, in one evaluation.

Any multipliers prove something. So R_l is kept in 16 bits times a power of two where that costs next to nothing of the
bound, else in more; what the file proves is what comes out of it.
"""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.optima.enclosure import Enclosure, End, guarded_loss, nothing_known
from wlra_dist.optima.guarded import guarded_bound
from wlra_dist.optima.packed import packed_terms, unpacked_multipliers, unpacked_terms
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.enclosing import Asked, Optimum

FORMAT = 1  # goes up with whatever changes the file

LOST = 1e-7
"""At most this share of the bound may be lost to fewer bits."""

LARGEST = 14
"""The power of two that the largest entry of an R_l is brought to, near the largest of 16 bits."""


def keep(found: Optimum, A: Any, W: Any, path: Path) -> Enclosure:
    """Writes the file, and returns what it proves; the lower end is 0 where no minorant proves more."""
    asked = Asked.of(A, W, found.k)
    terms, multipliers = (found.proof.terms, found.proof.multipliers) if found.proof else ([], [])
    arrays = {
        "format": np.array(FORMAT), "k": np.array(found.k), "U": found.solution.U, "V": found.solution.V,
    } | packed_terms(terms)  # fmt: skip
    powers = np.array([int(np.frexp(np.abs(R).max(initial=0.0))[1]) - LARGEST for R in multipliers], dtype=np.int64)
    scaled = [np.ldexp(R, -power).ravel() for R, power in zip(multipliers, powers, strict=True)]
    due = (1 - LOST) * found.proof.bound if found.proof else 0.0
    for kind in (np.float16, np.float32, np.float64):
        arrays |= {"powers": powers, "R": np.concatenate([np.zeros(0), *scaled]).astype(kind)}
        if _lower(asked, arrays) >= due:
            break
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    return _enclosure(asked, arrays)


def check(path: Path, A: Any, W: Any) -> tuple[int, Enclosure]:
    """The rank that the file is about, and what it proves of A and W; InputError where it is no such file for them."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: np.array(stored[name]) for name in stored.files}
        if int(arrays["format"]) != FORMAT:
            raise InputError(f"{path}: expected format {FORMAT}, found {int(arrays['format'])}")
        asked = Asked.of(A, W, int(arrays["k"]))
        return asked.k, _enclosure(asked, arrays)
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path}: expected what `wlra-dist optimum --keep` wrote for this A and W, found otherwise ({error})"
        ) from error


def _enclosure(asked: Asked, arrays: dict[str, np.ndarray]) -> Enclosure:
    """Both ends as the arrays prove them."""
    X = asked.gathered(LowRank(arrays["U"].astype(float), arrays["V"].astype(float)))
    if X.V.shape[0] > asked.k and asked.k < min(asked.core.A.shape):
        raise ValueError(f"the solution is of rank {X.V.shape[0]}, not {asked.k}")
    upper = guarded_loss(asked.core.A, asked.core.squares, X.U, X.V)
    known = nothing_known(asked.core.noise).lowered(End(upper, "the solution in the file"))
    return asked.whole(known.raised(End(_lower(asked, arrays), "the multipliers in the file")))


def _lower(asked: Asked, arrays: dict[str, np.ndarray]) -> float:
    """The bound on the core's optimum, whatever the arrays hold."""
    terms = unpacked_terms(arrays)
    scaled = unpacked_multipliers(arrays["R"].astype(float), terms)
    multipliers = [np.ldexp(R, int(power)) for R, power in zip(scaled, arrays["powers"].tolist(), strict=True)]
    if not all(np.isfinite(R).all() for R in multipliers):
        raise ValueError("a number is not finite")
    return guarded_bound(asked.core.A, asked.core.squares, asked.k, terms, multipliers)
