"""Selection until the true residual says so: every selector's proposals, checked and carried on.

Sketches are rough and Gram matrices blind below 1e-13·‖B‖², so no selector is believed. Its columns are
accepted in doubling batches (the total work is at most twice that of the last check); when they run out, it
goes on upon the explicit remainder E = B − QQᵀB, which shows in full relative precision what is still
missing.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.css.gram_qr import in_pivoted_order
from wlra_dist.css.selection import Selection, Selector, Stop
from wlra_dist.errors import InputError
from wlra_dist.inputs.given import given_matrix
from wlra_dist.linalg.basis import energies_outside, extend_basis, most_columns, project_out, surely_independent
from wlra_dist.linalg.blocks import column_energies, dense_columns, inner, roundoff, shape_of
from wlra_dist.linalg.gram_remainder import GramRemainder
from wlra_dist.linalg.matrix import Matrix, columns_of, dense, is_sparse
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.linalg.scale import centred, scaled_energy
from wlra_dist.linalg.ties import first_largest

FIRST_BATCH = 64
"""Columns of the first batch where a residual is given; each later one is as large as all before it."""

SMALL = 2**15
"""Entries up to which a sparse block is treated as a dense one: scipy's calls would cost more."""

MODEST = 64
"""Selectors work in float64, and fourth powers of entries are the largest numbers that they form."""

REMAINDER = 2**24
"""Entries of the explicit remainder (128 MiB): where E is larger, only its longest columns are formed."""


