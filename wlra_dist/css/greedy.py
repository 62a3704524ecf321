"""Greedy selection by the exact gain (Farahat, Ghodsi & Kamel 2011).

With E the remainder of B and G = EᵀE, column i takes ‖G_{:,i}‖²/G_ii = f_i/g_i away from the residual.
Adding a column subtracts ωωᵀ from G, and f, g follow in one product Gω instead of a pass that rewrites G. f
is of the size of residual², so its digits vanish twice as fast as those of g; hence G itself is deflated
whenever f has lost 8 digits.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.css.selection import Selection, Stop
from wlra_dist.css.whole_gram import WholeGram, by_gram
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.ties import first_largest

EPS = float(np.finfo(float).eps)

DEFLATE = EPS**0.25
"""Best gain, as a fraction of the best when G was last formed, at which f has lost half of its digits."""

TRUST = EPS**0.375
"""A column's remainder, as a fraction of that in the G at hand, below which f_i/g_i waits for the next G."""


@dataclass(frozen=True)
class Greedy:
    """Each column is the best single addition to those before it; costs the Gram matrix and c·d² on it.

    c columns explain at least 1 − exp(−γ) of what the best c explain, γ the least eigenvalue of the correlation matrix
    of the columns (Das & Kempe 2011).
    """

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:  # noqa: ARG002  no coins
        limit, residual = stop.limit(B), stop.residual or 0.0
        return Selection(by_gram(B, lambda whole: from_gram(whole, limit, residual)))


def from_gram(whole: WholeGram, count: int, residual: float) -> tuple[np.ndarray, float]:
    """Greedy columns of a block by its BᵀB, and the energy that they leave."""
    remainder = _GreedyRemainder(whole.G.copy(), whole.noise)
    columns: list[int] = []
    while len(columns) < count and remainder.left > residual:
        best = remainder.best()
        if best is None:
            break
        remainder.take(best)
        columns.append(best)
    return np.array(columns, dtype=np.int64), remainder.left


class _GreedyRemainder:
    """G = EᵀE as G₀ − ΩᵀΩ, its diagonal g and its squared column lengths f.

    Columns that are chosen or are noise (below `noise` of their energy in B) have reference ∞: never trusted.
    """

    def __init__(self, G: np.ndarray, noise: float) -> None:
        self.G = G
        self.smallest = noise * np.diag(G)
        self.omegas = np.empty((min(G.shape), len(G)))
        self._measure()

    @property
    def left(self) -> float:
        """‖E‖_F²."""
        return float(self.g.sum())

    def best(self) -> int | None:
        """The column with the largest gain; None when every remainder is noise."""
        gains = self._gains()
        if self.t and gains.max() <= DEFLATE * self.peak:
            self.G -= self.omegas[: self.t].T @ self.omegas[: self.t]
            self._measure()
            gains = self._gains()
        return first_largest(gains) if gains.any() else None

    def take(self, column: int) -> None:
        """Farahat et al.: the recursive update of numerators f and denominators g."""
        omegas = self.omegas[: self.t]
        delta = self.G[column] - omegas[:, column] @ omegas
        omega = delta / np.sqrt(delta[column])
        G_omega = omega @ self.G - (omegas @ omega) @ omegas
        self.f += omega * ((omega @ omega) * omega - 2 * G_omega)
        self.g = np.maximum(self.g - omega**2, 0.0)
        self.g[column], self.reference[column], self.smallest[column] = 0.0, np.inf, np.inf
        self.omegas[self.t] = omega
        self.t += 1

    def _measure(self) -> None:
        self.t = 0
        self.g = np.where(np.diag(self.G) > self.smallest, np.diag(self.G), 0.0)
        self.f = np.einsum("ij,ij->j", self.G, self.G)
        self.reference = np.where(self.g > 0, self.g, np.inf)
        self.peak = self._gains().max(initial=0.0)

    def _gains(self) -> np.ndarray:
        trusted = self.g > TRUST * self.reference
        return np.where(trusted, self.f, 0.0) / np.where(trusted, self.g, 1.0)
