"""A proof that rank(W) > r: r + 1 rows and columns whose determinant is not 0.

Every finite float is m·2^e, and 2^31 ≡ 1 modulo the prime P = 2^31 − 1. So W times a power of two is an integer matrix,
its residues are exact, and a determinant that is not 0 modulo P is not 0. Anybody computes one determinant to check it.

Theorem. Let M be nonsingular and V singular with |M − V| ≤ η·M. For any X with δ = ‖I − XM‖_∞, η ≥ (1 − δ)/‖|X|M‖_∞.

Proof. XV = I − (I − XM) − X(M − V), and if δ + η·‖|X|M‖_∞ < 1 that is nonsingular, and so is V. ∎

So the same rows and columns show how far W is from every matrix of rank r: a product of rank r that was rounded is of
a higher rank, and still as good as one of rank r.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from wlra_dist.linalg.modular import PRIME, determinant, leading_columns, product, residues
from wlra_dist.weights import Weights
from wlra_dist.weights.nearness import EPS, SPARE, balanced, pivots

LARGEST = 2**24
"""Entries of W that are looked at at a time."""

WORK = 2**31
"""Products of residues that a search may take."""


@dataclass(frozen=True)
class Minor:
    """A minor of W that is not 0.

    Attributes:
        rows, columns: of W, ascending.
        residue: the determinant modulo `prime`.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    residue: int
    prime: int = PRIME


def minor(W: Weights, rows: np.ndarray, columns: np.ndarray) -> Minor:
    """The minor of W at as many rows as columns."""
    rows, columns = np.sort(rows), np.sort(columns)
    M = W.entries(np.repeat(rows, len(columns)), np.tile(columns, len(rows))).reshape(len(rows), len(columns))
    return Minor(tuple(rows.tolist()), tuple(columns.tolist()), determinant(residues(M)))


def sampled_minor(W: Weights, r: int) -> tuple[Minor, float] | None:
    """A minor of order r + 1 of random rows and columns, and an η that no V of rank r is within; None if none shows."""
    n, d = W.shape
    side = min(r + 1 + SPARE, LARGEST // n)
    rng = np.random.default_rng(0)  # fixed: every rank finds the same
    columns = _some(np.arange(d), side, rng)
    C = W.dense(columns)
    rows = _some(np.flatnonzero(C.any(axis=1)), side, rng)
    sample = balanced(C[rows])
    i, j = pivots(sample, r + 1) if sample.size else (rows, rows)
    if len(i) <= r:
        return None
    found = minor(W, rows[i], columns[j])
    return (found, apart(sample[np.ix_(i, j)])) if found.residue else None


def combined_minor(W: np.ndarray, r: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows and columns of a minor of order r + 1 of W (n×d) that is not 0 modulo P, but with a chance of about r/P.

    r + 1 random combinations of all rows tell which columns are independent; the rows follow from these.
    """
    n, d = W.shape
    if (r + 1) * n * d > WORK:
        return None
    M = residues(W)
    combinations = np.random.default_rng(0).integers(0, PRIME, (r + 1, n))
    columns = leading_columns(product(combinations, M), r + 1)
    rows = leading_columns(M[:, columns].T, r + 1)
    return (rows, columns) if len(rows) > r else None


def apart(M: np.ndarray) -> float:
    """An η such that no singular V has |M − V| ≤ η·M entrywise (theorem above); 0 if none shows."""
    try:
        X = np.linalg.inv(M)
    except np.linalg.LinAlgError:
        return 0.0
    size = float((np.abs(X) @ M).sum(axis=1).max()) * (1 + len(M) * EPS)
    error = float(np.abs(np.eye(len(M)) - X @ M).sum(axis=1).max()) + 2 * len(M) * EPS * size
    return max(1 - error, 0.0) / size


def _some(indices: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    return np.sort(rng.choice(indices, min(most, len(indices)), replace=False, shuffle=False))
