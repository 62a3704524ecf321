"""A rank is called refuted only where a determinant says so, and proven or near only where it is."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.linalg.modular import PRIME
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.nearness import NEAR
from wlra_dist.weights.rank import MOST, RankFinding, examine, least_rank
from wlra_dist.weights.refutation import Minor, apart, minor

DRAWN = 500
"""Matrices of the law on integers."""


def claim(W: np.ndarray, r: int) -> str:
    return examine(DenseWeights(W), r).claim


def exact_determinant(M: np.ndarray) -> Fraction:
    """By elimination with fractions, which hold any float."""
    rows, found = [[Fraction(float(entry)) for entry in row] for row in M], Fraction(1)
    for j in range(len(rows)):
        pivot = next((i for i in range(j, len(rows)) if rows[i][j]), None)
        if pivot is None:
            return Fraction(0)
        found *= rows[pivot][j] * (-1 if pivot != j else 1)
        rows[j], rows[pivot] = rows[pivot], rows[j]
        for row in rows[j + 1 :]:
            factor = row[j] / rows[j][j]
            row[j:] = [a - factor * b for a, b in zip(row[j:], rows[j][j:], strict=True)]
    return found


def refutes(W: np.ndarray, found: Minor, r: int) -> bool:
    """Whether it is of order r + 1, and what it says of W."""
    determinant = exact_determinant(W[np.ix_(found.rows, found.columns)])
    residue = determinant.numerator * pow(determinant.denominator, -1, PRIME) % PRIME
    return len(set(found.rows)) == len(set(found.columns)) == r + 1 and 0 != residue == found.residue


def test_integers_of_known_rank_are_never_refuted_at_it_and_always_below_it():
    rng = np.random.default_rng(0)
    for _ in range(DRAWN):
        rank, (n, d) = int(rng.integers(2, 9)), rng.integers(10, 60, 2)
        U, V = rng.integers(0, rng.integers(2, 9), (n, rank)), rng.integers(0, rng.integers(2, 9), (rank, d))
        U[:rank], V[:, :rank] = np.eye(rank), np.eye(rank)
        W = (U @ V)[rng.permutation(n)][:, rng.permutation(d)].astype(float)
        assert claim(W, rank) == "proven"
        below = examine(DenseWeights(W), rank - 1)
        assert below.claim == "refuted"
        assert below.refuted is not None
        assert refutes(W, below.refuted, rank - 1)


@given(st.integers(0, 2**32), st.integers(1, 5), st.sampled_from([np.float32, np.float64]), st.integers(-30, 30))
def test_products_that_were_rounded_are_near_their_rank_and_refuted_below(seed: int, r: int, dtype: type, scale: int):
    rng = np.random.default_rng(seed)
    W = (rng.uniform(0.1, 1, (40, r)) @ rng.uniform(0.1, 1, (r, 30)) * 10.0**scale).astype(dtype).astype(float)
    found = examine(DenseWeights(W), r)
    assert found.claim == "near"
    assert found.off is not None
    assert 0 < found.off <= NEAR
    if r > 1:
        below = examine(DenseWeights(W), r - 1)
        assert below.claim in ("refuted", "near")
        assert below.refuted is None or refutes(W, below.refuted, r - 1)


@pytest.mark.parametrize("r", [1, 7, 16, 60])
def test_a_mask_is_refuted(r: int):
    W = (np.random.default_rng(r).random((300, 200)) < 0.8).astype(float)
    found = examine(DenseWeights(W), r)
    assert found.refuted is not None
    assert (
        found.refuted.residue
        == minor(DenseWeights(W), *map(np.array, (found.refuted.rows, found.refuted.columns))).residue
    )
    assert least_rank(DenseWeights(W), MOST) is None


def test_what_a_few_entries_hide_is_found():
    W = np.ones((700, 500))
    W[333, 222], W[7, 3] = 2, 3
    assert [claim(W, r) for r in (1, 2, 3)] == ["refuted", "refuted", "proven"]
    assert least_rank(DenseWeights(W), MOST) == 3


def test_what_a_single_row_hides_is_found():
    rng = np.random.default_rng(0)
    W = np.outer(rng.random(700), rng.random(500))
    W[432] = rng.random(500)
    assert [claim(W, r) for r in (1, 2)] == ["refuted", "near"]


@pytest.mark.parametrize(
    ("W", "r", "claim"),
    [
        (BlockMask.square(6, 3), 3, "proven"),
        (BlockMask.square(6, 3), 2, "refuted"),
        (LowRankWeights(np.ones((6, 2)), np.ones((2, 7))), 2, "proven"),
        (LowRankWeights(np.ones((6, 2)), np.ones((2, 7))), 1, "proven"),
        (DenseWeights(np.zeros((5, 4))), 1, "proven"),
        (DenseWeights(np.ones((5, 0))), 1, "proven"),
        (DenseWeights(np.array([[1e-300, 1.0], [1.0, 1e300]])), 1, "near"),
        (DenseWeights(np.array([[5e-324, 1.0], [1.0, 1e300]])), 1, "refuted"),
        (DenseWeights(np.lib.stride_tricks.as_strided(np.ones(1), (10**6, 10**6), (0, 0))), 1, "unknown"),
        (DenseWeights(np.lib.stride_tricks.as_strided(np.ones(1), (10**7, 10**7), (0, 0))), 1, "unknown"),
    ],
)
def test_each_state_has_its_case(W: Weights, r: int, claim: str):
    """The last two are too large to look at."""
    assert examine(W, r).claim == claim


def test_a_large_sparse_mask_is_refuted_by_rows_that_show_something():
    from wlra_dist.weights.refutation import LARGEST

    n, d = 2 * LARGEST // 1000, 1000
    W = np.zeros((n, d), dtype=np.int8)
    W[np.random.default_rng(0).integers(0, n, 3000), np.random.default_rng(1).integers(0, d, 3000)] = 1
    assert examine(DenseWeights(W), 1).claim == "refuted"


@given(st.integers(0, 2**32), st.integers(1, 6), st.floats(-6, -1))
def test_a_singular_matrix_is_no_nearer_than_is_said(seed: int, order: int, size: float):
    """M is a singular V changed by η, entry by entry."""
    rng = np.random.default_rng(seed)
    V = rng.uniform(0.1, 1, (order, order - 1)) @ rng.uniform(0.1, 1, (order - 1, order))
    M = V * (1 + 10.0**size * rng.choice([-1, 1], V.shape)) if order > 1 else np.zeros((1, 1))
    assert apart(M) <= 10.0**size / (1 - 10.0**size) * (1 + 1e-6)


def test_the_identity_is_as_far_as_can_be():
    assert apart(np.eye(5)) == pytest.approx(1)
    assert apart(np.array([[1.0, 1], [1, 2]])) == pytest.approx(1 / 7)


def test_the_least_rank_is_what_a_search_from_1_up_finds():
    rng = np.random.default_rng(0)
    for rank in (1, 2, 5, 9):
        W = DenseWeights(rng.random((30, rank)) @ rng.random((rank, 25)))
        assert least_rank(W, MOST) == next(r for r in range(1, MOST + 1) if examine(W, r).off is not None) == rank
        assert least_rank(W, rank) == rank
        assert rank == 1 or least_rank(W, rank - 1) is None


def test_a_finding_is_plain_data():
    found = examine(DenseWeights(np.eye(4)), 2)
    assert found == RankFinding("refuted", None, Minor((0, 1, 2), (0, 1, 2), 1, PRIME))
    assert json.dumps(found.refuted.rows if found.refuted else None) == "[0, 1, 2]"
