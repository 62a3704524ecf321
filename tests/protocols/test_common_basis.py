"""A basis of all columns: what the coordinator knows of the tail is true, and what is promised is kept for it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged
from tests.protocols.small import Small, drawn
from wlra_dist.codecs.multiples import Multiples
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.spectral.subspace import leading_subspace
from wlra_dist.protocols.common_basis.basis_plan import BasisPlan, divided, planned
from wlra_dist.protocols.common_basis.common_basis import spanned
from wlra_dist.protocols.common_basis.frequent_directions import sketch_sizes
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights
from wlra_dist.weights.support import rows_that_count

ROUNDING = 1e-9

seeds = st.integers(0, 2**32)
each_protocol = pytest.mark.parametrize("protocol", ["svd_factors", "frequent_directions"])


def full(seed: int, m: int = 3, **terms: object) -> Small:
    """A dense A of full rank with W of rank 2, k = 2."""
    rng = np.random.default_rng(seed)
    n, d = (int(side) for side in rng.integers(12, 30, 2))
    A = rng.standard_normal((n, 5)) @ rng.standard_normal((5, d)) + 0.2 * rng.standard_normal((n, d))
    W = LowRankWeights(rng.integers(1, 3, (n, 2)) * 1.0, rng.integers(1, 3, (2, d)) * 1.0)
    small = drawn(seed, integer=False).on(k=2, r=2, sparse=False, **({"epsilon": 0.3} | terms))
    return Small(A, W, m, small.terms)


def tail(B: np.ndarray, K: int) -> float:
    return float(np.square(np.linalg.svd(B, compute_uv=False)[K:]).sum())


@given(seed=seeds)
@settings(max_examples=10)
def test_what_is_known_of_the_tail_is_below_it(seed: int):
    """Whatever the servers leave out and however they round."""
    rng, small = np.random.default_rng(seed), full(seed)
    B = small.B()
    sketches = []
    for B_i, W_i in zip(B, small.public_W, strict=True):
        principal = leading_subspace(B_i, min(B_i.shape))
        c = int(rng.integers(0, len(principal.squares)))
        allowed = float(10 ** rng.uniform(-9, 2))
        L = B_i @ principal.V[:, :c]
        sketches.append(spanned(B_i, W_i, 0.0, L, float(principal.squares[c]), allowed, small.terms))
    plan = planned(sketches, [2**40] * len(sketches), W=small.public_W, spare=0, terms=small.terms)
    K = 4
    assert plan.total is not None
    assert plan.total <= (1 + small.terms.epsilon) * tail(np.hstack(B), K) * (1 + ROUNDING)


@each_protocol
@given(seed=seeds)
@settings(max_examples=6)
def test_the_loss_is_within_the_tail_of_all(protocol: str, seed: int):
    small = full(seed)
    _, solution = in_one_process(small.body(protocol))
    assert solution is not None
    reach = max(tail(np.hstack(small.B()), 4), small.within_reach())
    assert small.loss(solution) <= (1 + small.terms.epsilon) * reach * (1 + ROUNDING)


@given(seed=seeds, epsilon=st.sampled_from([0.05, 0.3, 1.0]))
@settings(max_examples=15)
def test_merged_sketches_serve_every_server(seed: int, epsilon: float):
    """The theorem with its rounding: nobody has to describe a block alone, and 2K directions at most are needed."""
    small = full(seed, epsilon=epsilon)
    _, solution = in_one_process(small.body("frequent_directions"))
    assert solution is not None
    (block,) = solution.blocks
    assert block.weighted
    assert shape_of(block.C)[1] <= 8


def test_an_exact_game_is_won_by_describing_blocks_alone():
    small = drawn(3, integer=True, noiseless=True)
    for protocol in ("svd_factors", "frequent_directions"):
        _, solution = in_one_process(small.body(protocol))
        assert solution is not None
        assert small.loss(solution) == 0.0


@each_protocol
@pytest.mark.parametrize("columns", [1, 3])
def test_a_number_of_columns_is_the_size_of_the_basis(protocol: str, columns: int):
    small = full(7, columns=columns)
    game, solution = in_one_process(small.body(protocol))
    assert solution is not None
    assert [shape_of(block.C)[1] for block in solution.blocks] == [columns]
    basis = [entry for entry in merged([game])[0] if entry.label == "U"]
    assert sum(entry.bits for entry in basis) <= 20 * sum(entry.numbers for entry in basis)  # 7 to 11, and no 50


def test_rows_without_weight_are_not_sent():
    """A basis of a mask's lower half alone has that half's rows."""
    W = BlockMask.wide(20, 2, 5, 10)
    assert rows_that_count(W.block(slice(5, 10))).tolist() == list(range(10, 20))
    assert rows_that_count(DenseWeights(np.zeros((3, 2)))).tolist() == []
    for first in range(0, 10, 3):
        mask = W.block(slice(first, first + 3))
        assert rows_that_count(mask).tolist() == np.flatnonzero(mask.dense(slice(None)).any(axis=1)).tolist()
    small = full(1)
    low = Small(small.A, BlockMask(np.arange(len(small.A)) % 2, np.zeros(small.A.shape[1])), 3, small.terms)
    for game, numbers in ((small, len(small.A)), (low, -(-len(small.A) // 2))):
        entries, _ = merged([in_one_process(game.body("frequent_directions"))[0]])
        assert all(entry.numbers % numbers == 0 for entry in entries if entry.label == "U")


def test_a_server_hears_the_basis_on_the_rows_of_its_own_weights():
    """Where these are few, as those of a mask dealt in order are; a dense W has all rows at every server."""
    small, rng = full(2).on(r=3), np.random.default_rng(2)
    A = rng.standard_normal((45, 2)) @ rng.standard_normal((2, 36)) + 0.2 * rng.standard_normal((45, 36))
    for W, rows, blocks in ((BlockMask.wide(45, 3, 12, 36), 15, 3), (DenseWeights(np.ones((45, 36))), 45, 1)):
        ledger, solution = in_one_process(Small(A, W, 3, small.terms).body("svd_factors"))
        numbers = [entry.numbers for entry in merged([ledger])[0] if entry.label == "U"]
        assert len(numbers) == 3
        assert all(count and count % rows == 0 for count in numbers)
        assert solution is not None
        assert len(solution.blocks) == blocks


@given(seed=seeds)
def test_all_of_the_loss_is_dealt_and_no_more(seed: int):
    rng, small = np.random.default_rng(seed), full(seed)
    left = rng.random(3).tolist()
    least = 0.2 * rng.random(3)  # of which a plan's total is never below the sum
    plan = BasisPlan(Multiples.none(1), float(least.sum() + 3 * rng.random()), least)
    shares = np.array(divided(plan, left, W=small.public_W, terms=small.terms))
    assert shares.sum() <= plan.total
    assert shares.sum() == pytest.approx(plan.total)
    assert plan.total < np.sum(left) or (shares >= np.array(left) * (1 - ROUNDING)).all()


def test_a_sketch_has_the_columns_of_the_theorem():
    small = full(0)
    assert sketch_sizes(small.W, replace(small.terms, epsilon=0.5)) == (4, 4 + 16 - 1)
