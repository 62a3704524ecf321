"""Rounded factors: columns of B, or its leading singular vectors, and Ŷ, all at the fewest bits that keep the goal.

With Q from the left factor as the receiver has it, ‖B − QŶ‖² = ‖B‖² − ‖QᵀB‖² + ‖QᵀB − Ŷ‖². Rounding an entry of Y by a
step δ costs δ²/12 of loss; rounding one of the j-th column of L costs ‖X_j,:‖² times as much. At equal slopes every
entry's rounding costs the same, so a single step is left to search for; the more columns, the coarser it may be.
Rounding each entry to the nearest multiple tells how many columns are best; with that, a trellis does better.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.grid import FINENESS, GRID_BOUND, exponent_below, in_steps
from wlra_dist.forms.rounded_code import FINEST, RoundedCode, RoundedFactors
from wlra_dist.forms.search import coarsest, lengths, shortest
from wlra_dist.forms.sent import Sent
from wlra_dist.forms.trellised import Factored, trellised
from wlra_dist.linalg.blocks import dense_columns, energy
from wlra_dist.linalg.oriented_basis import independent, oriented_basis
from wlra_dist.linalg.spectral.spectrum import leading_right_vectors
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.weighing import others

_CANCELLED = 1e-6
"""The cheap bound is a difference of energies: by so much of the goal it may be too large."""

TRELLISED = 2
"""For so many numbers of columns, the best by estimate, the trellis-coded description is found."""


@dataclass(frozen=True)
class Rounded:
    """RoundedFactors; `columns` says whether L is columns of B or singular vectors."""

    columns: bool

    def code(self, W: Weights) -> RoundedCode:
        return RoundedCode(W)

    def descriptions(self, block: Sent, S: np.ndarray, goal: float) -> Iterator[RoundedFactors]:
        """The best numbers of columns, with a trellis; with entries rounded one by one where they are too many."""
        if not len(S):
            return
        left = dense_columns(block.B, S) if self.columns else _principal(block, len(S))
        code = self.code(block.W)

        def factored(c: int) -> Factored:
            chosen = S[:c] if self.columns else S[:0]
            return Factored(left[:, :c], dense_columns(block.B, others(chosen, block.W.shape[1])), chosen)

        def by_first(c: int) -> RoundedFactors | None:
            return _coarsest(factored(c), goal, self._meets(block, factored(c), goal))

        for rounded in shortest(by_first, lengths(block, left, goal), code.estimated_bits)[:TRELLISED]:
            of = factored(rounded.L.shape[1])
            dependent = trellised(of, rounded, code, self._meets(block, of, goal))
            yield rounded if dependent is None else dependent

    def block(self, description: RoundedFactors, W: Weights) -> ReweightedBlock:
        """Ã_i = W_i^{∘-1}∘(L R⁻¹Ŷ) with L = QR."""
        L = description.left
        _, R = oriented_basis(L)
        X = np.linalg.solve(R, description.coefficients)
        return ReweightedBlock(W, description.S, L, X, weighted=True)

    def _meets(self, block: Sent, of: Factored, goal: float) -> Callable[[RoundedFactors], bool]:
        """Whether the loss is within the goal, and a bound on it as well: that is cheap, and most tries end there."""

        def meets(rounded: RoundedFactors) -> bool:
            if _cheap_loss(rounded, of) > goal * (1 + _CANCELLED):
                return False
            return block.loss(self.block(rounded, block.W)) <= goal

        return meets


def _coarsest(of: Factored, goal: float, meets: Callable[[RoundedFactors], bool]) -> RoundedFactors | None:
    """The coarsest step that meets the goal."""
    left, rest, S = of
    Q, R = oriented_basis(left)
    if not R.diagonal().all():
        return None
    X = np.linalg.solve(R, Q.T @ rest)
    spread = np.square(X).sum(axis=1) + (1.0 if len(S) else 0.0)
    finer = np.clip(np.rint(FINENESS * np.log2(np.sqrt(spread / spread.min()))), 0, FINEST).astype(np.int64)
    start = exponent_below(np.sqrt(12 * goal / (left.size + left.shape[1] * rest.shape[1])))

    def at(exponent: int) -> RoundedFactors | None:
        rounded = _rounded(of, exponent, finer)
        return rounded if rounded is not None and meets(rounded) else None

    return coarsest(at, start + 2 * FINENESS)


def _rounded(of: Factored, exponent: int, finer: np.ndarray) -> RoundedFactors | None:
    """The factors on these grids; None if a column of L vanishes or an index is too large."""
    left, rest, S = of
    grid = in_steps(left, exponent - finer)
    if np.abs(grid).max(initial=0.0) >= GRID_BOUND:
        return None
    shell = RoundedFactors(S, exponent, finer, np.rint(grid).astype(np.int64), np.zeros((0, 0)))
    Q, R = oriented_basis(shell.left)
    if not independent(R):
        return None
    Y = in_steps(Q.T @ rest, exponent)
    if np.abs(Y).max(initial=0.0) >= GRID_BOUND:
        return None
    return shell._replace(Y=np.rint(Y).astype(np.int64))


def _cheap_loss(rounded: RoundedFactors, of: Factored) -> float:
    """An upper bound on the loss without forming n×d numbers: the sum in this module's headline, zeros of W counted."""
    Q, _ = oriented_basis(rounded.left)
    Y = Q.T @ of.rest
    columns = float(np.square(of.left - rounded.left).sum()) if len(rounded.S) else 0.0
    return columns + energy(of.rest) - energy(Y) + float(np.square(Y - rounded.coefficients).sum())


def _principal(block: Sent, most: int) -> np.ndarray:
    """B V for the leading right singular vectors V, n×K; as many as there may be columns."""
    V = leading_right_vectors(block.B, most)
    return np.asarray(block.B @ V) if isinstance(block.B, np.ndarray) else block.B @ V
