"""What errors in a matrix cost: alike, by the second moments of its inputs, or entry by entry.

Each norm has a best matrix of every rank, or one that is near it, and a lower bound on the loss of all others. The
receiver needs none of it.

‖(A − Ã)C^{1/2}‖² is what the outputs A x lose over inputs x of second moments C. With the left singular vectors U of
A C^{1/2} its best matrix of rank k is U_k U_kᵀ A, for a singular C, too (Eckart & Young for A C^{1/2}, whose truncation
U_k U_kᵀ A C^{1/2} is the image of that matrix). So nothing is ever inverted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np

from wlra_dist.models.rounding import Costs

ROUNDING = float(np.finfo(float).eps)

MOST_BOUNDED = 1 << 21
"""Entries above which no bound is looked for under elementwise weights: it would cost more than all else."""


class Factors(NamedTuple):
    """L R near A, L (n×k) with orthonormal columns in a norm in which an error of R costs what it costs in A."""

    L: np.ndarray
    R: np.ndarray


@dataclass(frozen=True, eq=False)
class Moments:
    """‖(A − Ã)C^{1/2}‖² for C = Q diag(squares) Qᵀ, of which the positive part counts; plain where there is no C.

    Attributes:
        A: n×d.
        squares, Q: of C (d, d×d); None for the identity.
    """

    A: np.ndarray
    squares: np.ndarray | None = None
    Q: np.ndarray | None = None

    @classmethod
    def of(cls, A: np.ndarray, C: np.ndarray | None) -> "Moments":
        """C (d×d) may be of any scale, singular, and indefinite by rounding."""
        if C is None:
            return cls(A)
        scale = float(np.abs(C).max(initial=0.0)) or 1.0
        squares, Q = np.linalg.eigh((C / scale + C.T / scale) / 2)
        return cls(A, np.maximum(squares, 0.0), Q)

    @cached_property
    def M(self) -> np.ndarray:
        """C's positive part, over its scale (d×d)."""
        if self.squares is None or self.Q is None:
            return np.eye(self.A.shape[1])
        return (self.Q * self.squares) @ self.Q.T

    @cached_property
    def costs(self) -> Costs:
        """What errors in A cost."""
        n, d = self.A.shape
        return self._costs(np.ones(n)) if self.squares is not None else Costs(np.ones(n), np.ones(d))

    def _costs(self, rows: np.ndarray) -> Costs:
        return Costs.of(self.M, rows)

    def seen(self, X: np.ndarray) -> np.ndarray:
        """X C^{1/2}, but for a rotation."""
        return X if self.squares is None or self.Q is None else (X @ self.Q) * np.sqrt(self.squares)

    @cached_property
    def energy(self) -> float:
        """The loss of 0."""
        return self.loss(self.A)

    def loss(self, error: np.ndarray) -> float:
        """What an error (n×d) costs."""
        return float(np.square(self.seen(error)).sum())

    @cached_property
    def _eigen(self) -> tuple[np.ndarray, np.ndarray]:
        """Squares of singular values of A C^{1/2}, falling; left vectors (n×n) if n ≤ d, else right ones (d×d)."""
        B = self.seen(self.A)
        squares, vectors = np.linalg.eigh(B @ B.T if len(B) <= B.shape[1] else B.T @ B)
        return np.maximum(squares[::-1], 0.0), vectors[:, ::-1]

    @property
    def spectrum(self) -> np.ndarray:
        """Squares of singular values, falling, whose tails are what the best matrix of each rank loses."""
        return self._eigen[0]

    def factors(self, k: int) -> Factors:
        """The best matrix of rank k."""
        leading = self._eigen[1][:, :k]
        U = leading if len(leading) == len(self.A) else np.linalg.qr(self.seen(self.A) @ leading)[0]
        return Factors(U, U.T @ self.A)

    def refitted(self, R: np.ndarray) -> tuple[np.ndarray, Costs]:
        """The best L (n×k) for the rows of R (k×d), and what its errors cost."""
        B, S = self.seen(self.A), self.seen(R)
        L = np.linalg.lstsq(S.T, B.T, rcond=_RCOND)[0].T
        return L, Costs.of(S @ S.T, np.ones(len(L)))

    def bound(self, k: int) -> float | None:
        """The energy beyond the k largest singular values, less what rounding in the Gram matrix may have added."""
        tail = float(self.spectrum[k:].sum())
        doubt = (k + 1) * sum(self.A.shape) * ROUNDING * self.energy
        return max(0.0, tail - doubt)


