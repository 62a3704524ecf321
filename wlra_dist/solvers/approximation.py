"""What a solver answers: an approximation of A that is kept as its factors, and the solver itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlra_dist.inputs.brief import brief
from wlra_dist.weights import Weights


class Approximation(Protocol):
    """Ã ≈ A, n×d, as factors; `wlra_dist.weights.reweighted.ReweightedBlock` is one, too."""

    @property
    def shape(self) -> tuple[int, int]:
        """That of A, n×d."""
        ...

    @property
    def parameters(self) -> int:
        """How many numbers are stored."""
        ...

    def columns(self, columns: np.ndarray) -> np.ndarray:
        """Ã on these columns (n×|columns|)."""
        ...


@dataclass(frozen=True, eq=False)
class LowRank:
    """Ã = U V of rank at most k.

    Attributes
    ----------
    U
        n×k.
    V
        k×d.
    """

    U: np.ndarray
    V: np.ndarray

    def __repr__(self) -> str:
        return brief(self)

    @property
    def shape(self) -> tuple[int, int]:
        """That of A, n×d."""
        return self.U.shape[0], self.V.shape[1]

    @property
    def parameters(self) -> int:
        """(n + d)·k."""
        return self.U.size + self.V.size

    def columns(self, columns: np.ndarray) -> np.ndarray:
        """Ã on these columns (n×|columns|)."""
        return self.U @ self.V[:, columns]


class Solver(Protocol):
    """Minimises ‖W∘(A − Ã)‖_F²; its dataclass fields are the method's options.

    Yields iterates, each a complete answer. One that can start from another's answer takes it as a further argument,
    `start`.
    """

    def __call__(self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator) -> Iterator[Approximation]:
        """A is n×d, dense or a memory map; W is n×d; k is the target rank, which may exceed n and d."""
        ...
