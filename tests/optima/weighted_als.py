"""Upper bounds on OPT, to hold the lower bounds against: alternating least squares from many starts."""

import numpy as np


def als_loss(A: np.ndarray, W: np.ndarray, k: int, starts: int = 8, steps: int = 60) -> float:
    """The least ‖W∘(A − U Vᵀ)‖_F² seen from random starts and from the SVDs of A and of W∘A."""
    if k >= min(A.shape):
        return 0.0
    rng = np.random.default_rng(0)
    first = [np.linalg.svd(M, full_matrices=False)[2][:k].T for M in (A, W * A)]
    first += [rng.standard_normal((A.shape[1], k)) for _ in range(starts)]
    return min(_descend(A, np.square(W), V, steps) for V in first)


def _descend(A: np.ndarray, squares: np.ndarray, V: np.ndarray, steps: int) -> float:
    losses = [np.inf]
    for _ in range(steps):
        U = np.linalg.qr(_best_rows(A, squares, np.linalg.qr(V)[0]))[0]
        V = _best_rows(A.T, squares.T, U)
        losses.append(float((squares * np.square(A - U @ V.T)).sum()))
        if losses[-1] > losses[-2] * (1 - 1e-7):
            break
    return min(losses)


def _best_rows(A: np.ndarray, squares: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Row by row the minimiser of Σ_j W_ij² (A_ij − u·v_j)², up to a ridge that makes it unique; VᵀV = I."""
    gram = np.einsum("ij,jk,jl->ikl", squares, V, V, optimize=True)
    ridge = 1e-12 * np.trace(gram, axis1=1, axis2=2) + np.finfo(float).tiny
    gram += ridge[:, None, None] * np.eye(V.shape[1])
    return np.linalg.solve(gram, ((squares * A) @ V)[:, :, None])[:, :, 0]
