"""Rows of BᵀB when they are asked for: of a BᵀB at hand, of a sparse block, of a dense one.

A single row of a dense block costs a look at all of B, 32 at once three times as much. So the row of a column comes
with those that are likely to follow, the longest remainders; two in five of them do on decaying spectra.

float32 blocks are multiplied in float32, piece by piece, and summed in float64; where float32 has no room for their
squares, all is in float64.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np

from wlra_dist.linalg.blocks import column_energies
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.linalg.rows.rows import FAINT

if TYPE_CHECKING:
    from scipy.sparse import csc_array

POOL = 32
"""Rows that are formed at once."""

WHOLE = 1 / 4
"""The share of BᵀB that is formed row by row before all of it is: by its symmetry, that costs as much."""

LONG = 64
"""Stretches of a sparse matrix are copied one by one where they have more entries than this, else by position."""

PIECE = 2**18
"""Entries that are multiplied at once."""


class GramRows(Protocol):
    """BᵀB (d×d), as far as it is asked for; `eps` belongs to the type in which it is computed."""

    eps: float

    def energies(self) -> np.ndarray:
        """Its diagonal (d), to be overwritten."""
        ...

    def form(self, columns: list[int]) -> None:
        """Readies some rows at once, if that is cheaper."""
        ...

    def write_row(self, column: int, out: np.ndarray, remainders: np.ndarray) -> None:
        """Row j (d) into `out`; the longest `remainders` (d) may be asked for next."""
        ...

    def square(self, columns: np.ndarray) -> np.ndarray:
        """Its rows and columns J (|J|×|J|)."""
        ...


def gram_rows(B: Matrix | None) -> GramRows:
    assert B is not None, "one of B and BᵀB"
    return _SparseGram(B) if is_sparse(B) else _DenseGram(B)


class KnownGram:
    """Rows of a BᵀB that was formed elsewhere."""

    def __init__(self, G: np.ndarray, eps: float = float(np.finfo(float).eps)) -> None:
        self.G = G
        self.eps = eps

    def energies(self) -> np.ndarray:
        return np.diag(self.G).copy()

    def form(self, columns: list[int]) -> None:
        """All are there."""

    def write_row(self, column: int, out: np.ndarray, remainders: np.ndarray) -> None:  # noqa: ARG002  all are there
        out[:] = self.G[column]

    def square(self, columns: np.ndarray) -> np.ndarray:
        return self.G[np.ix_(columns, columns)]


class _SparseGram:
    """Rows of BᵀB for a sparse B: each touches only the rows of B that its column does."""

    def __init__(self, B: "csc_array") -> None:
        from scipy.sparse import csc_array

        self.columns = csc_array(B, dtype=float)
        self.rows = self.columns.tocsr()
        self.eps = float(np.finfo(float).eps)

    def energies(self) -> np.ndarray:
        return column_energies(self.columns)

    def form(self, columns: list[int]) -> None:
        """Nothing is gained by several at once."""

    def write_row(self, column: int, out: np.ndarray, remainders: np.ndarray) -> None:  # noqa: ARG002  one by one
        """Σ_i B_ij·(row i of B), i in the support of column j; scipy's product takes longer."""
        own = slice(self.columns.indptr[column], self.columns.indptr[column + 1])
        support, weights = self.columns.indices[own], self.columns.data[own]
        starts, ends = self.rows.indptr[support], self.rows.indptr[support + 1]
        out[:] = 0.0
        if (ends - starts).sum() > LONG * len(support):
            stretches = list(map(slice, starts.tolist(), ends.tolist()))
            columns = np.concatenate([self.rows.indices[stretch] for stretch in stretches])
            values = [weight * self.rows.data[stretch] for weight, stretch in zip(weights, stretches, strict=True)]
            np.add.at(out, columns, np.concatenate(values))
        else:
            at = _joined(starts, ends)
            np.add.at(out, self.rows.indices[at], np.repeat(weights, ends - starts) * self.rows.data[at])

    def square(self, columns: np.ndarray) -> np.ndarray:
        C = self.columns[:, columns]
        return (C.T @ C).toarray()


class _DenseGram:
    """Rows of BᵀB for a dense B, until so many were asked for that the whole is cheaper."""

    def __init__(self, B: np.ndarray | OnDemand) -> None:
        self.B = B
        self.type = np.float32 if B.dtype == np.float32 else np.float64
        self.eps = float(np.finfo(self.type).eps)
        self.formed: dict[int, np.ndarray] = {}

    def energies(self) -> np.ndarray:
        energies = self._energies()
        if self.type == np.float32 and not FAINT <= energies.max(initial=0.0) <= 1 / FAINT:
            self.type, self.eps = np.float64, float(np.finfo(float).eps)
            energies = self._energies()
        return energies

    def _energies(self) -> np.ndarray:
        energies = np.zeros(self.B.shape[1])
        with np.errstate(over="ignore"):
            for piece in self._pieces():
                energies += np.einsum("ij,ij->j", piece, piece)
        return energies

    def form(self, columns: list[int]) -> None:
        missing = [column for column in columns if column not in self.formed]
        if len(self.formed) + len(missing) > WHOLE * self.B.shape[1]:
            missing = list(range(self.B.shape[1])) if missing else []
        if missing:
            self.formed.update(zip(missing, self._products(missing), strict=True))

    def write_row(self, column: int, out: np.ndarray, remainders: np.ndarray) -> None:
        if column not in self.formed:
            self.form([column, *self._likely_next(column, remainders)])
        out[:] = self.formed[column]

    def square(self, columns: np.ndarray) -> np.ndarray:
        C = np.array(self.B[:, columns], dtype=float, order="C")
        return C.T @ C

    def _likely_next(self, column: int, remainders: np.ndarray) -> list[int]:
        waiting = remainders.copy()
        waiting[[column, *self.formed]] = 0.0
        longest = np.argsort(-waiting, kind="stable")[: POOL - 1]
        return longest[waiting[longest] > 0].tolist()

    def _products(self, columns: list[int]) -> np.ndarray:
        rows = np.zeros((len(columns), self.B.shape[1]))
        for piece in self._pieces():
            C = piece if len(columns) == piece.shape[1] else piece[:, columns]
            rows += C.T @ piece
        return rows

    def _pieces(self) -> Iterator[np.ndarray]:
        step = max(1, PIECE // max(self.B.shape[1], 1))
        for start in range(0, len(self.B), step):
            yield np.ascontiguousarray(self.B[start : start + step], dtype=self.type)


def _joined(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The positions of all stretches, one after the other."""
    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