class BasisTooLargeError(InputError):
    """More sparse columns are needed than there is space for a dense basis of."""

    @classmethod
    def of(cls, B: Matrix) -> "BasisTooLargeError":
        limit = f"no more than {most_columns(B)} sparse columns of {shape_of(B)[0]} rows to choose"
        hint = "set `columns`, a larger epsilon, or take raw"
        return cls(f"expected {limit}, whose basis is dense, found that more are needed: {hint}")


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The columns accepted so far, the orthonormal basis of their span in the same order, and Y = QᵀB."""

    columns: np.ndarray
    Q: np.ndarray
    Y: np.ndarray

    def __len__(self) -> int:
        return len(self.columns)

    def first(self, length: int) -> "_Chosen":
        return _Chosen(self.columns[:length], self.Q[:, :length], self.Y[:length])

    def residuals(self, B: Matrix, energies: np.ndarray) -> np.ndarray:
        """‖b_j − QQᵀb_j‖² (d); 0 for the columns themselves, which no rounding takes out of their span."""
        return energies_outside(B, self.Q, self.Y, energies, within=self.columns)


def select(selector: Selector, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
    """The columns of B (n×d, of any type of `inputs.given`) by `selector` that meet `stop`, measured on B itself.

    They are linearly independent, in the order chosen, and the fewest of that order which meet the target.
    Ends also when what is left is `roundoff_energy(B)` or when no remaining column adds to the span.

    Raises:
        BasisTooLargeError: they are more sparse columns than `most_columns(B)`; mostly found before a basis is formed.
    """
    B = B if isinstance(B, OnDemand) else given_matrix(B, "B")
    if not stop.limit(B):
        return Selection(np.empty(0, dtype=np.int64))
    if np.prod(shape_of(B)) <= SMALL:
        B = dense(B)
    B, power = centred(B, MODEST)
    if stop.residual is not None:
        stop = Stop(stop.count, scaled_energy(stop.residual, -power))
    most = stop.limit(B) if stop.residual is None else min(stop.limit(B), most_columns(B) + 1)
    proposal = selector(B, Stop(most, stop.residual), rng).columns
    if stop.residual is None and len(proposal) == stop.limit(B) and surely_independent(B[:, proposal]):
        return Selection(proposal)
    energies = column_energies(B)
    residuals, (n, d) = energies, shape_of(B)
    target = max(stop.residual or 0.0, roundoff(B.dtype, max(n, d)) ** 2 * float(energies.sum()))
    if stop.residual is not None and _too_many(B, proposal, target):
        raise BasisTooLargeError.of(B)
    chosen = _Chosen(np.empty(0, dtype=np.int64), np.empty((n, 0)), np.empty((0, d)))
    while residuals.sum() > target and len(chosen) < stop.limit(B):
        if len(chosen):
            proposal = _propose_more(selector, B, chosen, residuals, stop, rng)
        if not len(proposal):  # a sketch may hold the target for met
            proposal = _longest_remainder(B, residuals)
        before = len(chosen)
        chosen, residuals = _accept(B, energies, chosen, proposal, residuals, target, stop)
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


def _longest_remainder(B: Matrix, residuals: np.ndarray) -> np.ndarray:
    """The column with the most energy left; none where that is noise."""
    panel = _longest_remainders(B, residuals)
    return panel[[first_largest(residuals[panel])]] if len(panel) else panel


def _longest_remainders(B: Matrix, residuals: np.ndarray) -> np.ndarray:
    """The columns with the most energy left, as many as E may have; none whose remainder is its own noise."""
    n = shape_of(B)[0]
    significant = np.flatnonzero(residuals > roundoff(B.dtype, n) ** 2 * column_energies(B))
    longest = np.argsort(-residuals[significant], kind="stable")[: max(1, REMAINDER // n)]
    return np.sort(significant[longest])


def _too_many(B: Matrix, proposal: np.ndarray, target: float) -> bool:
    """Whether as many of these columns as may have a basis leave more than the target, by their Gram matrix."""
    if len(proposal) <= most_columns(B):
        return False
    return in_pivoted_order(GramRemainder(B), proposal[: most_columns(B)]).left > target


def _space(B: Matrix, chosen: int) -> int:
    """How many more columns there is space for; BasisTooLargeError for none."""
    if chosen >= most_columns(B):
        raise BasisTooLargeError.of(B)
    return most_columns(B) - chosen


def _accept(
    B: Matrix,
    energies: np.ndarray,
    chosen: _Chosen,
    proposal: np.ndarray,
    residuals: np.ndarray,
    target: float,
    stop: Stop,
) -> tuple[_Chosen, np.ndarray]:
    """`chosen` with the first proposed columns that meet the target, or all of them; and what is left.

    BasisTooLargeError where sparse columns are too many for one.
    """
    while len(proposal) and len(chosen) < stop.limit(B):
        room = stop.limit(B) - len(chosen)
        width = room if stop.residual is None else min(room, max(FIRST_BATCH, len(chosen)))
        width = min(width, _space(B, len(chosen)))
        batch, proposal = proposal[:width], proposal[width:]
        before, chosen = len(chosen), _with(B, chosen, batch)
        if stop.residual is None and len(chosen) == stop.limit(B):
            return chosen, residuals  # the count is met: what is left does not matter
        residuals = chosen.residuals(B, energies)
        if residuals.sum() <= target:
            return _shorten(chosen, before, float(residuals.sum()), target), residuals
    return chosen, residuals


def _with(B: Matrix, chosen: _Chosen, batch: np.ndarray) -> _Chosen:
    """`chosen` and those of the batch that add to its span."""
    Q, kept = _extend_basis(chosen.Q, columns_of(B, batch))
    columns = np.append(chosen.columns, batch[kept])
    return _Chosen(columns, np.hstack([chosen.Q, Q]) if len(chosen) else Q, np.vstack([chosen.Y, inner(Q, B)]))


def _extend_basis(Q: np.ndarray, C: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """`extend_basis` on the rows in which something is: few columns of a sparse block leave most rows zero."""
    if not is_sparse(C):
        return extend_basis(Q, C)
    rows = np.union1d(C.indices, np.flatnonzero(Q.any(axis=1)))
    part, kept = extend_basis(Q[rows], C[rows])
    Q_new = np.zeros((len(Q), part.shape[1]))
    Q_new[rows] = part
    return Q_new, kept


def _shorten(chosen: _Chosen, least: int, residual: float, target: float) -> _Chosen:
    """Without the final columns that the target can spare, of those after the first `least`.

    Without q_i … q_c the residual is larger by Σ ‖q_lᵀB‖²: a sum of squares, in which nothing cancels.
    """
    given_back = np.cumsum(np.square(chosen.Y[least:]).sum(axis=1)[::-1])
    spared = int(np.searchsorted(residual + given_back, target, side="right"))
    return chosen.first(len(chosen) - spared)
