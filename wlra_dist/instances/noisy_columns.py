"""Columns of low rank plus noise, each drawn from a stream of its own.

The numbers are sums and products of uniform draws, taken column by column: no logarithm and no matrix
product, whose last bits differ between machines and between block widths.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlra_dist.instances.streams import Purpose, stream

LARGEST_BASE = 3
"""Integer base vectors have entries −3 … 3 without 0."""

LARGEST_COEFFICIENT = 2
"""Integer columns combine base vectors with coefficients −2 … 2."""

MEMBERS = 2
"""Base vectors that share a support when columns are sparse."""


@dataclass(frozen=True)
class NoisyColumns:
    """d columns in `blocks` diagonal blocks of `height` rows, each of rank `rank` but for the noise.

    The base vectors form groups, and a group shares one support in each diagonal block. A column draws a
    group and combines its members, with noise on that support and on further rows of its own. Dense columns
    (s is None) know one group of all base vectors, on all rows; sparse ones groups of two on about 2s/3 of
    their s rows.
    """

    height: int
    d: int
    blocks: int
    rank: int
    s: int | None
    integer: bool
    noise: float
    seed: int

    @property
    def members(self) -> int:
        """The base vectors of a group."""
        return self.rank if self.s is None else min(MEMBERS, self.rank)

    @property
    def groups(self) -> int:
        return -(-self.rank // self.members)

    @property
    def bound(self) -> int:
        """The largest absolute value that an integer entry can have."""
        return self.members * LARGEST_BASE * LARGEST_COEFFICIENT + (self.noise > 0)

    def column(self, j: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows and values of column j; values may be 0."""
        rng = stream(self.seed, Purpose.COLUMN, j)
        block = j * self.blocks // self.d
        rows, base = self.bases[block * self.groups + int(rng.integers(self.groups))]
        signal = combine(base, self.uniform(LARGEST_COEFFICIENT, len(base), rng))
        rows = np.concatenate([rows, self.further(rows, rng)])
        values = self.noise_on(len(rows), rng)
        values[: len(signal)] += signal
        return block * self.height + rows, values

    @cached_property
    def bases(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each diagonal block and group: the support (sorted rows) and the base vectors on it."""
        return [self.base(index) for index in range(self.blocks * self.groups)]

    def base(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = stream(self.seed, Purpose.BASE, index)
        size = self.height if self.s is None else max(1, 2 * self.s // 3)
        rows = np.sort(rng.choice(self.height, size, replace=False))
        # the last group is smaller where two do not divide the rank
        members = min(self.members, self.rank - index % self.groups * self.members)
        base = self.uniform(LARGEST_BASE, (members, size), rng)
        return rows, np.where(base == 0, 1, base) if self.integer else base

    def further(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Random rows outside the sorted `rows`, as many as are missing to s."""
        free, missing = self.height - len(rows), (self.s or self.height) - len(rows)
        chosen = rng.choice(free, missing, replace=False, shuffle=False)
        # the t-th row that is not in `rows` comes after t others and all of `rows` that lie before it
        return chosen + np.searchsorted(rows - np.arange(len(rows)), chosen, side="right")

    def noise_on(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Uniform in [−noise, noise), or ±1 with probability `noise`."""
        if not self.integer:
            return rng.uniform(-self.noise, self.noise, count)
        draw = rng.random(count)
        return np.where(draw < self.noise, np.where(draw < self.noise / 2, 1.0, -1.0), 0.0)

    def uniform(self, largest: int, shape: int | tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        """Uniform integers up to ±largest, or reals in [−1, 1)."""
        return rng.integers(-largest, largest + 1, shape) * 1.0 if self.integer else rng.uniform(-1, 1, shape)


def combine(base: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Σ_b coefficients_b · base_b, summed in order: a GEMV would round differently on another machine."""
    signal = np.zeros(base.shape[1])
    for coefficient, vector in zip(coefficients, base, strict=True):
        signal += coefficient * vector
    return signal
