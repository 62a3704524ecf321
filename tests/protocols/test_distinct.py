"""Equal rows and columns are sent once: exact, never much dearer than raw, and shared among servers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged
from tests.protocols.small import Small, drawn
from wlra_dist.codecs.base.codec import encode
from wlra_dist.protocols.distinct.distinct import who_sends
from wlra_dist.protocols.distinct.labels import kinds_of_weights
from wlra_dist.protocols.distinct.near import NearTableCode, near_block, near_table
from wlra_dist.protocols.steps import lower_bound
from wlra_dist.weights import DenseWeights
from wlra_dist.weights.loss import weighted_loss

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
def test_nothing_is_lost_where_nothing_may_be(code: str, seed: int):
    """With k beyond the rank LB is 0."""
    for small in (drawn(seed, wild=True).on(k=99, code=code), repetitive(seed, k=99, code=code)):
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


def noisy(seed: int, noise: float = 0.02, size: int = 256, m: int = 1, zeros: bool = False) -> Small:
    """W of 2 distinct rows and columns, A of 8, and noise within groups; the same rows at every server."""
    rng = np.random.default_rng(seed)
    kinds = np.arange(size) % 8
    weights = np.array([[1.0, 2.0], [3.0, 0.0 if zeros else 1.5]])[kinds % 2][:, kinds % 2]
    A = rng.standard_normal((8, 8))[kinds][:, kinds] + noise * rng.standard_normal((size, size))
    small = drawn(0, integer=False).on(k=3, r=2, epsilon=0.1, sparse=False)
    return Small(np.where(weights > 0, A, 0.0), DenseWeights(weights), m, small.terms)


@pytest.mark.parametrize(("m", "zeros"), [(1, True), (2, False)])
def test_with_noise_within_groups_it_takes_a_quarter_of_one_round_and_keeps_the_promise(m: int, zeros: bool):
    small = noisy(7, m=m, zeros=zeros)
    game, solution = in_one_process(small.body("distinct"))
    assert solution is not None
    bounds = (lower_bound(small.block(i), W_i, terms=small.terms) for i, W_i in enumerate(small.public_W))
    assert 0 < small.loss(solution) <= (1 + small.terms.epsilon) * sum(bounds)
    assert all(len(block.X) <= 8 for block in solution.blocks)
    assert sum(entry.bits for entry in merged([game])[0]) <= bits_of(small, "one_round") / 4


def test_what_equal_weights_tell_apart_takes_no_bits():
    """All 8 kinds of rows are told by W, or 4 kinds within each of its 2: n + d times log2(8) and log2(4) bits less."""
    small = noisy(1)
    kinds = np.arange(256) % 8
    apart = np.random.default_rng(0).uniform(1, 2, (8, 8))[kinds][:, kinds]
    known = near_table(small.A, DenseWeights(apart), np.random.default_rng(0), terms=small.on(k=1, r=8).terms)
    terms = small.terms
    assert known is not None
    for W, value, each in ((DenseWeights(apart), known, 0.0), (small.W, known, 2.0)):
        parts = encode(NearTableCode(256, 256, terms, kinds_of_weights(W)), value).parts
        assert parts["rows"] <= each * 256 + 80
        assert parts["columns"] <= each * 256 + 80


def test_what_differs_within_groups_and_what_is_lost_of_the_table_add_up():
    """The theorem of `near`."""
    small = noisy(3)
    W, terms = small.W, small.terms
    near = near_table(small.A, W, np.random.default_rng(0), terms=terms)
    assert near is not None
    assert near.rows is not None
    B, lost = W.dense(slice(None)) * small.A, near_block(near, W, terms)
    P, Q = (np.equal.outer(groups, groups) / np.bincount(groups)[groups] for groups in (near.rows, near.columns))
    within = np.square(B - P @ B @ Q).sum()
    of_table = np.square(P @ B @ Q - W.dense(slice(None)) * lost.columns(np.arange(256))).sum()
    assert weighted_loss(small.A, lost) == pytest.approx(within + of_table, rel=1e-9)


def test_where_rows_are_not_nearly_equal_it_is_raw():
    small = noisy(5, noise=3.0, size=32)
    assert bits_of(small, "distinct") <= bits_of(small, "raw") + 5
