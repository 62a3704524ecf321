"""Randomly pivoted QR by its Gram matrix: RPCholesky on BᵀB, in blocks (Epperly, Tropp & Webber 2024).

A pivot is drawn with probability ∝ what is left of it. Drawing many at once would repeat directions; so a block
is drawn by the energies at hand, and each member is kept with the chance that those before it in the block have
left. That is the law of one pivot at a time, at the cost of products with blocks.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Interval

from wlra_dist.css.selection import Selection, Stop
from wlra_dist.linalg.gram_remainder import GramRemainder
from wlra_dist.linalg.matrix import Matrix


@dataclass(frozen=True)
class RandomlyPivotedCholesky:
    """Draws columns with probability ∝ ‖e_j‖² of the remainder, one after the other in law, in blocks in cost.

    c columns leave at most (1+ε)·‖B_{−K}‖_F² in expectation for c ≥ K/ε + K·log(1/(εη)), η = ‖B_{−K}‖²/‖B‖²
    (Chen, Epperly, Tropp & Webber 2023, Thm 5.1).

    Args:
        block: the columns drawn at once.
        robust: keep instead the block's longest remainders, until 1/block of its energy is left: fewer near copies,
            no more that law (Dong, Chen, Martinsson & Pearce 2023).
    """

    block: Annotated[int, Interval(ge=1, le=4096)] = 32
    robust: bool = False

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        remainder = GramRemainder(B)
        limit, target = stop.limit(B), stop.residual or 0.0
        while len(remainder.columns) < limit and remainder.left > target:
            drawn = _draw(remainder.energies, self.block, rng)
            kept = _longest(remainder, drawn) if self.robust else _accepted(remainder, drawn, rng)
            kept = kept or [int(drawn[0])]  # all noise: `take` finds out
            remainder.expect(kept[: limit - len(remainder.columns)])
            for column in kept:
                if len(remainder.columns) < limit and remainder.left > target:
                    remainder.take(column)
        return Selection(np.array(remainder.columns, dtype=np.int64))


def _draw(energies: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` positions ∝ energies, with replacement."""
    (possible,) = np.nonzero(energies)
    up_to = np.cumsum(energies[possible])
    return possible[np.searchsorted(up_to, rng.random(count) * up_to[-1], side="right").clip(max=len(possible) - 1)]


def _accepted(remainder: GramRemainder, drawn: np.ndarray, rng: np.random.Generator) -> list[int]:
    """Those that rejection keeps: each with the share of its energy that the block's earlier members leave."""
    H = remainder.square(drawn)
    proposed, tickets = np.diag(H).copy(), rng.random(len(drawn))
    kept: list[int] = []
    for i, column in enumerate(drawn.tolist()):
        if column not in kept and tickets[i] * proposed[i] < H[i, i]:
            kept.append(column)
            H -= np.outer(H[i], H[i]) / H[i, i]
    return kept


def _longest(remainder: GramRemainder, drawn: np.ndarray) -> list[int]:
    """Pivots of the block, until what it has left is at most 1/block of what it had."""
    drawn = np.unique(drawn)
    H = remainder.square(drawn)
    enough = np.trace(H) / len(drawn) if len(drawn) > 1 else 0.0
    kept: list[int] = []
    while np.trace(H) > enough:
        i = int(np.diag(H).argmax())
        kept.append(int(drawn[i]))
        H -= np.outer(H[i], H[i]) / H[i, i]
    return kept
