"""Sums of squares known by chance: their estimates, and what they are at least or at most but for a stated chance.

‖DᵀG‖_F²/t for t Gaussian columns G is Σ_j λ_j χ²_t/t, with λ the eigenvalues of DDᵀ: of mean Σλ and variance 2Σλ²/t.
It is held for a multiple of one χ² of the same mean and variance (Satterthwaite 1946), whose quantiles are those of
Wilson & Hilferty (1931). Signs in place of Gaussian numbers vary no more. Σλ² is estimated from the same squares.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np


@dataclass(frozen=True)
class Estimate:
    """A sum of squares, and the variance of that estimate."""

    value: float = 0.0
    variance: float = 0.0

    @classmethod
    def of_eigenvalues(cls, values: np.ndarray, rows: int) -> "Estimate":
        """From the eigenvalues of the Gram matrix of so many independent rows; their sum is the value.

        Of rows with Σλ²: E tr G² = t((t+1)Σλ² + (Σλ)²) and E (tr G)² = t²(Σλ)² + 2tΣλ².
        """
        total, squares = float(values.sum()), float(np.square(values).sum())
        most = total**2 / rows**2  # Σλ² where one λ is all; and each of them at least t-th of that, if none is
        found = (squares - total**2 / rows) / (rows**2 + rows - 2) if rows > 1 else most
        lambdas = min(max(found, most / MOST_DIRECTIONS), most)
        return cls(total, 2 * lambdas * rows)

    def __add__(self, other: "Estimate") -> "Estimate":
        """Of the sum, if both are independent."""
        return Estimate(self.value + other.value, self.variance + other.variance)

    def times(self, factor: float) -> "Estimate":
        return Estimate(factor * self.value, factor**2 * self.variance)

    def at_most(self, chance: float) -> float:
        """What the sum is at most, but for this chance."""
        low = self._quantile(chance)
        return self.value / low if low else np.inf if self.value else 0.0

    def at_least(self, chance: float) -> float:
        """What the sum is at least, but for this chance."""
        return self.value / self._quantile(1 - chance) if self.value else 0.0

    def _quantile(self, chance: float) -> float:
        """Of a χ² of mean 1 with this relative variance 2/D."""
        if not self.variance:
            return 1.0
        spread = self.variance / self.value**2 / 9
        return max(0.0, 1 - spread + NormalDist().inv_cdf(chance) * spread**0.5) ** 3


MOST_DIRECTIONS = 2.0**20
"""No estimate is held for more exact than one of so many equal eigenvalues."""
