"""Linear algebra modulo a prime, against the rationals and Python's own integers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.linalg.modular import PRIME, determinant, inverse, leading_columns, lifted, product, residues

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(0, 7)


def integers(seed: int, n: int, d: int, rank: int) -> np.ndarray:
    """A small integer matrix of at most this rank."""
    rng = np.random.default_rng(seed)
    return rng.integers(-3, 4, (n, rank)) @ rng.integers(-3, 4, (rank, d))


def rational_rank(M: np.ndarray) -> int:
    """By elimination with fractions."""
    rows = [[Fraction(int(entry)) for entry in row] for row in M]
    rank = 0
    for j in range(M.shape[1]):
        pivot = next((row for row in rows if row[j]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows = [[a - b * row[j] / pivot[j] for a, b in zip(row, pivot, strict=True)] for row in rows]
        rank += 1
    return rank


@given(st.integers(-(PRIME // 2), PRIME // 2))
def test_lifting_undoes_residues(number: int):
    assert lifted(residues(np.array([float(number)]))) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_has_its_residue(number: float):
    exact = Fraction(number)
    expected = exact.numerator * pow(exact.denominator, -1, PRIME) % PRIME
    assert residues(np.array([number])) == expected


@given(c=sides, seed=seeds)
def test_determinants_are_those_over_the_rationals(c: int, seed: int):
    M = integers(seed, c, c, c)
    assert determinant(residues(M)) == round(np.linalg.det(M)) % PRIME


@given(n=sides, c=st.integers(0, 200), d=sides, seed=seeds)
def test_products_are_those_of_unbounded_integers(n: int, c: int, d: int, seed: int):
    rng = np.random.default_rng(seed)
    low = rng.choice([0, PRIME - 1])  # the largest residues are where sums would overflow
    L, R = rng.integers(low, PRIME, (n, c)), rng.integers(low, PRIME, (c, d))
    assert (product(L, R) == L.astype(object) @ R.astype(object) % PRIME).all()


@given(n=sides, d=sides, rank=sides, seed=seeds)
def test_leading_columns_are_where_the_rank_over_the_rationals_grows(n: int, d: int, rank: int, seed: int):
    M = integers(seed, n, d, rank)
    ranks = [rational_rank(M[:, :j]) for j in range(d + 1)]
    leading = np.flatnonzero(np.diff(ranks)).tolist()
    assert leading_columns(residues(M)).tolist() == leading
    assert leading_columns(residues(M), 2).tolist() == leading[:2]


@given(c=sides, seed=seeds)
def test_an_inverse_inverts_or_the_matrix_is_singular(c: int, seed: int):
    M = integers(seed, c, c, c)
    if rational_rank(M) < c:
        with pytest.raises(np.linalg.LinAlgError, match="singular"):
            inverse(residues(M))
    else:
        assert (product(inverse(residues(M)), residues(M)) == np.eye(c)).all()


@given(c=st.integers(1, 6), d=sides, seed=seeds)
def test_an_integral_solution_is_found_exactly(c: int, d: int, seed: int):
    M, X = integers(seed, c, c, c), integers(seed + 1, c, d, c)
    if rational_rank(M) == c:
        assert (lifted(product(inverse(residues(M)), residues(M @ X))) == X).all()


def test_a_determinant_that_the_prime_divides_is_zero_to_it():
    M = np.array([[46341, 2317], [2, 46341]])
    assert PRIME == 46341**2 - 2 * 2317
    assert leading_columns(residues(M)).tolist() == [0]
