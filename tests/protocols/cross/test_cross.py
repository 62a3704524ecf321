"""Rows of all columns and all rows of some: what is sent hardly depends on m, and estimates keep the promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged, one_party_a_thread
from tests.protocols.small import Small, coordinator
from wlra_dist.codecs.base.codec import decode, encode
from wlra_dist.css import SELECTORS
from wlra_dist.game import Game
from wlra_dist.game.replayed import Replayed
from wlra_dist.protocols import Terms
from wlra_dist.protocols.bounds import word_bits
from wlra_dist.protocols.cross.coordinator import CrossState
from wlra_dist.protocols.cross.cosets import level_for, modulus, resolve
from wlra_dist.protocols.cross.dither import indices, numbers
from wlra_dist.protocols.cross.judge import Judged
from wlra_dist.protocols.cross.offsets import Offset
from wlra_dist.protocols.cross.planning import design
from wlra_dist.protocols.cross.turning import turn, turn_back
from wlra_dist.protocols.parts import Part, all_parts
from wlra_dist.weights import BlockMask, LowRankWeights, Weights

N, D, K = 240, 120, 4
ORDER = np.arange(1, D + 1.0)
SPECTRA = {
    "power": 1 / ORDER,
    "sharp": np.where(ORDER <= K, 1.0, 0.03),
    "strong": np.where(ORDER <= K, 1.0, 0.001),
    "slow": ORDER**-0.5,
}


def drawn(seed: int, sigma: np.ndarray, n: int = N) -> np.ndarray:
    """Random directions and these singular values."""
    rng = np.random.default_rng(seed)
    U, V = (np.linalg.qr(rng.standard_normal((size, len(sigma))))[0] for size in (n, len(sigma)))
    return U * sigma @ V.T


def game(A: np.ndarray, m: int, W: Weights | None = None, k: int = K, r: int = 1, epsilon: float = 0.3) -> Small:
    n, d = A.shape
    W = LowRankWeights(np.ones((n, 1)), np.ones((1, d))) if W is None else W
    terms = Terms(k, r, epsilon, word_bits(n, d), None, False, 64, SELECTORS["auto"]())
    return Small(A, W, m, terms)


def bits_and_ratio(small: Small, seed: int = 0) -> tuple[int, float]:
    played, solution = in_one_process(small.body("cross"), seed=seed)
    assert solution is not None
    return sum(entry.bits for entry in merged([played])[0]), small.loss(solution) / small.tail_of_all()


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_bits_hardly_depend_on_the_number_of_servers_and_the_promise_is_kept(spectrum: str):
    A = drawn(1, SPECTRA[spectrum])
    few, many = (bits_and_ratio(game(A, m)) for m in (2, D))
    assert max(few[1], many[1]) <= 1.3
    assert many[0] <= few[0] + 300 * D  # a server costs its headers, not its columns


def test_parts_of_the_support_are_played_by_themselves():
    A = np.zeros((2 * N, 2 * D))
    A[:N, :D], A[N:, D:] = drawn(2, SPECTRA["sharp"]), 1e4 * drawn(3, SPECTRA["power"])
    mask = BlockMask.wide(2 * N, 2, D, 2 * D)
    small = game(A, 64, mask, r=2)
    assert [part.K for part in all_parts(small.public_W, small.terms)] == [K, K]
    bits, _ = bits_and_ratio(small)
    alone = [bits_and_ratio(game(A[rows, columns], 32))[0]
             for rows, columns in ((slice(N), slice(D)), (slice(N, None), slice(D, None)))]  # fmt: skip
    _, solution = in_one_process(small.body("cross"))
    assert solution is not None
    best = np.square(np.linalg.svd(A[N:, D:], compute_uv=False)[K:]).sum()
    assert small.loss(solution) <= 1.3 * (best + np.square(np.linalg.svd(A[:N, :D], compute_uv=False)[K:]).sum())
    assert bits <= 1.1 * sum(alone)


def test_threads_and_a_replay_tell_the_same_story():
    small = game(drawn(4, SPECTRA["slow"], 200), 3)
    played, alone = in_one_process(small.body("cross"), seed=7)
    runs = one_party_a_thread(small.body("cross"), [coordinator, *small.servers], seed=7)
    assert merged([played]) == merged([each for each, _ in runs])
    again = Game(Replayed(coordinator, [played.frames[step] for step in sorted(played.frames)]), seed=7)
    blind = Small(np.full(small.A.shape, np.nan), small.W, small.m, small.terms)
    replayed = blind.body("cross")(again)
    again.finish()
    assert alone is not None
    assert replayed is not None
    assert replayed.digest == alone.digest


def test_a_power_of_two_changes_nothing_else():
    small = game(drawn(5, SPECTRA["power"], 200), 20)
    (played, plain), (other, scaled) = (
        in_one_process(each.body("cross")) for each in (small, game(np.ldexp(small.A, 77), 20))
    )
    assert [e.bits for e in merged([played])[0]] == [e.bits for e in merged([other])[0]]
    assert plain is not None
    assert scaled is not None
    assert np.array_equal(np.ldexp(plain.dense(), 77), scaled.dense())


@pytest.mark.parametrize("zeros", [0, D // 2])
def test_where_opt_is_0_nothing_but_rounding_is_left(zeros: int):
    A = drawn(6, np.where(ORDER <= K, 1.0, 0.0)) * (np.arange(D) >= zeros)
    small = game(A, D // 2)
    _, solution = in_one_process(small.body("cross"))
    assert solution is not None
    assert small.loss(solution) <= 1e-20 * np.square(A).sum()


def test_residues_save_bits_where_the_signal_is_strong():
    played, _ = in_one_process(game(drawn(7, SPECTRA["strong"]), 40, epsilon=0.1).body("cross"))
    sent = [entry for entry in merged([played])[0] if entry.label == "C, S B" and entry.bits > 1]
    plain = 0.5 * np.log2(2 * np.pi * np.e / (12 * 0.8 * 0.001**2 * (D - K) / K))  # of a number at the step of the tail
    assert sum(entry.bits for entry in sent) <= (plain - 1) * sum(entry.numbers for entry in sent)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_the_basis_is_orthogonal_and_dither_is_within_half_a_step(seed: int):
    rng = np.random.default_rng(seed)
    part = Part(all_parts(game(np.ones((9, 5)), 1).public_W, game(np.ones((9, 5)), 1).terms)[0].place, 1, 0)
    X = rng.standard_normal((9, 5))
    assert np.allclose(turn_back(turn(X, part, seed), part, seed), X)
    assert np.allclose(np.square(turn(X, part, seed)).sum(axis=0), np.square(X).sum(axis=0))
    u, exponent, digits = rng.random((9, 5)), int(rng.integers(-300, 60)), int(rng.integers(1, 20))
    coarse, fine = indices(X, exponent, u), indices(X, exponent - 32 * digits, np.ldexp(u, digits))
    assert np.array_equal(fine >> digits, coarse)
    step = 2.0 ** (exponent / 32)
    assert np.abs(numbers(coarse, exponent, u) - X).max() <= step / 2 * (1 + 1e-9)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_the_member_of_a_coset_is_the_one_that_is_meant_within_half_a_modulus(seed: int):
    rng = np.random.default_rng(seed)
    level = level_for(float(rng.uniform(0.1, 1000)))
    index, M = rng.integers(-(10**6), 10**6, 50), modulus(level)
    predicted = index + rng.uniform(-0.49, 0.49, 50) * M
    assert np.array_equal(resolve(np.mod(index, M), level, predicted), index)


def test_columns_are_chosen_where_they_leave_the_least():
    """Against the trace of an inverse, column by column."""
    rng = np.random.default_rng(8)
    Z, noise = rng.standard_normal((3, 9)) * np.array([[4.0], [2.0], [1.0]]), 0.7
    chosen = design(Z, np.arange(0), np.ones(9, dtype=bool), noise, 4)
    left = [np.trace(np.linalg.inv(np.eye(3) + Z[:, S] @ Z[:, S].T / noise) @ Z @ Z.T) for S in (
        chosen.order[:c] for c in range(5))]  # fmt: skip
    assert chosen.left == pytest.approx(left)
    one = [np.trace(np.linalg.inv(np.eye(3) + np.outer(z, z) / noise) @ Z @ Z.T) for z in Z.T]
    assert chosen.order[0] == int(np.argmin(one))


@given(value=st.integers(-16_000, 16_000))
def test_offsets_of_steps_are_told_in_few_bits_where_they_are_small(value: int):
    written = encode(Offset(), value)
    assert decode(Offset(), written.payload(), written.bits)[0] == value
    assert written.bits == Offset().bits(value) <= Offset().limit
    assert Offset().bits(value) <= 5 or abs(value) > 3


def test_the_estimate_of_the_loss_is_hardly_below_it(monkeypatch: pytest.MonkeyPatch):
    """What the fit takes over of its columns' rounding is lost, too, though less than the rounding stands beyond it."""
    last: list[Judged] = []
    outputs = CrossState.outputs.fget
    assert outputs is not None

    def watched(state: CrossState) -> object:
        last.append(state.judged[0])
        return outputs(state)

    monkeypatch.setattr(CrossState, "outputs", property(watched))
    ratios = []
    for seed in range(4):
        A = drawn(seed, SPECTRA["slow"])
        bits_and_ratio(game(A, 40, epsilon=0.1), seed)
        known, (L, X) = last[-1].known, last[-1].output()
        B = np.ldexp(turn(A, known.part, known.seed), -known.unit)
        ratios.append(np.square(B - L @ X).sum() / last[-1].loss)
    assert 0.95 < np.mean(ratios) < 1.04
