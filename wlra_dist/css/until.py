"""Selection until the true residual says so: every selector's proposals, checked and carried on.

Sketches are rough and Gram matrices blind below 1e-13·‖B‖², so no selector is believed. Its columns are
accepted in doubling batches (the total work is at most twice that of the last check); when they run out, it
goes on upon the explicit remainder E = B − QQᵀB, which shows in full relative precision what is still
missing.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.css.selection import Selection, Selector, Stop
from wlra_dist.linalg.basis import extend_basis, project_out, residual_energies, surely_independent
from wlra_dist.linalg.blocks import column_energies, dense_columns, inner, roundoff, shape_of
from wlra_dist.weights import Matrix

FIRST_BATCH = 64

REMAINDER = 2**24
"""Entries of the explicit remainder (128 MiB): where E is larger, only its longest columns are formed."""


@dataclass(frozen=True)
class _Chosen:
    """The columns accepted so far, and the orthonormal basis of their span in the same order."""

    columns: np.ndarray
    Q: np.ndarray

    def __len__(self) -> int:
        return len(self.columns)


def select(selector: Selector, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
    """The columns of B (n×d) by `selector` that meet `stop`, measured on B itself.

    They are linearly independent, in the order chosen, and the fewest of that order which meet the target.
    Ends also when what is left is `roundoff_energy(B)` or when no remaining column adds to the span.
    """
    proposal = selector(B, Stop(stop.limit(B), stop.residual), rng).columns
    if stop.residual is None and len(proposal) == stop.limit(B) and surely_independent(B[:, proposal]):
        return Selection(proposal)
    residuals = column_energies(B)
    target = max(stop.residual or 0.0, roundoff(B.dtype, max(shape_of(B))) ** 2 * float(residuals.sum()))
    chosen = _Chosen(np.empty(0, dtype=np.int64), np.empty((shape_of(B)[0], 0)))
    while residuals.sum() > target and len(chosen) < stop.limit(B):
        if len(chosen):
            proposal = _propose_more(selector, B, chosen, residuals, stop, rng)
        before = len(chosen)
        chosen, residuals = _accept(B, chosen, proposal, residuals, target, stop)
        if len(chosen) == before:
            break
    return Selection(chosen.columns)


def _propose_more(
    selector: Selector,
    B: Matrix,
    chosen: _Chosen,
    residuals: np.ndarray,
    stop: Stop,
    rng: np.random.Generator,
) -> np.ndarray:
    """The selector's columns of the remainder."""
    panel = _longest_remainders(B, residuals)
    elsewhere = residuals.sum() - residuals[panel].sum()
    target = None if stop.residual is None else max(0.0, stop.residual - float(elsewhere))
    E = project_out(dense_columns(B, panel), chosen.Q)
    return panel[selector(E, Stop(stop.limit(B) - len(chosen), target), rng).columns]


def _longest_remainders(B: Matrix, residuals: np.ndarray) -> np.ndarray:
    """The columns with the most energy left, as many as E may have; none whose remainder is its own noise."""
    n = shape_of(B)[0]
    shown = np.flatnonzero(residuals > roundoff(B.dtype, n) ** 2 * column_energies(B))
    longest = np.argsort(-residuals[shown], kind="stable")[: max(1, REMAINDER // n)]
    return np.sort(shown[longest])


def _accept(
    B: Matrix, chosen: _Chosen, proposal: np.ndarray, residuals: np.ndarray, target: float, stop: Stop
) -> tuple[_Chosen, np.ndarray]:
    """`chosen` with the first proposed columns that meet the target, or all of them; and what is left."""
    while len(proposal) and len(chosen) < stop.limit(B):
        room = stop.limit(B) - len(chosen)
        width = room if stop.residual is None else min(room, max(FIRST_BATCH, len(chosen)))
        batch, proposal = proposal[:width], proposal[width:]
        Q, kept = extend_basis(chosen.Q, B[:, batch])
        longer = _Chosen(np.append(chosen.columns, batch[kept]), np.hstack([chosen.Q, Q]))
        if stop.residual is None and len(longer) == stop.limit(B):
            return longer, residuals  # the count is met: what is left does not matter
        residuals = residual_energies(B, longer.Q)
        if residuals.sum() <= target:
            return _shorten(longer, B, Q, float(residuals.sum()), target), residuals
        chosen = longer
    return chosen, residuals


def _shorten(chosen: _Chosen, B: Matrix, last: np.ndarray, residual: float, target: float) -> _Chosen:
    """Without the final columns that the target can spare; `last` is the part of Q that may be cut.

    Without q_i … q_c the residual is larger by Σ ‖q_lᵀB‖²: a sum of squares, in which nothing cancels.
    """
    given_back = np.cumsum(np.square(inner(last, B)).sum(axis=1)[::-1])
    spared = int(np.searchsorted(residual + given_back, target, side="right"))
    length = len(chosen) - spared
    return _Chosen(chosen.columns[:length], chosen.Q[:, :length])
