"""What is written into the columns of a hard input, and how many bits that is."""

from dataclasses import dataclass
from math import lgamma, log, log2
from typing import Protocol

import numpy as np

from wlra_dist.instances.streams import Purpose, stream


class Drawn(Protocol):
    """Random numbers for each written column; `height` rows of a block carry them."""

    @property
    def height(self) -> int: ...

    @property
    def entropy(self) -> float:
        """Bits of a column, given those before it in its block."""
        ...

    @property
    def choices(self) -> float:
        """log2 of how many columns there are; the entropy, where all are equally likely."""
        ...

    def column(self, columns: np.ndarray) -> np.ndarray:
        """What stands in the last of these columns of a block, which are all from its first one on (height)."""
        ...


@dataclass(frozen=True)
class Bits:
    """Uniform bits: those of A_dense in Thm 1.5."""

    height: int
    seed: int

    @property
    def entropy(self) -> int:
        return self.height

    @property
    def choices(self) -> int:
        return self.height

    def column(self, columns: np.ndarray) -> np.ndarray:
        return stream(self.seed, Purpose.COLUMN, int(columns[-1])).integers(0, 2, self.height)


@dataclass(frozen=True)
class Chain:
    """Bits that repeat the one to their left with probability `repeat`; to the left of the first column all are 0."""

    height: int
    seed: int
    repeat: float

    @property
    def entropy(self) -> float:
        """H(repeat) for each bit: whether it repeats is independent of all before."""
        return self.height * -sum(p * log2(p) for p in (self.repeat, 1 - self.repeat) if p)

    @property
    def choices(self) -> int:
        return self.height if 0 < self.repeat < 1 else 0

    def column(self, columns: np.ndarray) -> np.ndarray:
        return np.sum([self.turns(j) for j in columns.tolist()], axis=0) % 2

    def turns(self, j: int) -> np.ndarray:
        """Which bits of column j differ from those to their left."""
        return stream(self.seed, Purpose.COLUMN, j).random(self.height) >= self.repeat


@dataclass(frozen=True)
class Scattered:
    """One of all columns of `height` entries with at most s nonzeros, which are ±1 … ±magnitude."""

    s: int
    seed: int
    height: int
    magnitude: int

    @property
    def entropy(self) -> float:
        """log2 Σ_{t≤s} (height choose t)·(2M)^t."""
        return float(np.logaddexp.reduce(self._logs)) / log(2)

    @property
    def choices(self) -> float:
        return self.entropy

    def column(self, columns: np.ndarray) -> np.ndarray:
        rng = stream(self.seed, Purpose.COLUMN, int(columns[-1]))
        chances = np.exp(self._logs - self._logs.max())
        t = int(rng.choice(self.s + 1, p=chances / chances.sum()))
        values = np.zeros(self.height, dtype=np.int64)
        size = rng.integers(1, self.magnitude + 1, t)
        values[rng.permutation(self.height)[:t]] = size * rng.choice([-1, 1], t)
        return values

    @property
    def _logs(self) -> np.ndarray:
        """ln of the number of columns with 0 … s nonzeros."""
        h, M = self.height, self.magnitude
        return np.array([lgamma(h + 1) - lgamma(t + 1) - lgamma(h - t + 1) + t * log(2 * M) for t in range(self.s + 1)])
