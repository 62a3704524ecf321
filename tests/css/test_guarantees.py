"""Each selector's theorem, against exact singular values; brute force where the theorem speaks of a law."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlra_dist.css import SELECTORS, Selector, Stop
from wlra_dist.css.adaptive import AdaptiveSampling
from wlra_dist.css.dual_set import DualSet, sparsify
from wlra_dist.css.gram_qr import GramQR
from wlra_dist.css.leverage import LeverageSampling
from wlra_dist.css.norm_sampling import NormSampling
from wlra_dist.css.osinsky import Osinsky
from wlra_dist.css.rp_cholesky import RandomlyPivotedCholesky
from wlra_dist.css.swaps import Swaps
from wlra_dist.css.uniform import UniformSampling
from wlra_dist.linalg.blocks import column_energies, energy
from wlra_dist.linalg.spectral.subspace import leading_subspace

seeds = st.integers(0, 2**32 - 1)
DRAWS = 600


def left(B: np.ndarray, columns: np.ndarray) -> float:
    """‖B − CC⁺B‖_F² by numpy's least squares."""
    C = B[:, columns]
    return energy(B - C @ np.linalg.lstsq(C, B, rcond=None)[0]) if len(columns) else energy(B)


def tail(B: np.ndarray, K: int) -> float:
    return float(np.square(np.linalg.svd(B, compute_uv=False)[K:]).sum())


def drawn(n: int, d: int, decades: float, seed: int) -> np.ndarray:
    """Singular values that fall by so many decades; columns of very different lengths."""
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((n, n)) * 10.0 ** (-decades * np.arange(n) / n) @ rng.standard_normal((n, d))
    return B * rng.uniform(0.1, 1, d) ** 3


