"""BᵀB for the selectors that need all of it: in float32 where that shows what the columns leave.

On large blocks of float32 it is most of what they cost, and takes half the time. What is chosen by it counts where it
leaves far more than the rounding of BᵀB; where it does not, all is done again in float64.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from wlra_dist.linalg.blocks import MAGNIFIED, gram, shape_of
from wlra_dist.linalg.gram_remainder import GramRemainder
from wlra_dist.linalg.gram_rows import KnownGram
from wlra_dist.linalg.matrix import Matrix, stored
from wlra_dist.linalg.rows.rows import FAINT
from wlra_dist.linalg.spectral.subspace import (
    Subspace,
    leading_subspace,
    subspace_for,
    subspace_of_gram,
    subspace_of_gram_for,
)

T = TypeVar("T")

EPS = float(np.finfo(float).eps)

GRAM_FITS = 4096
"""Columns up to which BᵀB is formed (128 MiB)."""

LARGE = 2**32
"""n·d² from which float32 is tried: a twentieth of a second is saved, and smaller blocks keep all their digits."""

TRUSTED = 1e-3
"""Of the energy; the entries of a BᵀB in float32 err by 4e-7 of the columns' energies."""


@dataclass(frozen=True, eq=False)
class WholeGram:
    """G = BᵀB (d×d, float64) and how exact it is.

    Attributes:
        eps: of the type in which it was computed.
        noise: the share of a column's energy that is rounding.
    """

    G: np.ndarray
    eps: float
    noise: float

    def leading(self, K: int) -> Subspace:
        """The first K right singular directions; fewer where the rest is noise."""
        return subspace_of_gram(self.G, K, self.noise)

    def reaching(self, tail: float) -> Subspace:
        """As few of them as leave at most `tail`; all that are not noise if none do."""
        return subspace_of_gram_for(self.G, tail, self.noise)

    def remainder(self) -> GramRemainder:
        """The block before any column is taken."""
        return GramRemainder(None, KnownGram(self.G, self.eps))


@dataclass(frozen=True, eq=False)
class Unformed:
    """The same of a block whose BᵀB is too large."""

    B: Matrix

    def leading(self, K: int) -> Subspace:
        return leading_subspace(self.B, K)

    def reaching(self, tail: float) -> Subspace:
        return subspace_for(self.B, tail)

    def remainder(self) -> GramRemainder:
        return GramRemainder(self.B)


def by_subspace(B: Matrix, choose: Callable[[WholeGram | Unformed], tuple[T, float]]) -> T:
    """What `choose` finds by leading directions, of BᵀB where that is small and no larger than BBᵀ; see `by_gram`."""
    n, d = shape_of(B)
    return by_gram(B, choose) if d <= min(n, GRAM_FITS) else choose(Unformed(B))[0]


def by_gram(B: Matrix, choose: Callable[[WholeGram], tuple[T, float]]) -> T:
    """What `choose` finds by BᵀB; it says beside that how much energy is left."""
    if B.dtype == np.float32 and stored(B) * shape_of(B)[1] >= LARGE:
        with np.errstate(over="ignore", invalid="ignore"):
            G = gram(B, rough=True)
        energy, eps = float(np.trace(G)), float(np.finfo(np.float32).eps)
        if FAINT < energy < 1 / FAINT:
            chosen, left = choose(WholeGram(G, eps, MAGNIFIED * eps))
            if left >= TRUSTED * energy:
                return chosen
    return choose(WholeGram(gram(B), EPS, EPS * max(shape_of(B))))[0]
