"""Truncated SVD of a matrix whose rows, or whose columns, lie with several processes; sums are all they exchange.

Each calls with its own part of B and ends with its own part of L X. As in `truncated` a CountSketch SB says
where to look, one look at B through V gives Y = BV and Z = YᵀB, and the best rank-k matrix within the span of Y
follows. The coins are drawn for the whole matrix, so the answer is the same for any partition, to rounding.

By rows, SB, Z and YᵀY are sums whose sizes do not grow with n. By columns everybody sketches its own columns, but Y
(n×l) is a sum, and Z takes a second look. What is done to SB and Y is shared out, too: at 9216×1024 the power iteration
on SB is a tenth of all work.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from wlra_dist.linalg.rows.products import gram, sweep, transposed_times
from wlra_dist.linalg.rows.rows import FAINT, FLOAT32, FLOAT64, ArrayRows, Rows, pieces
from wlra_dist.linalg.rows.sketch import sketch_rows
from wlra_dist.linalg.rows.truncated import POWER, SKETCH, UNSEEN, Truncated, sketch_width, whitening

Found = tuple[Truncated, float]
"""Own part of L X, and the tail of the whole."""


class Together(Protocol):
    """Processes that compute the same thing at the same time."""

    @property
    def rank(self) -> int: ...

    @property
    def size(self) -> int: ...

    def sum(self, array: np.ndarray) -> np.ndarray:
        """The sum of everybody's arrays of one shape and type, the same bits for all (collective)."""
        ...


def svd_by_rows(B: Rows, k: int, rng: np.random.Generator, together: Together) -> Truncated:
    """L X of rank k for [B_1; …; B_m], from own rows B (n_i×d, perhaps none): own rows of L (n_i×k), and X (k×d).

    Within 1 % of the optimum, usually. In float32 where that shows the tail, else in float64. `energy` is the whole's.

    Args:
        B: own rows; those of rank 0 come first.
        k: the rank.
        rng: in the same state everywhere.
        together: the processes (collective).
    """
    return _seen(B, together, lambda C: _by_rows(C, k, rng, together))


def svd_by_columns(B: Rows, k: int, rng: np.random.Generator, together: Together) -> Truncated:
    """L X of rank k for [B_1 … B_m], from own columns B (n×d_i, perhaps none): L (n×k), and own columns of X (k×d_i).

    All else as in `svd_by_rows`.
    """
    return _seen(B, together, lambda C: _by_columns(C, k, rng, together))


def _seen(B: Rows, together: Together, method: Callable[[Rows], Found]) -> Truncated:
    """What the method finds in float32 if that shows everybody the tail, else in float64; in B's type or that."""
    with np.errstate(over="ignore", invalid="ignore"):  # numbers that float32 does not have
        try:
            found, tail = method(B.typed(FLOAT32))
            seen = FAINT < found.energy < 1 / FAINT and tail >= UNSEEN[FLOAT32] * found.energy
        except np.linalg.LinAlgError:  # of what is infinite, and is so for all
            found, seen = None, False
    if found is None or together.sum(np.array([float(seen)]))[0] < together.size:
        found, _ = method(B.typed(FLOAT64))
    return found.typed(np.result_type(found.L.dtype, B.dtype))


def _by_rows(B: Rows, k: int, rng: np.random.Generator, together: Together) -> Found:
    d = B.shape[1]
    first, n = _place(B.shape[0], together)
    width = sketch_width(n, d, k)
    S = together.sum(sketch_rows(B, SKETCH * width, rng, first, n))
    own = _share(d, together)
    V = np.zeros((d, width), B.dtype)
    V[own] = S[:, own].T @ _leading(np.ascontiguousarray(S[:, own]), width, rng, together)
    look = sweep(B, np.linalg.qr(together.sum(V))[0])
    squares, energy = together.sum(gram(ArrayRows(look.Y, FLOAT64))), together.sum(np.array(look.energy))
    basis = whitening(squares)
    within = basis.T @ together.sum(look.Z)
    return _best(look.Y, basis, within, within @ within.T, k, float(energy))


def _by_columns(B: Rows, k: int, rng: np.random.Generator, together: Together) -> Found:
    n, width = B.shape[0], sketch_width(B.shape[0], _place(B.shape[1], together)[1], k)
    S = sketch_rows(B, SKETCH * width, rng)
    V = S.T @ _leading(S, width, rng, together)
    Y, energy = _image(B, V @ _orthonormalising(V, together).astype(V.dtype))
    Y, energy = together.sum(Y), together.sum(np.array(energy))
    basis = whitening(together.sum(gram(ArrayRows(Y[_share(n, together)], FLOAT64))))
    within = basis.T @ transposed_times(B, Y).T
    return _best(Y, basis, within, together.sum(within @ within.T), k, float(energy))


def _best(Y: np.ndarray, basis: np.ndarray, within: np.ndarray, squares: np.ndarray, k: int, energy: float) -> Found:
    """The best rank-k matrix in the span of Y: Y·basis is orthonormal, `within` own columns of (Y·basis)ᵀB."""
    values, vectors = np.linalg.eigh(squares)
    leading = vectors[:, ::-1][:, :k]
    L, X = Y @ (basis @ leading).astype(Y.dtype), (leading.T @ within).astype(Y.dtype)
    return Truncated(L, X, energy), energy - float(values[::-1][:k].sum())


def _leading(S: np.ndarray, width: int, rng: np.random.Generator, together: Together) -> np.ndarray:
    """Near the leading left singular vectors (count×width) of a sketch, from own columns S of it."""
    X = rng.standard_normal((len(S), width)).astype(S.dtype)
    for _ in range(POWER):
        X = together.sum(S @ (S.T @ X))
        X = np.linalg.qr(together.sum(S @ (S.T @ X)))[0]
    return X


def _orthonormalising(V: np.ndarray, together: Together) -> np.ndarray:
    """M such that VM has orthonormal columns, for own rows V; they may differ by many orders of magnitude."""
    exact = V.astype(float)
    G = together.sum(exact.T @ exact)
    lengths = np.sqrt(np.diag(G))
    scales = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return scales[:, None] * whitening(scales[:, None] * G * scales)


def _image(B: Rows, V: np.ndarray) -> tuple[np.ndarray, float]:
    """BV (n×l) and ‖B‖_F²."""
    Y, energy = np.empty((B.shape[0], V.shape[1]), B.dtype), 0.0
    for run, piece in pieces(B):
        np.matmul(piece, V, out=Y[run])
        energy += float(np.vdot(piece, piece))
    return Y, energy


def _place(count: int, together: Together) -> tuple[int, int]:
    """How many rows or columns others have before the own `count`, and how many there are."""
    counts = together.sum(np.where(np.arange(together.size) == together.rank, count, 0))
    return int(counts[: together.rank].sum()), int(counts.sum())


def _share(length: int, together: Together) -> slice:
    """The part of work of this length that is one's own."""
    return slice(length * together.rank // together.size, length * (together.rank + 1) // together.size)
