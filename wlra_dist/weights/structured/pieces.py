"""Disjoint rank-one pieces plus sparse: W^{∘-1} has the same form (Woodruff & Yasuda, Lemma A.1, derived here).

Lemma. Let S_l = u_l v_lᵀ have pairwise disjoint supports, and let W be Σ_l S_l but for some entries, the exceptions.
Then W^{∘-1} is Σ_l u_l^{∘-1} (v_l^{∘-1})ᵀ but for the same entries.

Proof. Where W is not an exception, one S_l at most is not 0, and the inverse of u_i v_j is u_i^{-1} v_j^{-1}. ∎

So (W∘(UVᵀ))x = Σ_l diag(u_l) U Vᵀ diag(v_l) x, corrected at the exceptions, and likewise with W^{∘-1}: both cost k
times the numbers that W is made of, and no n×d numbers are formed.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from wlra_dist.inputs.brief import brief
from wlra_dist.linalg.blocks import runs
from wlra_dist.weights.distinct import both, equal_columns

if TYPE_CHECKING:
    from scipy.sparse import csc_array


@dataclass(frozen=True, eq=False)
class StructuredWeights:
    """W = Σ_l u_l v_lᵀ with disjoint supports, but for the exceptions.

    `wlra_dist.weights.structured.kinds` makes them, and refuses what is no such W.

    Parameters
    ----------
    u
        n×P, positive where stored: column l has the rows of piece l.
    v
        d×P, likewise the columns of W.
    exceptions
        n×d: what is stored is W there, also a 0.
    """

    u: "csc_array"
    v: "csc_array"
    exceptions: "csc_array"

    def __repr__(self) -> str:
        return brief(self)

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.exceptions.shape  # pyright: ignore[reportGeneralTypeIssues]  # scipy's types leave it open
        return n, d

    @property
    def T(self) -> "StructuredWeights":
        """Wᵀ."""
        return StructuredWeights(self.v, self.u, self.exceptions.T.tocsc())

    @property
    def numbers(self) -> int:
        """How many numbers W is made of."""
        return self.u.nnz + self.v.nnz + self.exceptions.nnz

    @property
    def rank(self) -> int:
        """A proven bound: pieces that have rows and columns, and a largest matching of the exceptions."""
        from scipy.sparse.csgraph import structural_rank

        pieces = np.count_nonzero(np.diff(self.u.indptr) * np.diff(self.v.indptr))
        matching = structural_rank(self.exceptions) if self.exceptions.nnz else 0
        return min(int(pieces) + int(matching), *self.shape)

    def block(self, columns: slice | np.ndarray) -> "StructuredWeights":
        return StructuredWeights(self.u, self.v[columns], self.exceptions[:, columns])

    def rows(self, rows: np.ndarray) -> "StructuredWeights":
        return StructuredWeights(self.u[rows], self.v, self.exceptions[rows])

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        # a product with zeros adds exact zeros: each entry is one product, the same bits as in `entries`
        W = np.ascontiguousarray(self._rows_of_u @ self.v[columns].toarray().T)
        own = self.exceptions[:, columns]
        W[own.indices, _columns(own)] = own.data
        return W

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        rows, columns = np.broadcast_arrays(rows, columns)
        W = self._base(rows.ravel(), columns.ravel())
        if self.exceptions.nnz and W.size:
            at: Any = self._numbered[rows.ravel(), columns.ravel()]
            at = np.asarray(at.toarray() if hasattr(at, "toarray") else at).ravel()
            W[at > 0] = self.exceptions.data[at[at > 0] - 1]
        return W.reshape(rows.shape)

    @property
    def groups(self) -> np.ndarray:
        """Columns of the same pieces with the same v, and of the same exceptions."""
        return both(both(equal_columns(self.v.T.tocsc()), equal_columns(self.exceptions)), equal_columns(self._numbers))

    @property
    def row_groups(self) -> np.ndarray:
        """The same of the rows."""
        return self.T.groups

    def support_sizes(self, columns: np.ndarray | slice) -> np.ndarray:
        """The heights of a column's pieces, and what the exceptions change."""
        heights = _ones(self.v[columns]) @ np.diff(self.u.indptr)
        return np.asarray(heights + self._changes(columns).sum(axis=0), dtype=np.int64)

    def support_places(self, columns: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns (of these, from 0) where W is not 0, column by column."""
        support: Any = (_ones(self.u) @ _ones(self.v[columns]).T + self._changes(columns)).tocsc()
        support.eliminate_zeros()
        support.sort_indices()
        return support.indices, _columns(support)

    def rows_that_count(self) -> np.ndarray:
        """Rows of a piece with columns, and what the exceptions change."""
        return np.flatnonzero(self.T.support_sizes(slice(None)))

    def apply(self, U: np.ndarray, V: np.ndarray, x: np.ndarray) -> np.ndarray:
        """(W∘(UVᵀ))x for U n×k, V d×k, and x a vector (d) or several (d×q)."""
        return _applied(self.u, self.v, self._corrections[0], (U, V), x)

    def apply_inverse(self, U: np.ndarray, V: np.ndarray, x: np.ndarray) -> np.ndarray:
        """(W^{∘-1}∘(UVᵀ))x; W^{∘-1} is 0 where W is."""
        return _applied(_inverse(self.u), _inverse(self.v), self._corrections[1], (U, V), x)

    def apply_transposed(self, U: np.ndarray, V: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(W∘(UVᵀ))ᵀy for y (n) or several (n×q)."""
        return _applied(self.v, self.u, self._corrections[0].T.tocsc(), (V, U), y)

    def apply_inverse_transposed(self, U: np.ndarray, V: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(W^{∘-1}∘(UVᵀ))ᵀy."""
        return _applied(_inverse(self.v), _inverse(self.u), self._corrections[1].T.tocsc(), (V, U), y)

    @cached_property
    def _rows_of_u(self) -> Any:
        return self.u.tocsr()

    @cached_property
    def _rows_of_v(self) -> Any:
        return self.v.tocsr()

    @cached_property
    def _numbered(self) -> Any:
        """At each exception its place among them, from 1."""
        return _with_data(self.exceptions, np.arange(1, self.exceptions.nnz + 1))

    @property
    def _numbers(self) -> Any:
        """1 at each exception, so that a stored 0 is told from none."""
        return _with_data(self.exceptions, np.ones(self.exceptions.nnz))

    def _base(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Σ_l u_l v_lᵀ at these pairs."""
        W = np.zeros(len(rows))
        for run in runs(len(rows), 1):
            W[run] = self._rows_of_u[rows[run]].multiply(self._rows_of_v[columns[run]]).sum(axis=1)
        return W

    @cached_property
    def _base_at_exceptions(self) -> np.ndarray:
        return self._base(self.exceptions.indices, _columns(self.exceptions))

    @cached_property
    def _corrections(self) -> tuple[Any, Any]:
        """What the exceptions add to Σ_l u_l v_lᵀ, and to its entrywise inverse."""
        base, own = self._base_at_exceptions, self.exceptions.data
        return _with_data(self.exceptions, own - base), _with_data(self.exceptions, inverted(own) - inverted(base))

    def _changes(self, columns: np.ndarray | slice) -> Any:
        """At each exception 1 if it adds to the support of the pieces, −1 if it takes from it, and 0."""
        change = (self.exceptions.data > 0).astype(np.int64) - (self._base_at_exceptions > 0)
        changes = _with_data(self.exceptions, change)[:, columns]
        changes.eliminate_zeros()
        return changes


def inverted(values: np.ndarray) -> np.ndarray:
    """1/w, and 0 for 0."""
    return np.divide(1.0, values, out=np.zeros(np.shape(values)), where=np.asarray(values) > 0)


def _applied(u: Any, v: Any, correction: Any, factors: tuple[np.ndarray, np.ndarray], x: np.ndarray) -> np.ndarray:
    """Σ_l diag(u_l) U Vᵀ diag(v_l) x, and the correction∘(UVᵀ) times x; one vector after another."""
    U, V = (np.asarray(factor, dtype=float) for factor in factors)
    x = np.asarray(x, dtype=float)
    X = x[:, None] if x.ndim == 1 else x
    y = np.empty((len(U), X.shape[1]))
    for at, column in enumerate(X.T):
        y[:, at] = np.einsum("ik,ik->i", U, u @ (v.T @ (V * column[:, None])))
    if correction.nnz:
        y += _with_data(correction, correction.data * _products(U, V, correction)) @ X
    return y[:, 0] if x.ndim == 1 else y


def _products(U: np.ndarray, V: np.ndarray, places: Any) -> np.ndarray:
    """(UVᵀ)_ij at the stored places of a csc_array; gathering is what takes the time."""
    products, part, counts = np.zeros(places.nnz), np.empty(places.nnz), np.diff(places.indptr)
    for a, b in zip(np.ascontiguousarray(U.T), np.ascontiguousarray(V.T), strict=True):
        np.take(a, places.indices, out=part, mode="clip")  # unlike "raise", this fills `part` itself
        part *= np.repeat(b, counts)
        products += part
    return products


def _inverse(factor: Any) -> Any:
    return _with_data(factor, 1 / factor.data)


def _ones(factor: Any) -> Any:
    return _with_data(factor, np.ones(factor.nnz, dtype=np.int64))


def _with_data(M: Any, data: np.ndarray) -> Any:
    """A matrix with the places of M."""
    other = M.copy()
    other.data = data
    return other


def _columns(M: Any) -> np.ndarray:
    """The column of each stored entry."""
    return np.repeat(np.arange(M.shape[1]), np.diff(M.indptr))
