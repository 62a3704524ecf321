"""Pivots that are agreed on: in blocks of one they are those of pivoted QR on all columns together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process
from tests.protocols.small import Small, coordinator, drawn
from wlra_dist.game import Game
from wlra_dist.protocols.common_columns.block_qrcp import agreed_pivots, longest
from wlra_dist.protocols.common_columns.common_columns import Common
from wlra_dist.protocols.steps import weighted_block

seeds = st.integers(0, 2**32)


def pivots(small: Small, total: int, size: int) -> np.ndarray:
    """The columns agreed on, in their order."""

    def body(game: Game) -> np.ndarray:
        A = game.deal(small.servers, small.block)
        W = small.public_W
        B = game.each(small.servers, weighted_block, A, W)
        known = agreed_pivots(game, small.servers, coordinator, A, B, Common(W, small.terms), total, size)
        pivots = game.output(known.pivots)
        assert pivots is not None
        return pivots.S

    return in_one_process(body)[1]


def by_hand(B: np.ndarray, total: int) -> list[int]:
    """Businger & Golub: again and again the longest column of the explicit remainder."""
    chosen: list[int] = []
    for _ in range(total):
        Q = np.linalg.qr(B[:, chosen])[0]
        E = B - Q @ (Q.T @ B)
        chosen.append(int(np.square(E).sum(axis=0).argmax()))
    return chosen


@pytest.mark.parametrize("code", ["auto", "float64"])
@given(seed=seeds)
@settings(max_examples=10)
def test_blocks_of_one_are_pivoted_qr_of_all_columns(code: str, seed: int):
    small = drawn(seed, integer=False).on(code=code)
    rng = np.random.default_rng(seed)
    full = Small(rng.standard_normal(small.A.shape), small.W, small.m, small.terms)
    B = np.hstack(full.B())
    total = min(3, np.linalg.matrix_rank(B)) if code == "float64" else min(1, np.linalg.matrix_rank(B))
    assert pivots(full, int(total), 1).tolist() == by_hand(B, int(total))


@given(seed=seeds)
@settings(max_examples=3)
def test_larger_blocks_are_independent_and_span_as_much(seed: int):
    small = drawn(seed, integer=True)
    S = pivots(small, 99, 3)
    B = np.hstack(small.B())
    assert len(S) == len(np.unique(S)) == np.linalg.matrix_rank(B[:, S]) if len(S) else not B.any()


def test_the_longest_are_taken_whoever_has_them():
    assert longest([[5.0, 1.0], [4.0, 3.0], []], count=2) == [1, 1, 0]
    assert longest([[2.0, 2.0], [2.0]], count=2) == [2, 0]
    assert longest([[0.0, 0.0]], count=2) == [0]
