"""What fresh Gaussian rows prove of a loss and of a tail, but for a chance that is chosen (Laurent & Massart 2000).

For G (s×n, standard normal) and a matrix R that was settled without a look at it, ‖GR‖_F² is a weighted sum of χ²
variables, whose weights are the squared singular values of R: lemma 1 bounds both its tails. Rounding with dither adds
independent errors of a known variance, of which Hoeffding's inequality takes care. Each inequality fails with a
probability of at most e^−x.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.spectral.decompositions import singular_values

LOSS_EVENTS, TAIL_EVENTS = 5, 3
"""How many inequalities a bound on a loss and one on a tail rest on."""


class Seen(NamedTuple):
    """A sketch GR (s×d) as it came, rounded with dither to this step."""

    rows: np.ndarray
    step: float

    @property
    def rounding(self) -> float:
        """The expected energy of the rounding."""
        return self.rows.size * self.step**2 / 12

    def slack(self, x: float) -> float:
        """How far the energy of the rounding is from that at most: entries are within step²/4."""
        return self.step**2 * sqrt(self.rows.size * x / 32)


def at_most(seen: Seen, x: float) -> float:
    """No less than ‖R‖_F²."""
    s, crossing = len(seen.rows), seen.step * sqrt(2 * x)
    energy = float(np.square(seen.rows).sum()) - seen.rounding + seen.slack(x)
    of_rows = _largest(crossing, energy)
    top = largest_at_most(seen, x)
    return ((sqrt(x * top) + sqrt(x * top + of_rows)) ** 2) / s  # sL − 2√(s·x·σ₁²·L) ≤ ‖GR‖²


def largest_at_most(seen: Seen, x: float) -> float:
    """No less than σ₁(R)²: a unit vector v has ‖GRv‖² = ‖Rv‖²·χ²_s, and the sketch has no longer one."""
    s = len(seen.rows)
    lowest = s - 2 * sqrt(s * x)
    if lowest <= 0:
        return np.inf
    return _largest(seen.step * sqrt(2 * x), float(singular_values(seen.rows)[0]) ** 2) / lowest


def tail_at_least(seen: Seen, K: int, x: float, largest: float) -> float:
    """No more than ‖B_{−K}‖_F², where GB was seen and σ_{K+1}(B)² ≤ `largest`.

    ‖(GB)_{−K}‖_F ≤ ‖GB(I − P)‖_F for the projection P on the K leading right singular vectors of B.
    """
    s, crossing = len(seen.rows), seen.step * sqrt(2 * x)
    beyond = float(np.square(singular_values(seen.rows)[K:]).sum()) - seen.rounding - seen.slack(x)
    of_rows = (sqrt(crossing**2 + 4 * beyond) - crossing) ** 2 / 4 if beyond > 0 else 0.0
    by_itself = of_rows / (s + 2 * sqrt(s * x) + 2 * x)  # as σ_{K+1}² is a part of the tail
    if of_rows <= 2 * x * largest:
        return by_itself
    return max(by_itself, (sqrt(of_rows - x * largest) - sqrt(x * largest)) ** 2 / s)


def _largest(crossing: float, energy: float) -> float:
    """The largest S with S − crossing·√S ≤ energy."""
    return (crossing + sqrt(max(crossing**2 + 4 * energy, 0.0))) ** 2 / 4
