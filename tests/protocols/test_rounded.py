"""All of B by steps that the coordinator sets: for certain, in a few bits a number, however few a server has."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged
from tests.protocols.cross.test_cross import ORDER, SPECTRA, D, K, N, drawn, game
from wlra_dist.protocols.rounded.coordinator import just_enough
from wlra_dist.protocols.rounded.grids import coarse, digits_of
from wlra_dist.weights import DenseWeights


@pytest.mark.parametrize(("spectrum", "epsilon"), [("sharp", 2.0), ("strong", 0.1), ("slow", 0.5)])
def test_a_server_with_few_columns_sends_a_few_bits_a_number(spectrum: str, epsilon: float):
    """In one round it would send 50: its own tail is 0."""
    sigma = SPECTRA[spectrum]
    small = game(drawn(1, sigma), D // K, epsilon=epsilon)
    played, solution = in_one_process(small.body("rounded"))
    assert solution is not None
    assert small.loss(solution) <= (1 + epsilon) * small.tail_of_all()
    share = np.square(sigma[K:]).sum() / np.square(sigma).sum()
    assert sum(e.bits for e in merged([played])[0]) <= small.A.size * (2.5 - 0.5 * np.log2(share)) + 500 * D


def test_zeros_of_W_are_not_sent():
    rng = np.random.default_rng(2)
    W = rng.integers(0, 2, (40, 30)) * 1.0
    W[0, :], W[:, 0] = 1, 1  # one part
    small = game(rng.standard_normal((40, 30)), 15, DenseWeights(W, claimed_rank=2), k=1, r=2)
    played, _ = in_one_process(small.body("rounded"))
    first = [entry for entry in merged([played])[0] if entry.label == "B" and "coarse" in entry.parts]
    assert sum(entry.numbers for entry in first) == np.count_nonzero(W) + len(first)  # and a loss each


@given(seed=st.integers(0, 2**32))
@settings(max_examples=30)
def test_finer_digits_go_on_where_coarse_ones_ended(seed: int):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((4, 3)) * 2.0 ** rng.integers(-5, 5)
    grid, step = coarse(X, -16), 2.0**-0.5
    assert np.abs(grid.numbers - X).max() <= step / 2 * (1 + 1e-9)
    for factor in rng.integers(2, 65, 3).tolist():
        digits = digits_of(X, grid, factor)
        grid, step = grid.finer(digits, factor), step / factor
        assert np.abs(grid.numbers - X).max() <= step / 2 * (1 + 1e-9)


@given(epsilon=st.floats(1e-3, 100))
@settings(max_examples=30)
def test_a_loss_that_is_just_enough_is_proven_and_no_larger_one(epsilon: float):
    delta = just_enough(1 + epsilon)
    assert delta <= (1 + epsilon) * (np.sqrt(1 + delta) - np.sqrt(delta)) ** 2 + 1e-9
    more = 1.01 * delta
    assert more >= (1 + epsilon) * (np.sqrt(1 + more) - np.sqrt(more)) ** 2


def test_opt_0_is_met_to_the_last_digits():
    A = drawn(3, np.where(ORDER <= K, 1.0, 0.0))
    small = game(A, D // K)
    _, solution = in_one_process(small.body("rounded"))
    assert solution is not None
    assert small.loss(solution) <= 1e-20 * np.square(A).sum()
    assert A.shape == (N, D)
