"""How near the weights are to rank one (Woodruff & Yasuda, Table 2, Figures 1 and 5)."""

import numpy as np

from wlra_dist.instances.fisher import squared_singular_values
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


def coarse(M: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Means of M over rectangles, at most side×side of them."""
    for axis in (0, 1):
        length = M.shape[axis]
        starts = np.arange(min(side, length)) * length // min(side, length)
        counts = np.diff([*starts, length])
        M = np.add.reduceat(M, starts, axis=axis) / (counts if axis else counts[:, None])
    return M
