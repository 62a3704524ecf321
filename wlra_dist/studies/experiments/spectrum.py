"""How near the weights are to rank one (Woodruff & Yasuda, Table 2, Figures 1 and 5)."""

import numpy as np

from wlra_dist.studies.experiments.tables import Rows

FIRST = 64
"""Singular values that are told."""

SIDE = 256
"""Rows and columns of the picture of a matrix, at most."""


def spectrum(W: np.ndarray) -> Rows:
    """The leading singular values of F = W∘W and of W, each over the largest, and the share of ‖·‖_F² up to there."""
    columns: dict[str, np.ndarray] = {}
    for name, M in (("F", np.square(W)), ("W", W)):
        squares = squared_singular_values(M)
        columns[f"sigma_{name}"] = np.sqrt(squares / (squares[0] or 1.0))
        columns[f"mass_{name}"] = squares.cumsum() / (squares.sum() or 1.0)
    count = min(FIRST, *W.shape)
    return [{"index": i + 1, **{name: float(values[i]) for name, values in columns.items()}} for i in range(count)]


def squared_singular_values(M: np.ndarray) -> np.ndarray:
    """Largest first; from the Gram matrix of the shorter side, so σ below 1e-8 of the first is rounding."""
    G = M.T @ M if M.shape[1] <= M.shape[0] else M @ M.T
    return np.maximum(np.linalg.eigvalsh(G)[::-1], 0.0)


def coarse(M: np.ndarray) -> np.ndarray:
    """Means of M over rectangles, at most SIDE×SIDE of them."""
    for axis in (0, 1):
        length = M.shape[axis]
        starts = np.arange(min(SIDE, length)) * length // min(SIDE, length)
        counts = np.diff([*starts, length])
        M = np.add.reduceat(M, starts, axis=axis) / (counts if axis else counts[:, None])
    return M
