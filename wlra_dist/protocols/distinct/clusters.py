"""Rows and columns that are nearly equal are grouped until what differs within the groups is as little as is allowed.

Groups grow from the row that is farthest from those that stand for a group (Gonzalez 1985), in the plane of the leading
singular vectors, where the noise of most directions is left out; then each row goes to the nearest mean (Lloyd 1982).
Columns are compared by their means over the groups of rows, which are less noisy than they are.
"""

import numpy as np

from wlra_dist.linalg.blocks import energy
from wlra_dist.weights.distinct import first_of
from wlra_dist.weights.grouping import Groups, numbered

MOST = 256
"""Groups of rows, or of columns; of more, their table would hardly be shorter than columns and coefficients."""

DIMENSIONS = 32
"""Of the plane in which rows are compared."""

FOR_ROWS = 0.98
"""What may differ within groups of rows alone, as a part of what is allowed; most noise is within them."""

ROUNDS = 3
"""In which rows go to the nearest mean."""


def nearly_equal(B: np.ndarray, public: Groups, allowed: float) -> Groups | None:
    """Groups of the rows and of the columns of B (n×d), each within one of the public ones; None if they are too many.

    Putting its mean in the place of each entry of a group of rows and a group of columns costs about `allowed` of
    ‖B‖_F² at most.
    """
    points = _in_leading_plane(B)
    beyond = energy(B) - energy(points)
    rows = _grouped(points, public[0], FOR_ROWS * allowed - beyond)
    if rows is None:
        return None
    tall = means(B, rows) * np.sqrt(np.bincount(rows))[:, None]
    columns = _grouped(tall.T, public[1], allowed - (energy(B) - energy(tall)))
    return None if columns is None else (rows, columns)


def means(points: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The mean of the points (n×t) of each group."""
    return _sums(points, groups) / np.bincount(groups)[:, None]


def _in_leading_plane(B: np.ndarray) -> np.ndarray:
    """The rows of B in coordinates of an orthonormal basis that nearly holds the leading right singular vectors."""
    n, d = B.shape
    start = np.random.default_rng(0).standard_normal((d, min(DIMENSIONS, n, d)))  # the sender's own
    V, _ = np.linalg.qr(B.T @ (B @ start))
    return B @ V


def _grouped(points: np.ndarray, public: np.ndarray, allowed: float) -> np.ndarray | None:
    """The group of each point (n×t), each within one of the public groups, of which the means leave what is allowed."""
    groups = public.copy()
    distances = _squares(points - points[first_of(public)][public])
    for count in range(int(public.max(initial=-1)) + 1, MOST + 1):
        if _within(points, groups) <= allowed:
            return numbered(_settled(points, public, groups))
        farthest = int(np.argmax(distances))
        here = np.flatnonzero(public == public[farthest])
        own = _squares(points[here] - points[farthest])
        nearer = own < distances[here]
        groups[here[nearer]], distances[here[nearer]] = count, own[nearer]
    return None


def _settled(points: np.ndarray, public: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Each point in the group, among those of its public group, whose mean is nearest."""
    for _ in range(ROUNDS):
        groups = numbered(groups)
        centres, home = means(points, groups), public[first_of(groups)]
        for each in np.unique(public):
            here, near = np.flatnonzero(public == each), np.flatnonzero(home == each)
            products = points[here] @ centres[near].T
            groups[here] = near[np.argmin(_squares(centres[near]) - 2 * products, axis=1)]
    return groups


def _within(points: np.ndarray, groups: np.ndarray) -> float:
    """Σ_i |p_i − the mean of its group|²."""
    return energy(points) - float((_squares(_sums(points, groups)) / np.bincount(groups)).sum())


def _sums(points: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The sum of the points of each group."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    return np.add.reduceat(points[order], starts, axis=0)


def _squares(points: np.ndarray) -> np.ndarray:
    """|p|² of each."""
    return np.einsum("ij,ij->i", points, points)
