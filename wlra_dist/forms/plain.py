"""Columns of A as they are, and coefficients in fixed point: the message as the theorem counts it (Thm 3.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlra_dist.codecs.base.codec import received
from wlra_dist.codecs.base.reals import Coefficients, Fixed
from wlra_dist.codecs.columns.columns import ColumnsAndX, SelectedColumns, SparseColumns
from wlra_dist.forms.sent import Proposal, Sent
from wlra_dist.linalg.basis import least_squares
from wlra_dist.linalg.matrix import columns_of, nonzeros
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.weighing import on_support, others, weigh


@dataclass(frozen=True)
class Plain:
    """C and X.

    Attributes:
        bound: the entry bound of integers; None where entries travel as floats.
        integer: whether A is integral, so that the receiver may round.
        sparse: whether the receiver wants sparse columns.
        width: bits of a real entry.
        widths: bits of a coefficient that a sender may try, fewest first; 64 is floating point.
        share: the part of the loss that is left to the rounding of X where the goal leaves none.
    """

    bound: int | None
    integer: bool
    sparse: bool
    width: Literal[32, 64]
    widths: tuple[int, ...]
    share: float

    def code(self, W: Weights) -> ColumnsAndX:
        return ColumnsAndX(W, self.bound, self.sparse, self.width)

    def columns_code(self, W: Weights, S: np.ndarray | slice = slice(None)) -> SparseColumns:
        """The code of the columns S alone."""
        return SparseColumns(W, S, self.bound, self.sparse, self.width)

    def descriptions(self, block: Sent, S: np.ndarray, goal: float) -> Iterator[SelectedColumns]:
        """Least squares on the columns that the receiver decodes, then the fewest bits a coefficient that will do.

        In an integer game of OPT = 0 the goal is rounding noise, below any loss but 0.
        """
        W = block.W
        C = received(self.columns_code(W, S), on_support(W, block.A[:, S], S))
        X = least_squares(weigh(W, C, S), columns_of(block.B, others(S, W.shape[1])))

        def loss(C_X: SelectedColumns) -> float:
            return block.loss(self.block(C_X, W))

        def tries(widths: Sequence[int]) -> Iterator[SelectedColumns]:
            for width in widths:
                _, rounded_X = received(Coefficients(X.shape), (width, X))
                for rounded in (True, False) if self.integer else (False,):
                    yield SelectedColumns(S, C, rounded_X, width, rounded)

        unrounded = min(map(loss, tries(self.widths[-1:])))
        limit = max(goal, unrounded / (1 - self.share))
        widths = self.widths if Fixed.suits(X) else self.widths[-1:]
        yield next(C_X for C_X in tries(widths) if loss(C_X) <= limit)

    def proposals(self, block: Sent, S: np.ndarray, goal: float) -> list[Proposal]:
        """The description, and bits that it is sure to take: coefficients at their least, floats as they are."""
        d = block.W.shape[1]
        floats = 0 if self.bound is not None else self.width * nonzeros(block.B[:, S])
        least = len(S) * (d - len(S)) * self.widths[0] + floats
        return [Proposal(least, lambda: next(self.descriptions(block, S, goal)))]

    def block(self, description: SelectedColumns, W: Weights) -> ReweightedBlock:
        """Ã_i = W_i^{∘-1}∘(C_i X_i)."""
        return ReweightedBlock(W, description.S, description.C, description.X, description.rounded)
