"""CountSketch of a matrix that is looked at in row pieces (Clarkson & Woodruff 2013)."""

import numpy as np

from wlra_dist.linalg.rows import Rows, pieces


def sketch_rows(B: Rows, count: int, rng: np.random.Generator) -> np.ndarray:
    """SB (count×d): each row of B goes to one of `count` with a random sign.

    The rows of a piece are dealt out evenly, so no bucket is crowded; E SᵀS = I. B up to signs if it has no more rows.
    """
    n, d = B.shape
    count = min(count, n)
    S = np.zeros((count, d), B.dtype)
    for run, piece in pieces(B):
        bucket = _dealt(len(piece), count, rng) if count < n else np.arange(n)[run]
        sign = rng.choice(np.array([-1, 1], B.dtype), len(piece))[:, None]
        for start in range(0, len(piece), count):
            turn = slice(start, start + count)
            S[bucket[turn]] += sign[turn] * piece[turn]
    return S


def _dealt(rows: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """A bucket for each row, the same one only `count` rows later or more."""
    turns = [rng.permutation(count) for _ in range(-(-rows // count))]
    return np.concatenate([*turns, np.zeros(0, np.int64)])[:rows]