_RCOND = 1e-10
"""Of the largest singular value, or of the mean one where it is a ridge: smaller ones are taken for rounding."""


@dataclass(frozen=True, eq=False)
class Elementwise:
    """‖W∘(A − Ã)‖² for W ≥ 0 (n×d): where it is 0, A has no entry.

    Factors are those of alternating least squares. Rounding goes by the nearest weights of rank one.
    """

    A: np.ndarray
    W: np.ndarray
    _found: dict[int, Factors] = field(default_factory=dict)

    @classmethod
    def of(cls, A: np.ndarray, W: np.ndarray) -> "Elementwise":
        scale = float(W.max(initial=0.0)) or 1.0
        return cls(np.where(W > 0, A, 0.0), W / scale)

    @cached_property
    def _margins(self) -> tuple[np.ndarray, np.ndarray]:
        """Square roots of the row and column weights whose products are nearest to W∘W."""
        squares = np.square(self.W)
        total = float(squares.sum()) or 1.0
        return np.sqrt(squares.sum(axis=1) / np.sqrt(total)), np.sqrt(squares.sum(axis=0) / np.sqrt(total))

    @property
    def costs(self) -> Costs:
        return Costs(*self._margins)

    @cached_property
    def energy(self) -> float:
        return self.loss(self.A)

    def loss(self, error: np.ndarray) -> float:
        return float(np.square(self.W * error).sum())

    @cached_property
    def spectrum(self) -> np.ndarray:
        B = np.multiply.outer(*self._margins) * self.A
        squares = np.linalg.eigvalsh(B @ B.T if len(B) <= B.shape[1] else B.T @ B)[::-1]
        seen = float(squares.sum()) or 1.0
        return np.maximum(squares, 0.0) * (self.energy / seen)

    def factors(self, k: int) -> Factors:
        from wlra_dist.solvers import solve

        if k not in self._found:
            found = solve(self.A, self.W, k, certify=False, iterations=_ITERATIONS).approximation
            U, V = (np.asarray(getattr(found, name), dtype=float) for name in "UV")
            rows, columns = (np.where(margin > 0, margin, 1.0) for margin in self._margins)
            Q, T = np.linalg.qr(rows[:, None] * U)
            left, sizes, right = np.linalg.svd(T @ (V * columns), full_matrices=False)
            self._found[k] = Factors(Q @ left / rows[:, None], sizes[:, None] * right / columns)
        return self._found[k]

    def refitted(self, R: np.ndarray) -> tuple[np.ndarray, Costs]:
        rows, columns = self._margins
        L = np.vstack([_row_fits(self.A[run], np.square(self.W[run]), R) for run in _row_runs(self.A.shape, len(R))])
        S = R * columns
        return L, Costs.of(S @ S.T, rows)

    def bound(self, k: int) -> float | None:
        from wlra_dist.optima import Effort, lower_bounds
        from wlra_dist.weights import DenseWeights

        if self.A.size > MOST_BOUNDED:
            return None
        effort = Effort(terms=2, steps=30)
        bounds = lower_bounds(self.A, DenseWeights(self.W), 1, k, rank_proven=False, effort=effort)
        return max(bounds.values(), default=0.0) or None


Norm: TypeAlias = Moments | Elementwise

_ITERATIONS = 8
"""Of alternating minimisation on weights: a start for what is rounded afterwards."""


def _row_runs(shape: tuple[int, int], k: int) -> Iterator[slice]:
    """Rows of which the normal equations are made at a time: k×d numbers each."""
    width = max(1, (1 << 22) // max(1, k * shape[1]))
    yield from (slice(start, start + width) for start in range(0, shape[0], width))


def _row_fits(A: np.ndarray, squares: np.ndarray, R: np.ndarray) -> np.ndarray:
    """The l that minimises Σ_j w_ij² (a_ij − (l R)_j)², for each row."""
    weighted = squares[:, None] * R
    G = weighted @ R.T
    ridge = _RCOND * np.trace(G, axis1=1, axis2=2) / max(1, len(R))
    G += np.maximum(ridge, np.finfo(float).tiny)[:, None, None] * np.eye(len(R))
    return np.linalg.solve(G, (weighted @ A[..., None]))[..., 0]
