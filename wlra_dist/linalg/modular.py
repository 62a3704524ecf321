"""Linear algebra over the field of PRIME elements: exact where rationals would grow and floats would round.

Residues are int64 in 0 … PRIME − 1, so that a product of two is below 2^62. What is independent over the field is so
over the rationals, too; the converse fails only where PRIME divides a determinant.
"""

import numpy as np

PRIME = 2**31 - 1
"""The eighth prime of Mersenne."""

PRIMES = (PRIME, *(2**31 - below for below in (19, 61, 69, 85, 99, 105, 151)))
"""The largest below 2^31."""

_DIGITS, _CYCLE = 53, 31
"""The digits of a float; and 2 to this power is 1 modulo PRIME."""

_HALF = 16
"""Low bits of a residue that a product takes at a time."""

_TERMS = 64
"""Products of a residue and a half that a float sums up exactly: 2^31 · 2^16 · 2^6 = 2^53."""


def residues(B: np.ndarray) -> np.ndarray:
    """B modulo PRIME, entry by entry and exactly: a float is m·2^e with integers m and e, and 2^31 is 1."""
    fractions, exponents = np.frexp(B)
    numbers = _reduced(np.ldexp(fractions, _DIGITS).astype(np.int64))
    return _reduced(numbers << (exponents - _DIGITS) % _CYCLE)


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


def leading_columns(M: np.ndarray, most: int | None = None, prime: int = PRIME) -> np.ndarray:
    """The columns of residues M (n×d) that are no combination of those before them, ascending: rank(M), or `most`.

    Among all bases of the columns it is the lightest, if columns come by ascending weight (Rado 1957, Edmonds 1971).
    """
    E, leading, enough = M, [], min(M.shape) if most is None else most
    while len(leading) < enough and len(alive := np.flatnonzero(E.any(axis=0))):
        column = E[:, alive[0]]
        pivot = int(np.flatnonzero(column)[0])
        E = np.delete(_cleared(E, pivot, column, prime), pivot, axis=0)
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


def determinant(M: np.ndarray) -> int:
    """det(M) modulo PRIME, for c×c residues."""
    E, found = M, 1
    while len(E):
        pivots = np.flatnonzero(E[:, 0])
        if not len(pivots):
            return 0
        pivot = int(pivots[0])
        found = found * (-1) ** pivot * int(E[pivot, 0]) % PRIME
        E = np.delete(_cleared(E, pivot, E[:, 0]), pivot, axis=0)[:, 1:]
    return found


def _cleared(E: np.ndarray, pivot: int, column: np.ndarray, prime: int = PRIME) -> np.ndarray:
    """E less the multiple of its row `pivot`, in each row, that makes this column of it zero."""
    factors = _reduced(column * _reciprocal(column[pivot], prime), prime)
    return _reduced(E - np.multiply.outer(factors, E[pivot]), prime)


def _reciprocal(number: np.integer, prime: int = PRIME) -> int:
    return pow(int(number), -1, prime)


def _reduced(B: np.ndarray, prime: int = PRIME) -> np.ndarray:
    """B modulo the prime; numpy divides by a constant several times faster than it takes remainders."""
    return B - B // prime * prime
