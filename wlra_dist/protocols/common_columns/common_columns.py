"""Columns of all servers that all parties know: how they travel, and the span that each party computes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Protocol

import numpy as np

from wlra_dist.codecs.base.grid import GRID_BOUND, exponent_below, step
from wlra_dist.codecs.multiples import Entries
from wlra_dist.forms.search import coarsest
from wlra_dist.game.located import PerParty
from wlra_dist.linalg.basis import extend_basis, residual_energy
from wlra_dist.linalg.blocks import dense_columns, energy
from wlra_dist.linalg.matrix import Matrix, side_by_side
from wlra_dist.linalg.oriented_basis import oriented_basis
from wlra_dist.protocols.common_columns.sent_columns import SentColumns, SentColumnsCode
from wlra_dist.protocols.rounded_factors import entries_of
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.weighing import on_support, weigh

_GROWTH = 0.1
"""Rounded columns may leave this part more of their own block than exact ones do,"""

_FLOOR = 2.0**-16
"""or min(ε, 1) times this part of the block: no server knows yet what the others leave."""


@dataclass(frozen=True, eq=False)
class Common:
    """What is public of the columns: whose are which, and how they travel.

    Columns of integers, and of any A in a plain code, are columns of A themselves. Those of a real A in the code "auto"
    are rounded columns of B = W∘A: no longer A's, so they make a basis and tell no column by themselves.
    """

    W: PerParty[Weights]
    terms: Terms

    @cached_property
    def K(self) -> int:
        """The rank rk that W∘A' may have for an A' of rank k."""
        return min(self.terms.r, self.W.whole.rank) * self.terms.k

    @cached_property
    def starts(self) -> list[int]:
        """The place of each server's first column among all."""
        return [0, *accumulate(W_i.shape[1] for W_i in self.W)][: len(self.W)]

    @property
    def entries(self) -> Entries:
        """How numbers travel."""
        return entries_of(self.terms)

    @property
    def coded(self) -> bool:
        """Whether all takes the fewest bits, or plain numbers as the theorem counts them."""
        return self.entries == "coded"

    @property
    def rounded(self) -> bool:
        """Whether columns are rounded columns of B."""
        return self.coded and self.terms.bound is None

    def code(self, W: Weights) -> SentColumnsCode:
        """The code of columns of a block with weights W."""
        plain = self.terms.plain
        travel = "rounded" if self.rounded else "integer" if self.coded else "plain"
        return SentColumnsCode(W, travel, plain.bound, self.terms.sparse, plain.width)

    def left(self, columns: SentColumns) -> Matrix:
        """The columns W∘C, or those of B, n×c; S by their places among all columns."""
        return columns.C if self.rounded else weigh(self.W.whole, columns.C, columns.S)

    def known(self, i: int, S: np.ndarray) -> np.ndarray:
        """Which columns of server i are among the columns S of all, ascending."""
        return np.intersect1d(S - self.starts[i], np.arange(self.W[i].shape[1]), assume_unique=True)


class Spanning(Protocol):
    """Anything with an orthonormal basis (n×c) of what is known."""

    @property
    def Q(self) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Span:
    """The columns that all know.

    Attributes:
        S: the places of the columns among all, n×c in that order.
        C: as they were sent.
        L: W∘C, or C itself where columns are rounded ones of B.
    """

    S: np.ndarray
    C: Matrix
    L: Matrix

    @classmethod
    def of(cls, *messages: SentColumns, common: Common) -> "Span":
        """The columns of several messages, one after the other."""
        S = np.concatenate([columns.S for columns in messages])
        C, L = [columns.C for columns in messages], [common.left(columns) for columns in messages]
        return cls(S, side_by_side(C), side_by_side(L))

    @cached_property
    def basis(self) -> tuple[np.ndarray, np.ndarray]:
        """Q (n×c) and R (c×c) with L = QR; the columns are independent."""
        return basis_of(self.L)

    @property
    def Q(self) -> np.ndarray:
        return self.basis[0]


def basis_of(L: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """Q and R of dense or sparse columns, if there are any."""
    columns = dense_columns(L, slice(None))
    return oriented_basis(columns) if columns.shape[1] else (columns, np.zeros((0, 0)))


def offer(A: Matrix, W: Weights, B: Matrix, S: np.ndarray, V: Spanning | None = None, *, common: Common) -> SentColumns:
    """The columns S of a block as they will be sent; V is the span that is known already."""
    S = np.sort(S)
    if not common.rounded:
        return SentColumns(S, on_support(W, A[:, S], S), np.zeros(len(S), dtype=np.int64))
    known = np.zeros((W.shape[0], 0)) if V is None else V.Q
    return _rounded(B, S, known, _FLOOR * min(common.terms.epsilon, 1.0) * energy(B))


def finest(B: Matrix, S: np.ndarray) -> SentColumns:
    """Columns of B to the last digit that a grid can hold."""
    L = dense_columns(B, S)
    sizes = np.abs(L).max(axis=0, initial=0.0)
    sizes[sizes == 0] = 1.0  # any step will do
    exponents = np.array([exponent_below(4 * float(size) / GRID_BOUND) for size in sizes], dtype=np.int64)
    return SentColumns(S, np.rint(L / step(exponents)) * step(exponents), exponents)


def merged(offered: Sequence[SentColumns], common: Common) -> SentColumns:
    """The servers' columns by their places among all columns."""
    S = np.concatenate([columns.S + start for columns, start in zip(offered, common.starts, strict=True)])
    exponents = np.concatenate([columns.exponents for columns in offered])
    return SentColumns(S, side_by_side([columns.C for columns in offered]), exponents)


def no_columns(common: Common) -> SentColumns:
    """What is known before any column was sent."""
    none, n = np.zeros(0, dtype=np.int64), common.W.whole.shape[0]
    if common.rounded or not common.terms.sparse:
        return SentColumns(none, np.zeros((n, 0)), none)
    from scipy.sparse import csc_array

    return SentColumns(none, csc_array((n, 0)), none)


def some_of(columns: SentColumns, positions: np.ndarray) -> SentColumns:
    """Those at these positions, ascending."""
    at = np.sort(positions)
    return SentColumns(columns.S[at], columns.C[:, at], columns.exponents[at])


def beside(known: SentColumns, offered: Sequence[SentColumns], *, common: Common) -> SentColumns:
    """Of the offered columns those that add to the span of the known ones."""
    columns = merged(offered, common)
    Q = basis_of(common.left(known))[0]
    return some_of(columns, extend_basis(Q, common.left(columns))[1])


def _rounded(B: Matrix, S: np.ndarray, known: np.ndarray, floor: float) -> SentColumns:
    """Columns S of B on the coarsest grid that leaves their block nearly what the columns themselves leave."""
    L = dense_columns(B, S)
    if not len(S):
        return SentColumns(S, L, S)
    left = residual_energy(B, np.hstack([known, extend_basis(known, L)[0]]))
    goal = max((1 + _GROWTH) * left, left + floor)

    def at(exponent: int) -> SentColumns | None:
        on_grid = np.rint(L / step(exponent)) * step(exponent)
        if not on_grid.any(axis=0).all():
            return None
        met = residual_energy(B, np.hstack([known, extend_basis(known, on_grid)[0]])) <= goal
        return SentColumns(S, on_grid, np.full(len(S), exponent)) if met else None

    start = exponent_below(np.sqrt(12 * max(goal, floor) / L.size))
    found = coarsest(at, start)
    return finest(B, S) if found is None or np.abs(L).max() >= GRID_BOUND * step(found.exponents[0]) else found
