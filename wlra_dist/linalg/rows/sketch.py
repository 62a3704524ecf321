"""CountSketch of a matrix that is looked at in row pieces (Clarkson & Woodruff 2013)."""

import numpy as np

from wlra_dist.linalg.rows.rows import Rows, pieces
from wlra_dist.linalg.threads import shared


def sketch_rows(B: Rows, count: int, rng: np.random.Generator, first: int = 0, total: int | None = None) -> np.ndarray:
    """SB (count×d): each row of B goes to one of `count` with a random sign; B up to signs if it has no more rows.

    So many rows at a time go to all buckets, from a random one on, which costs a third of a scattered sum. Two rows
    then meet with probability 1/count, or not at all, and signs are independent: the mean and the variance of inner
    products are those of independent buckets, E SᵀS = I and at most 2/count·‖x‖²‖y‖².

    Args:
        B: all rows, or those from `first` on of a matrix with `total`: sketches of parts add up to that of the whole.
        count: rows of the sketch.
        rng: draws for all rows of the whole, however few B has.
        first, total: where the rows of B are.
    """
    n, d = B.shape
    total = n if total is None else total
    count = min(count, total)
    signs = rng.choice(np.array([-1, 1], np.int8), total)
    shifts = rng.integers(count, size=-(-total // max(count, 1))) if count < total else np.zeros(1, np.int64)

    def part(rows: slice) -> np.ndarray:
        S = np.zeros((count, d), B.dtype)
        for run, piece in pieces(B, within=rows):
            place = first + run.start
            _add_round(S, signs[place : place + len(piece), None].astype(B.dtype) * piece, place, shifts)
        return S

    S, *others = shared(part, n, d)
    return sum(others, start=S)


def _add_round(S: np.ndarray, rows: np.ndarray, first: int, shifts: np.ndarray) -> None:
    """Adds rows of the whole from `first` on to their buckets: (row + shift of its round) mod |S|."""
    while len(rows):
        turn, place = divmod(first, len(S))
        bucket = (place + shifts[turn]) % len(S)
        width = min(len(S) - place, len(S) - bucket, len(rows))
        S[bucket : bucket + width] += rows[:width]
        rows, first = rows[width:], first + width
