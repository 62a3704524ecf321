"""Equal rows and columns are sent once: exact, never much dearer than raw, and shared among servers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged
from tests.protocols.small import Small, drawn
from wlra_dist.protocols.distinct.distinct import who_sends
from wlra_dist.weights import DenseWeights

seeds = st.integers(0, 2**32)


def bits_of(small: Small, protocol: str) -> int:
    return sum(entry.bits for entry in merged([in_one_process(small.body(protocol))[0]])[0])


def counted(small: Small) -> np.ndarray:
    """A on supp(W), 0 elsewhere."""
    return np.where(small.W.dense(slice(None)) > 0, small.A, 0.0)


def repetitive(seed: int, n: int = 40, d: int = 60, p: int = 3, m: int = 4, **terms: object) -> Small:
    """p distinct rows and columns; the same of either at every server."""
    rng = np.random.default_rng(seed)
    rows, columns = np.concatenate([np.arange(p), rng.integers(0, p, n - p)]), np.arange(d) % p
    core, weights = rng.integers(-3, 4, (p, p)) * 1.0, rng.integers(0, 3, (p, p)) * 1.0
    small = drawn(seed, integer=True).on(bound=3, **terms)
    return Small(core[rows][:, columns], DenseWeights(weights[rows][:, columns]), m, small.terms)


@pytest.mark.parametrize("code", ["auto", "paper", "float64"])
@given(seed=seeds)
@settings(max_examples=15)
def test_nothing_is_lost(code: str, seed: int):
    for small in (drawn(seed, wild=True).on(code=code), repetitive(seed, code=code)):
        _, solution = in_one_process(small.body("distinct"))
        assert solution is not None
        assert np.array_equal(solution.dense(), counted(small))


@given(seed=seeds)
@settings(max_examples=15)
def test_without_equal_rows_it_is_raw_and_five_bits_a_server(seed: int):
    small = drawn(seed, integer=False)
    small = Small(np.random.default_rng(seed).standard_normal(small.A.shape), small.W, small.m, small.terms)
    assert bits_of(small, "distinct") <= bits_of(small, "raw") + 5 * small.m


@given(seed=seeds)
@settings(max_examples=10)
def test_what_several_servers_have_is_told_by_the_first(seed: int):
    """Rows and table once, whatever m; each of the others costs its digests, its columns and a few bits."""
    alone, shared = (repetitive(seed, d=240, m=m, sparse=False) for m in (2, 8))
    apart, together = bits_of(alone, "distinct"), bits_of(shared, "distinct")
    assert together <= apart + 6 * (2 * 128 + 100)
    _, solution = in_one_process(shared.body("distinct"))
    assert solution is not None
    assert np.array_equal(solution.dense(), counted(shared))


def test_few_distinct_rows_cost_labels_and_a_table():
    """64-bit reals, n = 300, d = 400, p = 5: 25 numbers, and at most log2 5 bits for each row and column."""
    rng = np.random.default_rng(1)
    core = rng.standard_normal((5, 5))
    A = core[rng.integers(0, 5, 300)][:, rng.integers(0, 5, 400)]
    terms = drawn(0, integer=False).on(sparse=False).terms
    small = Small(A, DenseWeights(np.ones(A.shape)), 1, terms)
    labels = 700 * np.log2(5)
    assert bits_of(small, "distinct") <= labels + 25 * 64 + 150
    assert bits_of(small, "raw") >= 300 * 400 * 64


def test_who_has_nothing_of_its_own_is_asked_for_its_columns_only():
    assert who_sends([[1, 5], [1, 5], [2, 5], [], [1, 6]]) == [3, 0, 1, 0, 2]
