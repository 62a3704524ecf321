"""Rounded factors: columns of B, or its leading singular vectors, and Ŷ, all at the fewest bits that keep the goal.

With Q from the left factor as the receiver has it, ‖B − QŶ‖² = ‖B‖² − ‖QᵀB‖² + ‖QᵀB − Ŷ‖². Rounding an entry of Y by a
step δ costs about δ²/4 of loss; rounding one of the j-th column of L costs ‖X_j,:‖² times as much. At equal slopes
every entry's rounding costs the same, so a single step is left to search for; the more columns, the coarser it may be.
A model tells how many columns are best (`outlook`); only with these are factors rounded and weighed (`trellised`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.grid import FINENESS, GRID_BOUND, exponent_below, in_steps
from wlra_dist.codecs.pixels import Grid
from wlra_dist.codecs.trellis.lattice import RoundedEntries
from wlra_dist.forms.outlook import Factored, Outlook, outlooks
from wlra_dist.forms.rounded_code import RoundedCode, RoundedFactors
from wlra_dist.forms.search import coarsest
from wlra_dist.forms.sent import Proposal, Sent
from wlra_dist.forms.trellised import trellised
from wlra_dist.linalg.basis import most_columns
from wlra_dist.linalg.blocks import dense_columns
from wlra_dist.linalg.oriented_basis import independent, oriented_basis
from wlra_dist.linalg.spectral.spectrum import leading_right_vectors
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock


@dataclass(frozen=True)
class Rounded:
    """RoundedFactors; `columns` says whether L is columns of B or singular vectors, `grid` whether rows are pixels."""

    columns: bool
    grid: Grid | None = None

    def code(self, W: Weights) -> RoundedCode:
        return RoundedCode(W, self.grid)

    def descriptions(self, block: Sent, S: np.ndarray, goal: float) -> Iterator[RoundedFactors]:
        """With the numbers of columns that may be best, by the model."""
        for proposal in self.proposals(block, S, goal):
            description = proposal.describe()
            if description is not None:
                yield description

    def proposals(self, block: Sent, S: np.ndarray, goal: float) -> list[Proposal]:
        """What a model says of the numbers of columns that may be best, and how to find the description."""
        if not 0 < len(S) <= most_columns(block.B):
            return []
        code, columns = self.code(block.W), dense_columns(block.B, S)
        left = columns if self.columns else _principal(block, len(S))
        chosen, prior = S if self.columns else S[:0], code.likely_prior(columns)
        return [
            Proposal(outlook.bits, lambda outlook=outlook: self._described(block, outlook, goal, code))
            for outlook in outlooks(block, left, chosen, goal, code, prior)
        ]

    def block(self, description: RoundedFactors, W: Weights) -> ReweightedBlock:
        """Ã_i = W_i^{∘-1}∘(L R⁻¹Ŷ) with L = QR."""
        L = self.code(W).left_factor(description)
        _, R = oriented_basis(L)
        X = np.linalg.solve(R, description.coefficients)
        return ReweightedBlock(W, description.S, L, X, weighted=True)

    def _described(self, block: Sent, outlook: Outlook, goal: float, code: RoundedCode) -> RoundedFactors | None:
        """By paths of the trellis; entry by entry where they are too many for one, or too large."""

        def within(rounded: RoundedFactors) -> bool:
            return block.loss(self.block(rounded, block.W)) <= goal

        def meets(rounded: RoundedFactors, bound: float) -> bool:
            """Whether the loss is within the goal; where W has zeros it may be less than its bound."""
            sure = block.is_full and abs(bound - goal) > _CANCELLED * goal
            return bound < goal if sure else within(rounded)

        found = trellised(outlook, code, meets, block.is_full, goal)
        if found is not None and within(found):
            return found
        return _multiples(outlook.of, outlook.finer, goal, code, within)


_CANCELLED = 1e-6
"""The cheap bound is a difference of energies: by so much of the goal it may be off."""


def _multiples(
    of: Factored, finer: np.ndarray, goal: float, code: RoundedCode, within: Callable[[RoundedFactors], bool]
) -> RoundedFactors | None:
    """Each entry rounded to the nearest multiple, at the coarsest step that meets the goal."""
    left, rest = of.left, of.rest
    start = exponent_below(np.sqrt(12 * goal / (left.size + left.shape[1] * rest.shape[1])))

    def at(exponent: int) -> RoundedFactors | None:
        rounded = _rounded(of, exponent, finer, code)
        return rounded if rounded is not None and within(rounded) else None

    return coarsest(at, start + 2 * FINENESS)


def _rounded(of: Factored, exponent: int, finer: np.ndarray, code: RoundedCode) -> RoundedFactors | None:
    """The factors on these grids; None if a column of L vanishes or an index is too large."""
    L = _nearest(in_steps(code.travelling(of.left, of.prior), exponent - finer))
    if L is None:
        return None
    shell = RoundedFactors(of.S, exponent, finer, L, L, of.prior)
    Q, R = oriented_basis(code.left_factor(shell))
    if not independent(R):
        return None
    Y = _nearest(in_steps(Q.T @ of.rest, exponent))
    return None if Y is None else shell._replace(Y=Y)


def _nearest(x: np.ndarray) -> RoundedEntries | None:
    if np.abs(x).max(initial=0.0) >= GRID_BOUND:
        return None
    return RoundedEntries.plainly(np.rint(x).astype(np.int64))


def _principal(block: Sent, most: int) -> np.ndarray:
    """B V for the leading right singular vectors V, n×K; as many as there may be columns."""
    V = leading_right_vectors(block.B, most)
    return np.asarray(block.B @ V)
