"""The certificate of a solution: its loss beside the best lower bound on OPT that the size of A allows."""

from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.blocks import roundoff
from wlra_dist.linalg.rows.products import gram
from wlra_dist.linalg.rows.rows import FLOAT64, Rows
from wlra_dist.optima import Effort
from wlra_dist.optima.certificate import NONE, Certificate, best_lower_bound
from wlra_dist.optima.tail import farther
from wlra_dist.solvers.approximation import Approximation, LowRank
from wlra_dist.solvers.quick import ENOUGH, quick_bound
from wlra_dist.solvers.rank_of_weights import WeightsRank
from wlra_dist.weights import Weights
from wlra_dist.weights.bordered import Bordered
from wlra_dist.weights.weighted_rows import Weighted

EPS = float(np.finfo(float).eps)


class Solved(NamedTuple):
    """A solution on the way to its certificate: Ã as solvers see it, its loss and the target rank."""

    approximation: Approximation
    loss: float
    k: int


def certificate(
    A: np.ndarray, W: Weights, rank: WeightsRank, solved: Solved, energy: float, effort: Effort, *, quick: bool
) -> Certificate:
    """What the loss proves; of a memory map, or a matrix too large for other bounds, by the tail beyond rank rk.

    A quick one looks at the solution as well (`quick`).
    """
    known, (X, loss, k) = rank.finding, solved
    of_rank_k = isinstance(X, LowRank)
    if isinstance(A.M if isinstance(A, Bordered) else A, np.memmap) or A.size > effort.largest:
        name, bound = NONE, 0.0
        if known.off is not None:
            name, bound = "tail", farther(certified_tail(Weighted(A, W, FLOAT64), rank.r * k), energy, known.off)
    else:
        A = np.asarray(A)
        name, bound = quick_bound(A, W, k, X, loss) if quick and isinstance(X, LowRank) else (NONE, 0.0)
        if bound < ENOUGH * loss or not loss:
            other = best_lower_bound(A, W, rank.r, k, effort, known)
            name, bound = max((other.name, other.value), (name, bound), key=lambda named: named[1])
    noise = roundoff(A.dtype, max(A.shape)) ** 2 * energy
    return Certificate(loss, bound, name, known.claim, noise, known.off, known.refuted, of_rank_k=of_rank_k)


def certified_tail(B: Rows, K: int) -> float:
    """‖B_{−K}‖_F² less what rounding may have added: `certified_tail_energy` for a B in row pieces of float64.

    The Gram matrix shows no tail below (K + 1)(n + d)·eps·‖B‖², which is then 0.
    """
    n, d = B.shape
    if min(n, d) <= K:
        return 0.0
    squares = np.linalg.eigvalsh(gram(B if d <= n else B.T, tall=1))
    energy = float(squares.sum())
    tail = np.maximum(squares[: len(squares) - K], 0.0).sum() - (K + 1) * (n + d) * EPS * energy
    return float(max(0.0, np.sqrt(max(0.0, tail)) - roundoff(B.dtype, max(n, d)) * np.sqrt(energy))) ** 2
