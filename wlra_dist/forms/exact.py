"""Integer columns in their shortest code, and rounded coefficients in an orthonormal basis of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.grid import exponent_below, step
from wlra_dist.forms.exact_code import ANYTHING, DescribedColumns, IntegerColumnsAndY, Likely
from wlra_dist.forms.search import bisected, coarsest, lengths, shortest
from wlra_dist.forms.sent import Sent
from wlra_dist.linalg.basis import most_columns
from wlra_dist.linalg.blocks import column_energies, dense_columns, energy, inner
from wlra_dist.linalg.matrix import columns_of
from wlra_dist.linalg.oriented_basis import oriented_basis, oriented_triangle
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.weighing import on_support, others, weigh

QUANTUM = 1.0
"""The least loss but 0 of an integer Ã, as weights are integers too: below it, only rounding to integers will do."""


@dataclass(frozen=True)
class Exact:
    """Columns S of an integer block, exactly; the other columns by Ŷ ≈ QᵀB, rounded to integers where that helps."""

    bound: int
    sparse: bool
    likely: Likely = ANYTHING

    def code(self, W: Weights) -> IntegerColumnsAndY:
        return IntegerColumnsAndY(W, self.bound, self.sparse, self.likely)

    def descriptions(self, block: Sent, S: np.ndarray, goal: float) -> Iterator[DescribedColumns]:
        """With more and more of the columns S, and with all that are not zero if these are not many more.

        Columns too many for a basis are all of the block, so that no others need one.
        """
        if len(S) > most_columns(block.B):
            yield _columns_alone(block, S)
            return

        def by_first(c: int) -> DescribedColumns | None:
            return self._with_columns(block, np.sort(S[:c]), goal)

        tries = lengths(block, dense_columns(block.B, S), goal)
        yield from shortest(by_first, tries, self.code(block.W).bits)[:1]
        alive = np.flatnonzero(column_energies(block.B))
        if len(S) < len(alive) <= 2 * len(S) + 8:
            description = self._with_columns(block, alive, goal)
            if description is not None:
                yield description

    def block(self, description: DescribedColumns, W: Weights) -> ReweightedBlock:
        """Ã_i = W_i^{∘-1}∘(B_S R⁻¹Ŷ) with B_S = QR."""
        S, C, exponent, Y, rounded = description
        X = np.zeros(Y.shape)
        if Y.any():
            R = oriented_triangle(dense_columns(weigh(W, C, S), slice(None)))
            X = np.linalg.solve(R, Y * step(exponent))
        return ReweightedBlock(W, S, C, X, rounded)

    def _with_columns(self, block: Sent, S: np.ndarray, goal: float) -> DescribedColumns | None:
        """The coarsest step of Y that meets the goal, first by ‖B − QŶ‖², which counts entries where W is 0 as well."""
        nothing = _columns_alone(block, S)
        rest = columns_of(block.B, others(S, block.W.shape[1]))
        left_over = energy(rest)
        if left_over <= goal:
            return nothing
        Q, R = oriented_basis(dense_columns(weigh(block.W, nothing.C, S), slice(None)))
        if not R.diagonal().all():
            return None  # dependent columns are no basis
        Y = inner(Q, rest)
        beyond = left_over - energy(Y)

        def on_grid(exponent: int) -> DescribedColumns:
            return nothing._replace(exponent=exponent, Y=np.rint(Y / step(exponent)).astype(np.int64))

        def unrounded(exponent: int) -> DescribedColumns | None:
            error = np.square(Y - on_grid(exponent).Y * step(exponent)).sum()
            return on_grid(exponent) if beyond + error <= goal else None

        def rounded(exponent: int) -> DescribedColumns | None:
            description = on_grid(exponent)._replace(rounded=True)
            return description if block.loss(self.block(description, block.W)) <= goal else None

        start = exponent_below(float(np.abs(Y).max()))
        if goal < QUANTUM:
            return coarsest(rounded, start)
        found = coarsest(unrounded, start)
        if found is None or block.loss(self.block(found, block.W)) > goal:
            return None
        return bisected(rounded, found.exponent, found, start + 1)  # rounding to integers may forgive more


def _columns_alone(block: Sent, S: np.ndarray) -> DescribedColumns:
    """The columns S, and 0 for the others."""
    C = on_support(block.W, block.A[:, S], S)
    return DescribedColumns(S, C, 0, np.zeros((len(S), block.W.shape[1] - len(S)), dtype=np.int64), False)
