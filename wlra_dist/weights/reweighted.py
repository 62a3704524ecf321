"""Reweighted solutions: Ã = W^{∘-1}∘(C X), kept as W, C and X (Woodruff & Yasuda, Algorithm 1 and Cor 1.3).

A solution is a row of blocks [Ã_1 … Ã_m], one for each server. It gives single entries, columns and products with
vectors without ever forming n×d numbers; `dense` does so when asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from wlra_dist.inputs.brief import brief
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.weights import Weights
from wlra_dist.weights.weighing import _weights_of_entries, column_runs, dense, others, weigh

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import LinearOperator


FEW_ENTRIES = 1 << 14
"""A block of so many is formed at once: picking rows of a sparse array takes longer."""


@dataclass(frozen=True, eq=False)
class ReweightedBlock:
    """Ã_i = W_i^{∘-1}∘(L X') for one run of columns, with X' the identity on S.

    The left factor L is W_S∘C for columns C of A that travelled exactly (Cor 1.3), or `weighted` columns as they are:
    rounded columns of B = W∘A, or with an empty S any others, such as singular vectors (Algorithm 1). A `plain` block
    is no quotient: Ã_i = C X, of the rank of its factors, also where W is 0.

    Attributes
    ----------
    W
        The public weights of the block, n×d.
    S
        The columns of the block that C's are, in that order.
    C
        n×c.
    X
        c×(d−|S|), the coefficients of the columns not in S, ascending.
    rounded
        Whether Ã is rounded to integers, as A is known to be.
    weighted
        Whether C is L itself.
    plain
        Whether C X is Ã itself, on all columns: S is empty, and nothing is divided by W.
    """

    W: Weights
    S: np.ndarray
    C: Matrix
    X: np.ndarray
    rounded: bool = False
    weighted: bool = False
    plain: bool = False

    def __repr__(self) -> str:
        return brief(self)

    @property
    def shape(self) -> tuple[int, int]:
        return self.W.shape

    @property
    def parameters(self) -> int:
        """How many numbers C and X are."""
        C = self.C if isinstance(self.C, np.ndarray) else self.C.data
        return int(np.count_nonzero(C)) + self.X.size

    @cached_property
    def L(self) -> Matrix:
        """The left factor, n×c."""
        return self.C if self.weighted or self.plain else weigh(self.W, self.C, self.S)

    @cached_property
    def _place(self) -> np.ndarray:
        """For each column: its place in S, or −1 − its place among the others."""
        place = np.zeros(self.shape[1], dtype=np.int64)
        place[others(self.S, self.shape[1])] = -1 - np.arange(self.X.shape[1])
        place[self.S] = np.arange(len(self.S))
        return place

    @property
    def occupied(self) -> np.ndarray:
        """Which columns of Ã may have a nonzero."""
        occupied = np.zeros(self.shape[1], bool)
        occupied[self.S] = True
        occupied[others(self.S, self.shape[1])] = self.X.any(axis=0)
        return occupied

    def columns(self, columns: np.ndarray | Sequence[int]) -> np.ndarray:
        """Ã on these columns (n×|columns|); 0 where W is 0, unless plain. Columns that travelled exactly are A's."""
        columns = np.asarray(columns, dtype=np.int64)
        place = self._place[columns]
        chosen = place >= 0
        A = np.zeros((self.shape[0], len(columns)))
        A[:, chosen] = dense(self.C[:, place[chosen]])
        A[:, ~chosen] = self.L @ self.X[:, -1 - place[~chosen]]
        if not self.plain:
            divided = np.ones_like(chosen) if self.weighted else ~chosen
            W = self.W.dense(columns[divided])
            A[:, divided] = np.divide(A[:, divided], W, out=np.zeros(W.shape), where=W > 0)
        return np.rint(A) if self.rounded else A


@dataclass(frozen=True, eq=False)
class ReweightedSolution:
    """Ã = [Ã_1 … Ã_m] Π, n×d.

    Attributes
    ----------
    blocks
        Ã_i for each server i, or a single one for all.
    order
        Which column of A each column of [Ã_1 … Ã_m] is; the same one if None.
    """

    blocks: Sequence[ReweightedBlock]
    order: np.ndarray | None = None

    def __repr__(self) -> str:
        n, d = self.shape
        return f"<Ã, {n}×{d}, in {len(self.blocks)} blocks of {self.parameters:,} numbers beside W>"

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each block begins, and d at the end."""
        return np.cumsum([0, *(block.shape[1] for block in self.blocks)])

    @cached_property
    def _place(self) -> np.ndarray:
        """Where each column of A stands in [Ã_1 … Ã_m]."""
        return np.arange(self.shape[1]) if self.order is None else np.argsort(self.order)

    @property
    def shape(self) -> tuple[int, int]:
        return self.blocks[0].shape[0], int(self.starts[-1])

    @property
    def parameters(self) -> int:
        """How many numbers C and X are."""
        return sum(block.parameters for block in self.blocks)

    @property
    def digest(self) -> bytes:
        """SHA-256 of all that it is made of beside W: equal for solutions that are the same bit for bit."""
        digest = sha256()
        for block in self.blocks:
            C = [block.C] if isinstance(block.C, np.ndarray) else [block.C.data, block.C.indices, block.C.indptr]
            for array in (block.S, *C, block.X, np.array([block.rounded, block.weighted, block.plain])):
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.digest()

    def columns(self, columns: np.ndarray | Sequence[int]) -> np.ndarray:
        """Ã on these columns, n×|columns|."""
        asked = np.asarray(columns, dtype=np.int64)
        if asked.min(initial=0) < 0:
            raise IndexError(f"columns count from 0 to {self.shape[1] - 1}, column {asked.min()} was asked for")
        places = self._place[asked]
        A = np.empty((self.shape[0], len(places)))
        owner = np.searchsorted(self.starts, places, side="right") - 1
        for i in np.unique(owner):
            A[:, owner == i] = self.blocks[i].columns(places[owner == i] - self.starts[i])
        return A

    def entries(self, rows: "ArrayLike", columns: "ArrayLike") -> np.ndarray:
        """Ã at the pairs (rows[t], columns[t]); at a single pair, its number."""
        rows, columns = np.broadcast_arrays(rows, columns)
        asked, place = np.unique(columns, return_inverse=True)
        A = np.empty(columns.shape)
        for run in column_runs(self.shape[0], len(asked)):
            here = (run.start <= place) & (place < run.stop)
            A[here] = self.columns(asked[run])[rows[here], place[here] - run.start]
        return A[()]

    def dense(self) -> np.ndarray:
        """All n×d entries."""
        return self.columns(np.arange(self.shape[1]))

    def operator(self) -> "LinearOperator":
        """Ã as a scipy LinearOperator; a product forms CHUNK_ENTRIES entries of Ã at a time."""
        from scipy.sparse.linalg import LinearOperator

        make: Any = LinearOperator  # the stubs of this class that is a factory know only `shape`
        times, transpose_times = self._times, self._transpose_times
        return make(
            self.shape, times, rmatvec=transpose_times, matmat=times, rmatmat=transpose_times, dtype=np.dtype(float)
        )

    def _runs(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(columns, Ã on them), run after run."""
        for run in column_runs(*self.shape):
            columns = np.arange(run.start, run.stop)
            yield columns, self.columns(columns)

    def _times(self, X: np.ndarray) -> np.ndarray:
        return sum((A @ X[columns] for columns, A in self._runs()), np.zeros((self.shape[0], *X.shape[1:])))

    def _transpose_times(self, Y: np.ndarray) -> np.ndarray:
        none = np.zeros((0, *Y.shape[1:]))
        return np.concatenate([none, *(A.T @ Y for _, A in self._runs())])


def weighted_loss(A: Matrix, block: ReweightedBlock, first: int = 0) -> float:
    """‖W∘(A − Ã)‖_F² on the columns of a block from `first` on that A (n×d) has."""
    n, d = shape_of(A)
    if isinstance(A, np.ndarray) or isinstance(block.C, np.ndarray) or n * d <= FEW_ENTRIES:
        return _loss_by_columns(A, block, first)
    if len(block.S) == d == block.shape[1] and not block.weighted:
        return _loss_of_columns_sent(A, block)
    # a row where C has no entry is 0 in Ã: of thousands of rows a few hundred are left to be formed
    touched = np.bincount(block.C.indices, minlength=n) > 0
    elsewhere = ~touched[A.indices]
    B = A.data * _weights_of_entries(block.W, A, slice(first, first + d))
    rows = np.flatnonzero(touched)
    part = replace(block, W=block.W.rows(rows), C=block.C[rows])
    return float(np.vdot(B[elsewhere], B[elsewhere])) + _loss_by_columns(A[rows], part, first)


def _loss_of_columns_sent(A: "csc_array", block: ReweightedBlock) -> float:
    """The loss where all columns travelled, as rounded as they are: nothing but nonzeros is formed."""
    order = np.argsort(block.S)
    error: Any = (A - block.C[:, order]).tocsc()
    error.data *= _weights_of_entries(block.W, error, slice(None))
    return float(np.vdot(error.data, error.data))


def _loss_by_columns(A: Matrix, block: ReweightedBlock, first: int = 0) -> float:
    """The loss, by runs of columns; those that are zero in A and in Ã are passed over."""
    n, d = shape_of(A)
    alive = np.flatnonzero(_occupied(A) | block.occupied[first : first + d])
    loss = 0.0
    for run in column_runs(n, len(alive)):
        columns = alive[run]
        error = block.W.dense(first + columns) * (dense(A[:, columns]) - block.columns(first + columns))
        loss += float(np.vdot(error, error))
    return loss


def _occupied(A: Matrix) -> np.ndarray:
    """Which columns may have a nonzero; all of a dense block, where looking costs as much as computing."""
    return np.ones(A.shape[1], bool) if isinstance(A, np.ndarray) else np.diff(A.indptr) > 0
