"""S = W∘W divided by its largest entry, as the solvers that iterate use it: dense, or as factors.

Where W = U V has r terms, W∘W has r(r+1)/2: Gram matrices of all rows then cost a product with that many columns
instead of d, and no n×d weights are kept.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.rows.rows import row_runs
from wlra_dist.weights import DenseWeights, LowRankWeights, Weights

FAINT = 2.0**-64
"""Numbers below this are not for float32: its products slow down tenfold once they are subnormal."""


class Squares(Protocol):
    """S (n×d), 0 ≤ S ≤ 1."""

    @property
    def shape(self) -> tuple[int, int]: ...

    @property
    def T(self) -> "Squares": ...

    @property
    def weights(self) -> Weights:
        """S as a weight matrix."""
        ...

    def rows(self, rows: slice) -> np.ndarray:
        """S on a run of rows."""
        ...

    def some(self, rows: np.ndarray) -> "Squares":
        """S on any rows."""
        ...

    def sums(self, M: np.ndarray, rows: slice) -> np.ndarray:
        """M S[rows]ᵀ (p×|rows|) in M's type, for M p×d."""
        ...


@dataclass(frozen=True, eq=False)
class DenseSquares:
    """S entry by entry."""

    S: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.S.shape
        return n, d

    @property
    def T(self) -> "DenseSquares":
        return DenseSquares(self.S.T)

    @property
    def weights(self) -> DenseWeights:
        return DenseWeights(self.S)

    def rows(self, rows: slice) -> np.ndarray:
        return self.S[rows]

    def some(self, rows: np.ndarray) -> "DenseSquares":
        return DenseSquares(self.S[rows])

    def sums(self, M: np.ndarray, rows: slice) -> np.ndarray:
        S = self.S[rows]
        return M @ (S if S.dtype == M.dtype else without(S.astype(M.dtype), FAINT)).T


@dataclass(frozen=True, eq=False)
class FactoredSquares:
    """S = P Q with P (n×R) and Q (R×d), both nonnegative."""

    P: np.ndarray
    Q: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        return self.P.shape[0], self.Q.shape[1]

    @property
    def T(self) -> "FactoredSquares":
        return FactoredSquares(self.Q.T, self.P.T)

    @property
    def weights(self) -> LowRankWeights:
        return LowRankWeights(self.P, self.Q)

    def rows(self, rows: slice) -> np.ndarray:
        return self.P[rows] @ self.Q

    def some(self, rows: np.ndarray) -> "FactoredSquares":
        return FactoredSquares(self.P[rows], self.Q)

    def sums(self, M: np.ndarray, rows: slice) -> np.ndarray:
        return ((M @ self.Q.T) @ self.P[rows].T).astype(M.dtype, copy=False)


def squares(W: Weights, dtype: np.dtype) -> Squares:
    """W∘W over its largest entry, with numbers of this type; zero if W is."""
    product = factors(W)
    if product is None or product[1].shape[0] * 2 >= min(W.shape):
        return _dense(W, dtype)
    P, Q = product
    largest = max((float((P[rows] @ Q).max(initial=0.0)) for rows in runs(*W.shape)), default=0.0)
    return FactoredSquares((P / (largest or 1.0)).astype(dtype), Q.astype(dtype))


def factors(W: Weights) -> tuple[np.ndarray, np.ndarray] | None:
    """P and Q with W∘W = P Q, if the structure of W gives them."""
    own = getattr(W, "square_factors", None)
    return own() if own is not None else None


def _dense(W: Weights, dtype: np.dtype) -> DenseSquares:
    S = np.empty(W.shape, dtype=dtype)
    if isinstance(W, DenseWeights):
        _square(W.W, S)
    else:
        _square(W.dense(slice(None)), S)
    return DenseSquares(S)


def _square(W: np.ndarray, S: np.ndarray) -> None:
    """S becomes (W/max W)²; what is near subnormal becomes 0: it weighs nothing, and slows products down."""
    largest = max((float(W[rows].max()) for rows in row_runs(*S.shape)), default=0.0) or 1.0
    nothing = np.finfo(S.dtype).tiny / np.finfo(S.dtype).eps
    for rows in row_runs(*S.shape):
        np.divide(W[rows], largest, out=S[rows], casting="same_kind")
        np.square(S[rows], out=S[rows])
        without(S[rows], nothing)


def without(M: np.ndarray, least: float) -> np.ndarray:
    """M, its nonnegative entries below `least` made 0."""
    if M.min(initial=least) < least:
        np.multiply(M, least <= M, out=M)  # four times as fast as an assignment where many are 0 already
    return M
