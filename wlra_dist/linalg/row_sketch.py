"""CountSketch of a matrix that is looked at in row pieces (Clarkson & Woodruff 2013)."""

import numpy as np

from wlra_dist.linalg.rows import Rows, pieces


def sketch_rows(B: Rows, count: int, rng: np.random.Generator) -> np.ndarray:
    """SB (count×d): each row of B goes to one of `count` with a random sign; B up to signs if it has no more rows.

    A piece goes to consecutive buckets from a random one on, which costs a third of a scattered sum. Two rows then meet
    with probability 1/count, or not at all, and signs are independent: the mean and the variance of inner products
    are those of independent buckets, E SᵀS = I and at most 2/count·‖x‖²‖y‖².
    """
    n, d = B.shape
    count = min(count, n)
    S = np.zeros((count, d), B.dtype)
    for run, piece in pieces(B):
        signed = rng.choice(np.array([-1, 1], B.dtype), len(piece))[:, None] * piece
        _add_round(S, signed, int(rng.integers(count)) if count < n else run.start)
    return S


def _add_round(S: np.ndarray, rows: np.ndarray, first: int) -> None:
    """Adds the rows to those of S from `first` on, and from the top again after the last."""
    while len(rows):
        width = min(len(S) - first, len(rows))
        S[first : first + width] += rows[:width]
        rows, first = rows[width:], 0
