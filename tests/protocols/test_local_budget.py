"""local_budget: the target is that of all servers together, and what one spares the others may spend."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged
from tests.protocols.cross.test_cross import game
from tests.protocols.small import Small, drawn
from wlra_dist.css import SELECTORS
from wlra_dist.protocols import Terms
from wlra_dist.protocols.bounds import word_bits
from wlra_dist.protocols.parts import no_own_tails
from wlra_dist.weights import LowRankWeights

seeds = st.integers(0, 2**32)


def bits_and_loss(small: Small, protocol: str) -> tuple[int, float]:
    game, solution = in_one_process(small.body(protocol))
    assert solution is not None
    return sum(entry.bits for entry in merged([game])[0]), small.loss(solution)


@given(seed=seeds)
@settings(max_examples=8)
def test_all_together_leave_what_each_might_have_left(seed: int):
    small = drawn(seed)
    reach = max(small.tail(), small.within_reach())
    noise = 1e-20 * sum(float(np.square(B_i).sum()) for B_i in small.B())
    assert bits_and_loss(small, "local_budget")[1] <= (1 + small.terms.epsilon) * reach * (1 + 1e-9) + noise


@given(seed=seeds)
@settings(max_examples=8)
def test_three_rounds_and_three_messages_a_server(seed: int):
    small = drawn(seed)
    assume(not (small.terms.rounds_all and no_own_tails(small.public_W, small.terms)))
    entries, _ = merged([in_one_process(small.body("local_budget"))[0]])
    assert [entry.round for entry in entries] == [1] * small.m + [2] * small.m + [3] * small.m
    assert {entry.label for entry in entries} == {"LB, residuals", "loss", "C, X"}


def test_blocks_that_differ_cost_less_than_half_of_one_round():
    """A block with noise 1, and five that are nearly of rank k: there a loss is allowed that the first one pays for."""
    rng = np.random.default_rng(0)
    noise = [1.0, 1e-2, 1e-2, 1e-3, 1e-3, 1e-4]
    blocks = [
        rng.standard_normal((60, 3)) @ rng.standard_normal((3, 20)) + e * rng.standard_normal((60, 20)) for e in noise
    ]
    A = np.hstack(blocks)
    selector = SELECTORS["auto"]()
    terms = Terms(k=3, r=1, epsilon=0.1, word=word_bits(60, 120), bound=None, sparse=False, width=64, selector=selector)
    small = Small(A, LowRankWeights(np.ones((60, 1)), np.ones((1, 120))), 6, terms)
    (dealt, loss), (alone, own_loss) = (bits_and_loss(small, protocol) for protocol in ("local_budget", "one_round"))
    assert dealt < alone / 2
    assert max(loss, own_loss) <= 1.1 * small.tail() * (1 + 1e-9)
    assert loss == pytest.approx(own_loss, rel=0.2)


@given(seed=seeds)
@settings(max_examples=2)
def test_servers_without_a_tail_of_their_own_round_by_that_of_the_whole(seed: int):
    rng = np.random.default_rng(seed)
    small = game(rng.standard_normal((30, 20)), 10, k=2)
    frames = [in_one_process(small.body(name))[0].frames for name in ("local_budget", "rounded")]
    assert frames[0] == frames[1]
