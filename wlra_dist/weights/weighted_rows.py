"""B = W∘A, formed a few rows at a time."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.rows.rows import FLOAT64, Transposed, computed_in, mapped_rows
from wlra_dist.weights import DenseWeights, LowRankWeights, Weights


@dataclass(frozen=True, eq=False)
class Weighted:
    """B = W∘A, formed piece by piece."""

    A: np.ndarray
    W: Weights
    dtype: np.dtype

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.A.shape
        return n, d

    @property
    def T(self) -> Transposed:
        return Transposed(self)

    def typed(self, dtype: np.dtype) -> "Weighted":
        return Weighted(self.A, self.W, dtype)

    def rows(self, run: slice) -> np.ndarray:
        return product(mapped_rows(self.A, run), weight_rows(self.W, run, self.dtype), self.dtype)

    def columns(self, run: slice) -> np.ndarray:
        return product(self.A[:, run], self.W.dense(run), self.dtype)


def weighted(A: np.ndarray, W: Weights) -> Weighted:
    """W∘A, in float32 if that is A's type, else in float64."""
    return Weighted(A, W, computed_in(A))


def product(A: np.ndarray, W: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """W∘A, rounded to the type at the end; integers are multiplied as floats."""
    return np.multiply(A, W, out=np.empty(A.shape, dtype), casting="same_kind", dtype=np.result_type(A, W, dtype))


def weight_rows(W: Weights, run: slice, dtype: np.dtype = FLOAT64) -> np.ndarray:
    """W[run]; of dense weights in their own type, else in this one, and formed for these rows only."""
    match W:
        case DenseWeights():
            return mapped_rows(W.W, run)
        case LowRankWeights():
            U, V = W.U[run].astype(dtype), W.V.astype(dtype)
            return np.multiply.outer(U[:, 0], V[0]) if len(V) == 1 else U @ V  # a GEMM of rank one is slow
    return W.rows(np.arange(W.shape[0])[run]).dense(slice(None)).astype(dtype)
