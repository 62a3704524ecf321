"""Rounded factors: columns of B, or its leading singular vectors, and Ŷ, all at the fewest bits that keep the goal.

With Q from the left factor as the receiver has it, ‖B − QŶ‖² = ‖B‖² − ‖QᵀB‖² + ‖QᵀB − Ŷ‖². Rounding an entry of Y by a
step δ costs about δ²/4 of loss; rounding one of the j-th column of L costs ‖X_j,:‖² times as much. At equal slopes
every entry's rounding costs the same, so a single step is left to search for; the more columns, the coarser it may be.
A model tells how many columns are best (`outlook`); only with these are factors rounded and weighed (`trellised`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from wlra_dist.codecs.base.grid import FINENESS, GRID_BOUND, in_steps
from wlra_dist.codecs.pixels import Grid, PixelPrior
from wlra_dist.codecs.trellis.lattice import RoundedEntries
from wlra_dist.forms.outlook import Factored, Outlook, outlooks
from wlra_dist.forms.rounded_code import RoundedCode, RoundedFactors
from wlra_dist.forms.search import coarsest_near
from wlra_dist.forms.sent import Proposal, Sent
from wlra_dist.forms.trellised import Based, Meets, based, trellised
from wlra_dist.linalg.basis import most_columns
from wlra_dist.linalg.blocks import dense_columns, shape_of
from wlra_dist.linalg.matrix import Matrix, dense, is_sparse
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.linalg.oriented_basis import oriented_triangle
from wlra_dist.linalg.scale import largest
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
        if not 0 < len(S) <= most_columns(block.B) or _is_too_large(block.B):
            return []
        code = self.code(block.W)
        left, prior = self._left(block, S, code)
        chosen = S if self.columns else S[:0]
        return [
            Proposal(outlook.bits, lambda outlook=outlook: self._described(block, outlook, goal, code))
            for outlook in outlooks(block, left, chosen, goal, code, prior)
        ]

    def _left(self, block: Sent, S: np.ndarray, code: RoundedCode) -> tuple[np.ndarray | OnDemand, PixelPrior | None]:
        """As many columns as may be needed, and what rows that are pixels have in common."""
        if isinstance(block.B, OnDemand):
            return block.B.within(S) if self.columns else _principal_on_demand(block.B, len(S)), None
        columns = dense_columns(block.B, S)
        return columns if self.columns else _principal(block.B, len(S)), code.likely_prior(columns)

    def block(self, description: RoundedFactors, W: Weights) -> ReweightedBlock:
        """Ã_i = W_i^{∘-1}∘(L R⁻¹Ŷ) with L = QR."""
        return _block(description, self.code(W))

    def _described(self, block: Sent, outlook: Outlook, goal: float, code: RoundedCode) -> RoundedFactors | None:
        """By paths of the trellis; entry by entry where they are too many for one, or too large."""
        outlook = replace(outlook, of=outlook.of.at_hand)

        def within(rounded: RoundedFactors, _: float = 0.0) -> bool:
            return block.loss(_block(rounded, code)) <= goal

        def meets(rounded: RoundedFactors, bound: float) -> bool:
            """Whether the loss is within the goal; where W has zeros it may be less than its bound."""
            sure = block.is_full and abs(bound - goal) > _CANCELLED * goal
            return bound < goal if sure else within(rounded)

        found = trellised(outlook, code, meets, block.is_full, goal)
        if found is not None and within(found):
            return found
        found = _multiples(outlook, code, meets, goal if block.is_full else None)
        return found if found is None or within(found) else _multiples(outlook, code, within, None)


def _block(description: RoundedFactors, code: RoundedCode) -> ReweightedBlock:
    L = code.left_factor(description)
    X = np.linalg.solve(oriented_triangle(L), description.coefficients)
    return ReweightedBlock(code.W, description.S, L, X, weighted=True)


_NEWTON = 3
"""Steps of the search for the exponent of multiples."""

LARGEST = 2**28
"""Entries of a sparse block that is made dense to be rounded: two gigabytes. Columns of larger ones travel as they are,
or component by component."""


def _is_too_large(B: Matrix) -> bool:
    return is_sparse(B) and prod(shape_of(B)) > LARGEST


_CANCELLED = 1e-6
"""The cheap bound is a difference of energies: by so much of the goal it may be off."""


def _multiples(outlook: Outlook, code: RoundedCode, meets: Meets, goal: float | None) -> RoundedFactors | None:
    """Each entry rounded to the nearest multiple, at the coarsest step that meets the goal, near that of the model.

    Where W has no zeros, bounds are losses, and a goal tells how far off a step is.
    """

    def at(exponent: int) -> RoundedFactors | None:
        rounded = _rounded(outlook.of, exponent, outlook.finer, code)
        return rounded.factors if rounded is not None and meets(rounded.factors, rounded.bound) else None

    return coarsest_near(at, outlook.exponent if goal is None else _near(outlook, code, goal))


def _near(outlook: Outlook, code: RoundedCode, goal: float) -> int:
    """The exponent of about the step that leaves the goal: what rounding costs goes with its square."""
    exponent = outlook.exponent
    for _ in range(_NEWTON):
        tried = _rounded(outlook.of, exponent, outlook.finer, code)
        cost, room = (0.0, 0.0) if tried is None else (tried.bound - tried.beyond, goal - tried.beyond)
        if cost <= 0 or room <= 0:
            break
        move = round(FINENESS / 2 * np.log2(room / cost))
        exponent += int(np.clip(move, -4 * FINENESS, 4 * FINENESS))
        if abs(move) <= 1:
            break
    return exponent


def _rounded(of: Factored, exponent: int, finer: np.ndarray, code: RoundedCode) -> Based | None:
    """The factors on these grids; None if a column of L vanishes or an index is too large."""
    L = _nearest(in_steps(code.travelling(dense(of.left), of.prior), exponent - finer))
    found = None if L is None else based(RoundedFactors(of.S, exponent, finer, L, L, of.prior), of, code)
    Y = None if found is None else _nearest(in_steps(found.QB, exponent))
    return found._replace(factors=found.factors._replace(Y=Y)) if found and Y else None


def _nearest(x: np.ndarray) -> RoundedEntries | None:
    if not largest(x) < GRID_BOUND:
        return None
    return RoundedEntries.plainly(np.rint(x, out=x).astype(np.int64))


def _principal(B: Matrix, most: int) -> np.ndarray:
    """B V for the leading right singular vectors V, n×K; as many as there may be columns."""
    V = leading_right_vectors(B, most)
    return np.asarray(B @ V)


def _principal_on_demand(B: OnDemand, most: int) -> OnDemand:
    V = leading_right_vectors(B, most)
    return OnDemand((len(B), V.shape[1]), lambda run: B[run] @ V, lambda some: B @ V[:, some])
