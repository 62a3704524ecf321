"""Upper bounds on OPT, to hold the lower bounds against: alternating least squares from many starts."""

import numpy as np


def als_loss(A: np.ndarray, W: np.ndarray, k: int, starts: int = 8, steps: int = 60) -> float:
    """The least ‖W∘(A − U Vᵀ)‖_F² seen from random starts and from the SVDs of A and of W∘A; all at once."""
    if k >= min(A.shape):
        return 0.0
    rng = np.random.default_rng(0)
    first = [np.linalg.svd(M, full_matrices=False)[2][:k].T for M in (A, W * A)]
    V = np.stack([*first, *rng.standard_normal((starts, A.shape[1], k))])
    squares, least = np.square(W), np.full(len(V), np.inf)
    for _ in range(steps):
        U = np.linalg.qr(_best_rows(A, squares, np.linalg.qr(V)[0]))[0]
        V = _best_rows(A.T, squares.T, U)
        losses = (squares * np.square(A - U @ V.swapaxes(1, 2))).sum(axis=(1, 2))
        done = losses > least * (1 - 1e-7)
        least = np.minimum(least, losses)
        if done.all():
            break
    return float(least.min())


def _best_rows(A: np.ndarray, squares: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Row by row the minimiser of Σ_j W_ij² (A_ij − u·v_j)², up to a ridge that makes it unique; each VᵀV = I."""
    k = V.shape[2]
    products = (V[:, :, :, None] * V[:, :, None, :]).reshape(len(V), -1, k * k)
    gram = (squares @ products).reshape(len(V), -1, k, k)
    ridge = 1e-12 * np.trace(gram, axis1=2, axis2=3) + np.finfo(float).tiny
    gram += ridge[:, :, None, None] * np.eye(k)
    return np.linalg.solve(gram, ((squares * A) @ V)[..., None])[..., 0]
