"""The weighted least squares fit of each row, as exact as one orthogonal factorisation a row, and cheaper for most.

Normal equations square the condition number of W_i∘V, and one correction by the residual brings back what that cost
while the square is well below 1/eps. The rows beyond it are solved by singular values, as numpy's lstsq solves them.
"""

import numpy as np

from wlra_dist.linalg.blocks import runs

EPS = float(np.finfo(float).eps)

WELL = 2.0**-26
"""√eps: a Gram matrix is used where its least eigenvalue is more than this share of the largest. The first fit then has
half of all digits, and the correction finds the others."""


def fit_rows(V: np.ndarray, W: np.ndarray, X: np.ndarray) -> np.ndarray:
    """U (n×k) with the least ‖W∘(X − UV)‖_F² for V (k×d), of the least norm where the weights leave a choice.

    W is n×d, or 1×d for all rows; what X is where W is 0 must be finite.
    """
    if len(W) == 1:
        W = _scaled(W)
        return np.linalg.lstsq((W * V).T, (W * X).T, rcond=None)[0].T
    U = np.empty((len(X), len(V)))
    for run in runs(len(X), max(V.shape[1], len(V) ** 2)):
        U[run] = _fitted(V, _scaled(W[run]), X[run])
    return U


def _scaled(W: np.ndarray) -> np.ndarray:
    """Each row over its largest: a row's fit does not depend on its scale, which squares may not have."""
    largest = W.max(axis=1, keepdims=True)
    return W / np.where(largest > 0, largest, 1.0)


def _fitted(V: np.ndarray, W: np.ndarray, X: np.ndarray) -> np.ndarray:
    pairs = (V[:, None] * V[None]).reshape(-1, V.shape[1])  # of rows of V, two by two: the Gram matrices' basis
    S = np.square(W)
    values, vectors = np.linalg.eigh((S @ pairs.T).reshape(-1, len(V), len(V)))
    ill = np.flatnonzero(values[:, 0] <= WELL * values[:, -1])
    values[ill] = 1.0
    inverses = vectors / values[:, None] @ vectors.swapaxes(1, 2)

    def corrected(U: np.ndarray) -> np.ndarray:
        return U + _each((S * (X - U @ V)) @ V.T, inverses)

    U = corrected(corrected(np.zeros((len(X), len(V)))))
    for run in runs(len(ill), V.size):
        U[ill[run]] = _by_singular_values(V, W[ill[run]], X[ill[run]])
    return U


def _by_singular_values(V: np.ndarray, W: np.ndarray, X: np.ndarray) -> np.ndarray:
    left, values, right = np.linalg.svd(W[:, None] * V, full_matrices=False)
    seen = values > V.shape[1] * EPS * values[:, :1]
    inverses = np.divide(1.0, values, out=np.zeros_like(values), where=seen)
    return _each(inverses * _each(W * X, right.swapaxes(1, 2)), left.swapaxes(1, 2))


def _each(rows: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Row i times matrix i."""
    return (rows[:, None] @ matrices)[:, 0]