def chosen(selector: Selector, B: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    return selector(B, Stop(count), np.random.default_rng(seed)).columns


def kahan(d: int, c: float = 0.3) -> np.ndarray:
    """Pivoted QR's worst case, just short of a tie."""
    s = np.sqrt(1 - c**2)
    return (s ** np.arange(d))[:, None] * (np.eye(d) - c * np.triu(np.ones((d, d)), 1)) * (1 - 1e-9) ** np.arange(d)


@given(n=st.integers(2, 14), d=st.integers(2, 14), decades=st.floats(0, 4), share=st.floats(0, 1), seed=seeds)
def test_osinsky_leaves_at_most_K_plus_1_times_the_tail(n: int, d: int, decades: float, share: float, seed: int):
    B = drawn(n, d, decades, seed)
    K = 1 + int(share * (min(n, d) - 2))
    columns = chosen(Osinsky(), B, K)
    assert len(columns) == K
    assert left(B, columns) <= (K + 1) * tail(B, K) * (1 + 1e-9) + 1e-12 * energy(B)


def test_osinsky_is_no_worse_where_nothing_better_exists():
    """K + 1 nearly equal columns along a simplex: every choice of K of them leaves K + 1 times the tail."""
    K = 4
    simplex = np.eye(K + 1) - (1 - 1e-4) / (K + 1)
    ratios = [left(simplex, np.array(S)) / tail(simplex, K) for S in combinations(range(K + 1), K)]
    assert min(ratios) == pytest.approx(K + 1, rel=1e-2)
    assert left(simplex, chosen(Osinsky(), simplex, K)) <= (K + 1) * tail(simplex, K) * (1 + 1e-6)


@given(n=st.integers(3, 16), d=st.integers(3, 16), decades=st.floats(0, 4), K=st.integers(1, 6), seed=seeds)
def test_dual_set_keeps_its_bound(n: int, d: int, decades: float, K: int, seed: int):
    B = drawn(n, d, decades, seed)
    K = min(K, min(n, d) - 1)
    for count in range(K + 1, min(n, d) + 1):
        factor = 1 + (1 - np.sqrt(K / count)) ** -2
        columns = chosen(DualSet(rank=K), B, count)
        assert len(columns) <= count
        assert left(B, columns) <= factor * tail(B, K) * (1 + 1e-9) + 1e-12 * energy(B)


@given(d=st.integers(8, 30), K=st.integers(1, 4), seed=seeds)
def test_so_do_the_columns_that_sparsification_alone_picks(d: int, K: int, seed: int):
    """Without the places that repeated picks leave to the longest remainders."""
    B = drawn(20, d, 1.0, seed)
    for count in (K + 1, 2 * K, 4 * K):
        if count > K:
            picked = sparsify(leading_subspace(B, K), count)
            assert left(B, np.array(picked)) <= (1 + (1 - np.sqrt(K / count)) ** -2) * tail(B, K) * (1 + 1e-9)


@given(d=st.integers(2, 12), seed=seeds)
def test_gram_pivots_keep_the_bound_of_pivoted_qr(d: int, seed: int):
    for B in (drawn(14, d, 3.0, seed), kahan(d)):
        values = np.linalg.svd(B, compute_uv=False)
        for c in range(1, min(B.shape)):
            bound = (d - c) * (4 ** (c + 1) + 6 * c + 5) / 9 * values[c] ** 2
            assert left(B, chosen(GramQR(), B, c)) <= bound * (1 + 1e-9)


def test_adaptive_sampling_on_average():
    """t rounds of K/ε columns: ‖B_{−K}‖²/(1 − ε) + ε^t·‖B‖²."""
    B, K, rounds = drawn(40, 60, 2.0, 1), 3, 2
    mean = np.mean([left(B, chosen(AdaptiveSampling(rounds), B, rounds * 2 * K, seed)) for seed in range(DRAWS)])
    assert mean <= tail(B, K) / (1 - 1 / 2) + 0.5**rounds * energy(B)


def test_randomly_pivoted_cholesky_on_average():
    """(1+ε)·tail with K/ε + K·log(1/(εη)) columns, in blocks or one by one."""
    B, K, epsilon = drawn(40, 60, 3.0, 2), 2, 0.5
    count = int(np.ceil(K / epsilon + K * np.log(energy(B) / (epsilon * tail(B, K)))))
    for block in (1, 8):
        losses = [left(B, chosen(RandomlyPivotedCholesky(block), B, count, seed)) for seed in range(200)]
        assert np.mean(losses) <= (1 + epsilon) * tail(B, K)


@pytest.mark.parametrize("block", [1, 2, 16])
def test_blocks_draw_by_the_law_of_one_pivot_at_a_time(block: int):
    """P(i, then j) = ‖b_i‖²/‖B‖² · ‖b_j − its part along b_i‖²/what is left."""
    B = np.array([[2.0, 1.9, 0.3], [0.0, 0.5, 0.2], [0.0, 0.0, 1.0]])
    energies, draws = column_energies(B), 3000
    seen = [tuple(chosen(RandomlyPivotedCholesky(block), B, 2, seed)) for seed in range(draws)]
    for i, j in permutations(range(3), 2):
        unit = B[:, i] / np.sqrt(energies[i])
        remainder = column_energies(B - np.outer(unit, unit @ B))
        probability = energies[i] / energies.sum() * remainder[j] / (remainder.sum() - remainder[i])
        deviation = 5 * np.sqrt(probability * (1 - probability) / draws)
        assert seen.count((i, j)) / draws == pytest.approx(probability, abs=deviation)


@pytest.mark.parametrize("selector", [NormSampling(), UniformSampling()])
def test_sampling_on_average(selector: Selector):
    """‖B_{−K}‖² + K/(βc)·‖B‖², where β = 1 by norms."""
    B, K, count = drawn(40, 60, 2.0, 3), 2, 8
    beta = 1.0 if isinstance(selector, NormSampling) else energy(B) / (60 * column_energies(B).max())
    mean = np.mean([left(B, chosen(selector, B, count, seed)) for seed in range(DRAWS)])
    assert mean <= tail(B, K) + K / (beta * count) * energy(B)


@pytest.mark.parametrize("K", [1, 2])
def test_leverage_sampling_most_of_the_time(K: int):
    """(1 + 8K/(cδ))·tail with probability 1 − δ for c ≥ 8K·ln(2K/δ)."""
    B, delta = drawn(60, 120, 2.0, 4), 0.25
    count = int(np.ceil(8 * K * np.log(2 * K / delta)))
    losses = np.array([left(B, chosen(LeverageSampling(rank=K), B, count, seed)) for seed in range(200)])
    assert np.mean(losses <= (1 + 8 * K / (count * delta)) * tail(B, K)) >= 1 - delta


@settings(max_examples=25)
@given(n=st.integers(3, 14), d=st.integers(3, 14), count=st.integers(1, 8), share=st.floats(0.05, 0.6), seed=seeds)
def test_several_starts_are_no_worse_than_each_of_them(n: int, d: int, count: int, share: float, seed: int):
    B = drawn(n, d, 1.0, seed)
    target = share * energy(B)
    for name in ("greedy", "gram_qr", "osinsky"):
        start = SELECTORS[name]()
        assert left(B, chosen(Swaps(), B, count)) <= left(B, chosen(start, B, count)) * (1 + 1e-9) + 1e-12 * energy(B)
        alone = start(B, Stop(residual=target), np.random.default_rng(0)).columns
        assert len(Swaps()(B, Stop(residual=target), np.random.default_rng(0)).columns) <= len(alone)


@pytest.mark.parametrize("start", [name for name in SELECTORS if name not in ("auto", "swaps")])
@given(seed=seeds)
def test_swaps_never_leave_more_than_their_start(start: str, seed: int):
    B = drawn(15, 12, 1.0, seed)
    before = left(B, chosen(SELECTORS[start](), B, 5, seed))
    after = chosen(Swaps(starts=(start,)), B, 5, seed)
    assert len(after) == 5
    assert left(B, after) <= before * (1 + 1e-9)


@given(d=st.integers(4, 9), count=st.integers(1, 3), seed=seeds)
def test_swaps_end_where_no_exchange_of_one_column_helps(d: int, count: int, seed: int):
    B = np.random.default_rng(seed).standard_normal((8, d))
    columns = chosen(Swaps(), B, count)
    for p in range(count):
        for j in set(range(d)) - set(columns.tolist()):
            other = columns.copy()
            other[p] = j
            assert left(B, other) >= left(B, columns) * (1 - 2e-4)


@given(seed=seeds, share=st.floats(0.05, 0.6))
def test_with_a_residual_swaps_need_no_more_columns_than_their_start(seed: int, share: float):
    B = drawn(15, 12, 1.0, seed)
    stop = Stop(residual=share * energy(B))
    before = SELECTORS["greedy"]()(B, stop, np.random.default_rng(0)).columns
    after = Swaps()(B, stop, np.random.default_rng(0)).columns
    assert len(after) <= len(before)
    assert left(B, after) <= share * energy(B) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("start", "message"),
    [("best", "starts must name"), ({"name": "greedy", "rank": 2}, "starts: "), ({"rank": 2}, "starts must name")],
)
def test_a_start_that_there_is_not_is_told(start: str | dict, message: str):
    with pytest.raises(ValueError, match=message):
        Swaps(starts=(start,))
