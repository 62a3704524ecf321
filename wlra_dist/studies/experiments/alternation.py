"""Alternating minimisation as Song, Ye, Yin & Zhang (2023) write its steps, with regressions of any kind.

Their text is at hand in outline only; clipping and the start are those of Li, Liang & Risteski (2016), on whom they
build. In each iteration: X̃ from regressions for Y, clip, QR; Ỹ from regressions for X, clip, QR. X Ỹᵀ is the answer,
Ỹ before it is clipped: the best for that X. `solvers.methods.als` takes the same steps and keeps more digits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np

from wlra_dist.solvers.methods.als import clipped
from wlra_dist.solvers.regressions.simply import regressions

Start = Literal["random", "svd"]


class Regress(Protocol):
    """Multiple regressions, exact or not."""

    def __call__(self, A: np.ndarray, V: np.ndarray, W: np.ndarray) -> np.ndarray:
        """U (n×k) for A ≈ UV under the weights W."""
        ...


class Iterate(NamedTuple):
    """An answer X Ỹᵀ, and the largest error of the two regressions that led to it: ‖U − U*‖₂ over ‖U*‖₂."""

    approximation: np.ndarray
    error: float


def alternation(
    A: np.ndarray, W: np.ndarray, Y: np.ndarray, iterations: int, clip: float, regress: Regress
) -> Iterator[Iterate]:
    """So many answers, from Y (d×k)."""
    Y = orthonormal(Y, clip)
    for _ in range(iterations):
        X_tilde = regress(A, Y.T, W)
        rows = spectral_error(X_tilde, regressions(A, Y.T, W))
        X = orthonormal(X_tilde, clip)
        Y_tilde = regress(A.T, X.T, W.T)
        columns = spectral_error(Y_tilde, regressions(A.T, X.T, W.T))
        yield Iterate(X @ Y_tilde.T, max(rows, columns))
        Y = orthonormal(Y_tilde, clip)


def orthonormal(U: np.ndarray, clip: float) -> np.ndarray:
    """QR of what clipping leaves of U."""
    return np.linalg.qr(clipped(U, clip))[0]


def started(A: np.ndarray, W: np.ndarray, k: int, start: Start, rng: np.random.Generator) -> np.ndarray:
    """Y (d×k): random, or the leading right singular vectors of W∘W∘A."""
    if start == "random":
        return rng.standard_normal((A.shape[1], k))
    return np.linalg.svd(np.square(W) * A, full_matrices=False)[2][:k].T


def spectral_error(U: np.ndarray, exact: np.ndarray) -> float:
    """‖U − exact‖₂ over ‖exact‖₂."""
    size = float(np.linalg.norm(exact, 2))
    return float(np.linalg.norm(U - exact, 2)) / (size or 1.0)


@dataclass(frozen=True)
class Perturbed:
    """Exact regressions, and then an error of any spectral norm.

    Args:
        error: ‖U − U*‖₂ over ‖U*‖₂.
        rng: of the error, a Gaussian matrix.
    """

    error: float
    rng: np.random.Generator

    def __call__(self, A: np.ndarray, V: np.ndarray, W: np.ndarray) -> np.ndarray:
        exact = regressions(A, V, W)
        if not self.error:
            return exact
        E = self.rng.standard_normal(exact.shape)
        return exact + self.error * np.linalg.norm(exact, 2) / np.linalg.norm(E, 2) * E


@dataclass(frozen=True)
class Sketched:
    """The paper's regressions, stopped after so many gradient steps."""

    steps: int
    rng: np.random.Generator

    def __call__(self, A: np.ndarray, V: np.ndarray, W: np.ndarray) -> np.ndarray:
        return regressions(A, V, W, "sketched", steps=self.steps, rng=self.rng)
