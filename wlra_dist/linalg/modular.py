"""Linear algebra over the field of PRIME elements: exact where rationals would grow and floats would round.

Residues are int64 in 0 … PRIME − 1, so that a product of two is below 2^62. What is independent over the field is so
over the rationals, too; the converse fails only where PRIME divides a determinant.
"""

import numpy as np

PRIME = 2**31 - 1
"""The eighth prime of Mersenne."""

_HALF = 16
"""Low bits of a residue that a product takes at a time."""

_TERMS = 64
"""Products of a residue and a half that a float sums up exactly: 2^31 · 2^16 · 2^6 = 2^53."""


def residues(B: np.ndarray) -> np.ndarray:
    """B modulo PRIME, entry by entry, for floats that are integers."""
    return np.remainder(np.rint(B), PRIME).astype(np.int64)


def lifted(B: np.ndarray) -> np.ndarray:
    """The integers nearest to 0 that have these residues."""
    return np.where(B > PRIME // 2, B - PRIME, B)


def product(L: np.ndarray, R: np.ndarray) -> np.ndarray:
    """LR modulo PRIME, for residues L (n×c) and R (c×d): by float products of which every sum is exact."""
    total = np.zeros((L.shape[0], R.shape[1]), dtype=np.int64)
    for start in range(0, L.shape[1], _TERMS):
        left, right = L[:, start : start + _TERMS].astype(float), R[start : start + _TERMS]
        low, high = (left @ half.astype(float) for half in (right & (1 << _HALF) - 1, right >> _HALF))
        total += _reduced((_reduced(high.astype(np.int64)) << _HALF) + low.astype(np.int64))
    return _reduced(total)


def leading_columns(M: np.ndarray, most: int | None = None) -> np.ndarray:
    """The columns of residues M (n×d) that are no combination of those before them, ascending: rank(M), or `most`.

    Among all bases of the columns it is the lightest, if columns come by ascending weight (Rado 1957, Edmonds 1971).
    """
    E, leading, enough = M, [], min(M.shape) if most is None else most
    while len(leading) < enough and len(alive := np.flatnonzero(E.any(axis=0))):
        column = E[:, alive[0]]
        pivot = int(np.flatnonzero(column)[0])
        E = np.delete(_cleared(E, pivot, column), pivot, axis=0)
        leading.append(int(alive[0]))
    return np.array(leading, dtype=np.int64)


def inverse(M: np.ndarray) -> np.ndarray:
    """M⁻¹ modulo PRIME (c×c residues), by Gauss and Jordan; LinAlgError if there is none."""
    c = len(M)
    E = np.hstack([M, np.eye(c, dtype=np.int64)])
    for j in range(c):
        found = np.flatnonzero(E[j:, j])
        if not len(found):
            raise np.linalg.LinAlgError(f"a matrix of {c} rows is singular modulo {PRIME}")
        pivot = j + int(found[0])
        E[[j, pivot]] = E[[pivot, j]]
        unit = _reduced(E[j] * _reciprocal(E[j, j]))
        E = _cleared(E, j, E[:, j])
        E[j] = unit
    return E[:, c:]


def _cleared(E: np.ndarray, pivot: int, column: np.ndarray) -> np.ndarray:
    """E less the multiple of its row `pivot`, in each row, that makes this column of it zero."""
    factors = _reduced(column * _reciprocal(column[pivot]))
    return _reduced(E - np.multiply.outer(factors, E[pivot]))


def _reciprocal(number: np.integer) -> int:
    return pow(int(number), -1, PRIME)


def _reduced(B: np.ndarray) -> np.ndarray:
    """B modulo PRIME; numpy divides by a constant several times faster than it takes remainders."""
    return B - B // PRIME * PRIME
