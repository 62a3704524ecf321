"""One term on all of W, for little time: what a solution proves, in one evaluation that decomposes nothing large.

The multipliers R of a solution (`stationary`) may prove that it is optimal, or nothing. The bound is concave in R, so
that a share t·R may prove more than both none and all of them; and which share is told by two norms.

Theorem. With c = √(pqᵀ) and c∘c ≤ (1 − s)·W∘W, let R be any matrix, M = c∘R and E = M/(W∘W), but for rounding: with
δ = W∘W∘E − M, |δ| ≤ η·|M|. That takes no more than η²·‖W∘E‖²/s from the bound of `multipliers`.

Proof. As in `guarded` it takes Σ δ²/slack with slack ≥ s·W∘W, and M²/(W∘W) = W∘W∘E². ∎

So the margins are norms of what is at hand, and no entry has one of its own.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.spectral.spectrum import EPS
from wlra_dist.optima.guarded import OF_SQUARES, UNDERFLOW, energy_beyond, reduced_tail
from wlra_dist.optima.multipliers import Dual
from wlra_dist.optima.terms import PRESSED, Term

DOUBLINGS = 3
"""Minima over a row are softened to means of order −2^DOUBLINGS; in harder ones a light entry rules its row."""

ROUNDS = 5
"""Of scaling rows and columns in turns."""

WIDEST = 2.0**30
"""An entry farther than this from what its row and column suggest counts as if it were so far."""

STEPS = 6
"""Of the power method, for a norm that need not be exact."""

PIECE = 2**15
"""Entries that are worked on at a time, so that they stay in the cache; at least d rows."""

ETA = (5 + OF_SQUARES) * EPS
"""η: c, M, E and W∘W are rounded."""


class OneTerm(NamedTuple):
    """A problem whose W has no zero, and a term p qᵀ below W∘W.

    Attributes:
        A: n×d, n ≥ d > k.
        squares: W∘W (n×d), each entry within OF_SQUARES roundings.
        k: the target rank.
        root_p, root_q: √p (n) and √q (d).
    """

    A: np.ndarray
    squares: np.ndarray
    k: int
    root_p: np.ndarray
    root_q: np.ndarray

    @classmethod
    def of(cls, A: np.ndarray, squares: np.ndarray, k: int) -> "OneTerm":
        """The problem, with a term that touches W∘W."""
        return cls(A, squares, k, *map(np.sqrt, touching(squares)))

    @property
    def dual(self) -> Dual:
        """The bound as a function of the multipliers."""
        n, d = self.squares.shape
        return Dual.of(self.A, self.squares, self.k, [Term(np.arange(n), np.arange(d), self.root_p, self.root_q)])

    def multipliers(self, U: np.ndarray, V: np.ndarray) -> np.ndarray:
        """R (n×d) of a solution U Vᵀ, n×k and d×k."""
        R = np.empty(self.squares.shape)
        for rows in self._pieces():
            np.divide(self.squares[rows] * (self.A[rows] - U[rows] @ V.T), self._roots(rows), out=R[rows])
        return R

    def share(self, R: np.ndarray, U: np.ndarray, V: np.ndarray) -> float:
        """t ≤ 1 such that t·R, of the multipliers R of U Vᵀ, proves about the most.

        It is 1 where ‖R‖₂ ≤ σ_k(Y) (`stationary`). Else σ_k(Y)/‖R‖₂ was within a few hundredths of the best.
        """
        sides = (self.root_p[:, None] * U, self.root_q[:, None] * V)
        left, right = (np.linalg.qr(side)[1] for side in sides)
        least = float(np.linalg.svd(left @ right.T, compute_uv=False)[-1])
        return min(1.0, least / (_size(R) or 1.0))

    def bound(self, R: np.ndarray, V: np.ndarray | None = None) -> float:
        """A certified lower bound on OPT, at any R; quicker with a V (d×k) near the leading right vectors of Y + R."""
        G = np.zeros((R.shape[1], R.shape[1]))
        of_E, of_R, of_A, touched = 0.0, 0.0, 0.0, 0.0
        for rows in self._pieces():
            c, A, R_here, squares = self._roots(rows), self.A[rows], R[rows], self.squares[rows]
            M = c * R_here
            E = M / squares
            of_E, of_R = of_E + float(np.vdot(M, E)), of_R + float(np.vdot(R_here, R_here))
            Y = c * (A - E)
            Y += R_here
            G += Y.T @ Y
            c *= c
            touched = max(touched, float((c / squares).max()))
            of_A += float(np.vdot(c * A, A))
        rough = 8.1 * EPS * (np.sqrt(of_A) + np.sqrt(of_E) + np.sqrt(of_R))
        root = float(np.sqrt(energy_beyond(G, self.k, len(R), V))) * (1 - 4 * EPS)
        tail = reduced_tail(root, rough)
        room = 1 - touched * (1 + 2 * ETA)
        if room <= 0:
            return 0.0
        lost = 1.1 * ETA**2 * of_E / room + (R.size + 16) * EPS * (of_E + of_R) + 16 * EPS * tail
        return max(0.0, of_E + tail - of_R - lost - R.size * UNDERFLOW)

    def _roots(self, rows: slice) -> np.ndarray:
        return np.multiply.outer(self.root_p[rows], self.root_q)

    def _pieces(self) -> Iterator[slice]:
        n, d = self.squares.shape
        return runs(n, d, max(PIECE, d * d))


def touching(squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """p (n) and q (d) with p qᵀ below W∘W (n×d, nowhere 0), near it in most entries.

    Rows and columns are scaled in turns until the soft minimum of W∘W/(p qᵀ) over each is 1, as Sinkhorn does for sums;
    then until the minimum is.
    """
    p, q = squares.mean(axis=1), squares.mean(axis=0)
    p /= p.mean()
    pull = np.empty(squares.shape)
    for here in runs(len(p), len(q), PIECE):
        np.clip(np.multiply.outer(p[here], q) / squares[here], 1 / WIDEST, WIDEST, out=pull[here])
        for _ in range(DOUBLINGS):
            pull[here] *= pull[here]
    rows = np.ones(len(p))
    for _ in range(ROUNDS):
        rows = 1 / (pull @ (1 / (rows @ pull)))
    columns = 1 / (rows @ pull)
    return _pressed(squares, p * rows**0.5**DOUBLINGS, q * columns**0.5**DOUBLINGS)


def _pressed(squares: np.ndarray, p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both scaled until p qᵀ touches PRESSED times the squares in each row and in each column."""
    p, room = p.copy(), np.full(len(q), np.inf)
    for rows in runs(len(p), len(q), PIECE):
        rooms = squares[rows] / np.multiply.outer(p[rows], q)
        own = rooms.min(axis=1)
        p[rows] *= PRESSED * own
        room = np.minimum(room, (rooms / own[:, None]).min(axis=0))
    return p, q * room


def _size(R: np.ndarray) -> float:
    """About ‖R‖₂, from below."""
    v = np.random.default_rng(0).standard_normal(R.shape[1])  # fixed: every run proves the same
    for _ in range(STEPS):
        v = (R @ (v / (np.linalg.norm(v) or 1.0))) @ R
    return float(np.sqrt(np.linalg.norm(v)))
