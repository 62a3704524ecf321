"""Rank one by its 2×2 minors: a relaxation that leaves next to no gap to small problems.

Theorem. Let x be the entries of X on supp(W), in any order, and b those of W∘W∘A. Call the pair of entries (i,l), (k,j)
the twin of the pair (i,j), (k,l), if W has all four; and let N be a symmetric matrix over the entries with N_p = −N_q
for twins p, q, and N_p = 0 for pairs p that have no twin. If H = diag(W∘W) + N is positive definite, then OPT of rank 1
is at least ‖W∘A‖² − bᵀH⁻¹b.

Proof. For X = u vᵀ, x_ij x_kl = u_i v_j u_k v_l = x_il x_kj, the minors of X being 0. So in xᵀN x = Σ_p N_p x_p x_p'
twins cancel, and ‖W∘(A − X)‖² = ‖W∘A‖² − 2bᵀx + xᵀHx, whose minimum over all x is what is stated. ∎

The best N is dual to Shor's relaxation with all minors: matrices Z ⪰ 0 in place of (1, x)(1, x)ᵀ with Z_00 = 1 and
Z_p = Z_q for twins. Alternating directions lead there, each by an eigendecomposition. Nothing rests on how near they
come, as any N that they pass is certified. Entries are scaled by powers of two so that all weigh about as much, which
rounds nothing: twins are then multiples of each other.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.spectral.spectrum import EPS
from wlra_dist.optima.guarded import OF_SQUARES

LARGEST = 400
"""Entries beyond which an iteration takes too long."""

WIDEST = 200
"""Powers of two that weights may span."""

PENALTY = 0.3
"""Of the alternating directions, in units of the loss's own size."""

OFTEN, LONGEST = 25, 4000
"""Iterations between two bounds, and in all."""

SHRUNK = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3)
"""By so little N is shrunk, until H is positive definite."""

ROOM = 1e-10
"""Of the trace of H: what its smallest eigenvalue must be, so that rounding cannot hide that it is negative."""

NOTHING = 2.0**-500
"""What is smaller in N is 0, so that powers of two do not round it."""


class Entries(NamedTuple):
    """The entries of A under W, each times 2^e, W divided by it.

    Attributes:
        a: of A (m).
        squares: of W∘W (m), about 1.
        powers: e_p + e_p' of each pair (m×m).
        twins: the place of each pair's twin among all pairs, row by row; its own where it has none (m×m).
    """

    a: np.ndarray
    squares: np.ndarray
    powers: np.ndarray
    twins: np.ndarray

    @classmethod
    def of(cls, A: np.ndarray, squares: np.ndarray) -> "Entries":
        rows, columns = np.nonzero(squares)
        m, number = len(rows), np.full(A.shape, -1)
        number[rows, columns] = np.arange(m)
        crossed = number[rows[:, None], columns]  # (i, l) for the pair (i, j), (k, l), and (k, j) across
        twins = np.where((crossed >= 0) & (crossed.T >= 0), m * crossed + crossed.T, np.arange(m * m).reshape(m, m))
        w = squares[rows, columns]
        e = np.frexp(w)[1] // 2
        return cls(np.ldexp(A[rows, columns], e), np.ldexp(w, -2 * e), np.add.outer(e, e), twins)


def suits(squares: np.ndarray, k: int) -> bool:
    """Whether this can say anything in reasonable time."""
    weights = squares[squares > 0]
    spread = np.ptp(np.frexp(weights)[1]) if weights.size else 0
    return k == 1 and weights.size <= LARGEST and bool(spread <= 2 * WIDEST)


def minors_bound(A: np.ndarray, squares: np.ndarray, target: float, go_on: Callable[[float], bool]) -> float:
    """A lower bound on OPT of rank 1: at least the target, or what was known when `go_on` of it became false."""
    entries = Entries.of(A, squares)
    a, w = entries.a / (float(np.linalg.norm(entries.a)) or 1.0), entries.squares
    b = w * a
    cost = np.block([[np.full((1, 1), b @ a), -b[None, :]], [-b[:, None], np.diag(w)]])
    unit = PENALTY * float(np.linalg.norm(cost))
    ratios = np.exp2(np.clip(entries.powers.ravel()[entries.twins] - entries.powers, -30, 30))
    V, U, best = np.zeros_like(cost), np.zeros_like(cost), 0.0
    V[0, 0] = 1.0
    for iteration in range(LONGEST):
        Y = _moments(V - U - cost / unit, entries.twins, ratios) + U
        values, vectors = np.linalg.eigh(Y)
        positive = vectors[:, values > 0]
        V = (positive * values[values > 0]) @ positive.T
        U = Y - V
        if iteration % OFTEN == OFTEN - 1:
            best = max(best, _rounded(entries, -unit * U[1:, 1:]))
            if best >= target or not go_on(best):
                break
    return best


def _moments(M: np.ndarray, twins: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """The nearest symmetric matrix with M_00 = 1 in the rest of which twins have these ratios."""
    M = (M + M.T) / 2
    M[0, 0] = 1.0
    rest = M[1:, 1:]
    M[1:, 1:] = (rest + ratios * rest.ravel()[twins]) / (1 + np.square(ratios))
    return M


def _rounded(entries: Entries, S: np.ndarray) -> float:
    """The bound of the part of S − diag(W∘W) in which twins cancel, shrunk as little as will do."""
    N = cancelling(entries, (S + S.T) / 2 - np.diag(entries.squares))
    return next((bound for part in SHRUNK if (bound := certified(entries, (1 - part) * N)) is not None), 0.0)


def cancelling(entries: Entries, S: np.ndarray) -> np.ndarray:
    """The theorem's N from a symmetric matrix, exactly."""
    S = np.ldexp(S, entries.powers)
    N = (S - S.ravel()[entries.twins]) / 2
    return np.ldexp(np.where(np.abs(N) > NOTHING, N, 0.0), -entries.powers)


def certified(entries: Entries, N: np.ndarray) -> float | None:
    """The theorem's bound for N, less all that rounding may have added; None where H is not seen to be positive.

    With y ≈ H⁻¹b and r = b − Hy, bᵀH⁻¹b = (b + r)ᵀy + rᵀH⁻¹r. A matrix of order m whose Cholesky decomposition succeeds
    has no eigenvalue below −(m + 1)·eps times its trace (Rump 2006): that tells how positive H is. N has no diagonal.
    """
    a, w, m = entries.a, entries.squares, len(entries.a)
    H, b = N + np.diag(w), w * a
    trace = float(w.sum())
    try:
        np.linalg.cholesky(H - ROOM * trace * np.eye(m))
    except np.linalg.LinAlgError:
        return None
    y = np.linalg.solve(H, b)
    r = b - H @ y
    sizes = np.abs(b) + np.abs(H) @ np.abs(y)
    rest = float(np.linalg.norm(r)) + (m + 8) * EPS * float(np.linalg.norm(sizes))
    least = (ROOM - 4 * (m + 4) * EPS) * trace
    energy = float(b @ a)
    off = (m + 8) * EPS * (2 * energy + 4 * float(sizes @ np.abs(y)))
    bound = energy - float((b + r) @ y) - rest**2 / least * (1 + 8 * EPS) - off
    return max(0.0, bound) * (1 - (OF_SQUARES + 4) * EPS)
