"""Reweighted solutions: Ã = W^{∘-1}∘(C X), kept as W, C and X (Woodruff & Yasuda, Algorithm 1 and Cor 1.3).

A solution is a row of blocks [Ã_1 … Ã_m], one for each server. It gives single entries, columns and products with
vectors without ever forming n×d numbers; `dense` does so when asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from wlra_dist.inputs.brief import brief
from wlra_dist.linalg.matrix import Matrix, arrays_of, entries
from wlra_dist.weights import StructuredWeights, Weights
from wlra_dist.weights.structured.products import pieces_of
from wlra_dist.weights.weighing import column_runs, dense, others, weigh

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from scipy.sparse.linalg import LinearOperator


FEW_FACTORS = 1 << 27
"""Entries of a left factor that is made dense for a product: a gigabyte. Larger ones are used by runs of columns."""


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
        return int(np.count_nonzero(entries(self.C))) + self.X.size

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

    @property
    def quick(self) -> bool:
        """Whether a product with a vector needs no n×d numbers; what is rounded entry by entry needs them."""
        if self.rounded:
            return False
        few = self.shape[0] * len(self.X) <= FEW_FACTORS
        return self.plain or self._all_travelled or (few and self._pieces is not None)

    @property
    def _all_travelled(self) -> bool:
        """Whether Ã is C, in another order."""
        return not self.plain and not self.weighted and not self.X.shape[1]

    @cached_property
    def _pieces(self) -> StructuredWeights | None:
        return pieces_of(self.W)

    @cached_property
    def _factors(self) -> tuple[np.ndarray, np.ndarray]:
        """L (n×c) and X'ᵀ (d×c), where what travelled exactly has no X'."""
        V = np.zeros((self.shape[1], len(self.X)))
        V[others(self.S, self.shape[1])] = self.X.T
        if self.weighted:
            V[self.S] = np.eye(len(self.S), len(self.X))
        return dense(self.L), V

    def times(self, x: np.ndarray) -> np.ndarray:
        """Ã_i x for x d×q, of a block that is `quick`."""
        if self.plain:
            return self.C @ (self.X @ x)
        if self._all_travelled:
            return self.C @ x[self.S]
        assert self._pieces is not None, "asked of quick blocks"
        y = self._pieces.apply_inverse(*self._factors, x)
        return y if self.weighted else y + self.C @ x[self.S]

    def transpose_times(self, y: np.ndarray) -> np.ndarray:
        """Ã_iᵀ y for y n×q, of a block that is `quick`."""
        if self.plain:
            return self.X.T @ (self.C.T @ y)
        x = np.zeros((self.shape[1], *y.shape[1:]))
        if not self._all_travelled:
            assert self._pieces is not None, "asked of quick blocks"
            x = self._pieces.apply_inverse_transposed(*self._factors, y)
        if not self.weighted:
            x[self.S] = self.C.T @ y
        return x


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
            facts = np.array([block.rounded, block.weighted, block.plain])
            for array in (block.S, *arrays_of(block.C), block.X, facts):
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
        """Ã as a scipy LinearOperator.

        Under structured weights a product costs c times the numbers that W is made of (Lemma A.1); under others it
        forms CHUNK_ENTRIES entries of Ã at a time.
        """
        from scipy.sparse.linalg import LinearOperator

        make: Any = LinearOperator  # the stubs of this class that is a factory know only `shape`
        times, transpose_times = self._times, self._transpose_times
        return make(
            self.shape, times, rmatvec=transpose_times, matmat=times, rmatmat=transpose_times, dtype=np.dtype(float)
        )

    @property
    def _columns_of_blocks(self) -> Iterator[tuple[ReweightedBlock, np.ndarray]]:
        """(block, the columns of A that are its columns)."""
        order = np.arange(self.shape[1]) if self.order is None else self.order
        return zip(self.blocks, np.split(order, self.starts[1:-1]), strict=True)

    def _times(self, X: np.ndarray) -> np.ndarray:
        y = np.zeros((self.shape[0], *X.shape[1:]))
        for block, columns in self._columns_of_blocks:
            if block.quick:
                y += block.times(X[columns])
            else:
                y += sum(block.columns(run) @ X[columns[run]] for run in _arranged(block))
        return y

    def _transpose_times(self, Y: np.ndarray) -> np.ndarray:
        x = np.zeros((self.shape[1], *Y.shape[1:]))
        for block, columns in self._columns_of_blocks:
            if block.quick:
                x[columns] = block.transpose_times(Y)
            else:
                for run in _arranged(block):
                    x[columns[run]] = block.columns(run).T @ Y
        return x


def _arranged(block: ReweightedBlock) -> Iterator[np.ndarray]:
    """Its columns, in runs of at most CHUNK_ENTRIES entries."""
    return (np.arange(run.start, run.stop) for run in column_runs(*block.shape))
