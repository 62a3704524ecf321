"""Columns and rows of an integer block of low rank: coefficients would be fractions, rows are integers (OPT = 0).

B = W∘A has the rank c of its columns B_S, and of its rows B_I. Then B = B_S (B_IS)⁻¹ B_I, where B_IS is both at once.
The receiver computes modulo a prime, which neither rounds nor grows, and takes the integers of least absolute value:
they are B if no entry of B reaches half of the prime. The sender tries it, so nothing is left to chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.skeleton import Skeleton, SkeletonCode
from wlra_dist.forms.sent import Sent
from wlra_dist.linalg.blocks import column_energies, dense_columns
from wlra_dist.linalg.modular import PRIME, inverse, leading_columns, lifted, product, residues
from wlra_dist.reweighted import ReweightedBlock, column_runs, dense, on_support, others, weigh
from wlra_dist.weights import Matrix, Weights

SPARE = 8
"""A rank above twice the columns that the accuracy asks for, and so many, is not worth its exactness."""

WORK = 2**31
"""Multiplications that looking for the rank may take: seconds."""


@dataclass(frozen=True)
class ColumnsAndRows:
    """A Skeleton from which the receiver has all of A on supp(W)."""

    bound: int
    sparse: bool

    def code(self, W: Weights) -> SkeletonCode:
        return SkeletonCode(W, self.bound, self.sparse)

    def descriptions(self, block: Sent, S: np.ndarray, goal: float) -> Iterator[Skeleton]:  # noqa: ARG002  always exact
        """By the columns S as far as they are independent and others where they are too few; by the cheapest columns."""
        alive = np.flatnonzero(column_energies(block.B))
        most = 2 * len(S) + SPARE
        if len(alive) <= len(S) or len(alive) * block.W.shape[0] * (most + 1) > WORK:
            return
        sketch = _sketch(block.B, alive, most + 1)
        cheapest = alive[np.argsort(_costs(block.A, alive), kind="stable")]
        for order in (np.concatenate([S, others(S, block.W.shape[1])]), cheapest):
            columns = order[np.isin(order, alive)]
            leading = columns[leading_columns(sketch[:, np.searchsorted(alive, columns)])]
            description = self._by(block, np.sort(leading)) if len(leading) <= most else None
            if description is None:
                return
            yield description

    def block(self, description: Skeleton, W: Weights) -> ReweightedBlock:
        """Ã_i = W_i^{∘-1}∘(B_S (B_IS)⁻¹ B_I): all columns as they are, and no coefficients."""
        S, C, I, rows = description  # noqa: E741
        ...
