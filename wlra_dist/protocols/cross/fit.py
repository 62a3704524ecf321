"""All of a part from some rows and some columns: rank p ≥ K, every number weighted by what its noise is.

The rows show the directions Z in which columns vary; the columns that are known tell, by a Wiener filter, the left
factor Q that belongs to Z; the rows tell the coefficients Y, which are shrunk as noisy singular values are (Gavish &
Donoho 2017). Least squares on the span of the known columns would take their noise for signal.
"""

from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.spectral.decompositions import eigen, svd
from wlra_dist.protocols.cross.known import Known

_ROUNDS = 6
"""In which the rank and the noise that it leaves settle."""

_CLEAR = 1.15
"""A squared singular value is signal if it is so many times what noise alone would make it."""

_WEAK = 0.2
"""What is kept of the energy beyond the noise in a direction that noise could explain."""

_RATIOS = (1e-100, 1e100)
"""Beyond them a square over the noise tells no more, and its own square may be no number."""

_TINY = 2.0**-100
"""A tail is no less than this part of the energy: weights stay finite."""


_DEPENDENT = 1e-10
"""Of the largest singular value: what is below tells nothing of directions that fewer known columns span."""


class Directions(NamedTuple):
    """The directions in which columns vary.

    Attributes:
        Z: their coordinates, scaled to the singular values of all rows (p×d).
        tail: the energy of all of the part beyond them.
    """

    Z: np.ndarray
    tail: float


class PartFactors(NamedTuple):
    """Q (n×p, orthonormal) and Y (p×d): the part is about QY, and Q is CM of the known columns C (M is c×p)."""

    Q: np.ndarray
    Y: np.ndarray
    M: np.ndarray


def directions(known: Known, rows: np.ndarray) -> Directions:
    """What these rows show."""
    n, d = known.part.shape
    T, t, noise = known.X[rows], len(rows), float(known.row_noise[rows].mean())
    _, sigma, Vt = svd(T)
    squares = np.square(sigma)
    p = least = max(min(known.part.K, t - 1), 1)
    for _ in range(_ROUNDS):
        per = _tail_of_a_row(squares, p, t, noise * d) + noise * d
        clear = int((squares > per * _edge(t / d) * _CLEAR).sum())
        p = max(least, min(clear, t // 2))
    tail = _tail_of_a_row(squares, p, t, noise * d)
    per = tail + noise * d
    ratios, beta = squares[:p] / per, t / d
    kept = np.where(ratios > _edge(beta), ratios * shrunk(ratios, beta), np.maximum(ratios - 1, 1e-3) * _WEAK)
    return Directions(np.sqrt(np.maximum(kept, 1e-9) * per * n / t)[:, None] * Vt[:p], tail * n)


def _tail_of_a_row(squares: np.ndarray, p: int, t: int, noise: float) -> float:
    """What p directions leave of one of t rows on average, but for its rounding."""
    others = max(t - p, 1)
    least = _TINY * float(squares.sum()) + float(np.finfo(float).tiny)
    return max(float(squares[p:].sum()) - noise * others, least) / others


def fitted(known: Known, rows: np.ndarray) -> PartFactors:
    """Q from the known columns, Y from these rows."""
    n, d = known.part.shape
    Z, tail = directions(known, rows)
    noise = tail / d
    weights = 1 / (noise + n * known.column_noise)
    Z_J = Z[:, known.J]
    inner = (Z_J * weights) @ Z_J.T + np.eye(len(Z))
    mixing = np.linalg.solve(inner, Z_J * weights).T
    Q, R = np.linalg.qr(known.C @ mixing)
    G, T = Q[rows], known.X[rows]
    heavy = G / (noise / n + known.row_noise[rows])[:, None]
    values, vectors = eigen(G.T @ heavy)
    values = np.maximum(values, _TINY * max(float(values[-1]), np.finfo(float).tiny))
    colour = (vectors / np.sqrt(values)) @ vectors.T
    white = colour @ (heavy.T @ T)  # coefficients whose noise is 1 in every direction
    free = white[:, known.free]
    ratios, turn = eigen(free @ free.T / max(free.shape[1], 1))
    shrink = turn * shrunk(ratios, len(white) / max(free.shape[1], 1)) @ turn.T
    return PartFactors(Q, colour @ (shrink @ white), mixing @ np.linalg.pinv(R, rcond=_DEPENDENT))


def shrunk(ratios: np.ndarray, beta: float) -> np.ndarray:
    """The factor on singular values whose squares are so many times the noise, of a matrix of aspect ratio beta."""
    ratios = np.clip(ratios, *_RATIOS)
    inner = np.square(ratios - beta - 1) - 4 * beta
    factors = np.sqrt(np.maximum(inner, 0.0)) / ratios
    return np.where(ratios > _edge(beta), factors, 0.0)


def _edge(beta: float) -> float:
    """The largest square that noise of variance 1 makes."""
    return (1 + np.sqrt(beta)) ** 2
