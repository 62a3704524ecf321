"""Small statements of the papers that no other test says alone (docs/papers.md)."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import wlra_dist as wd
from wlra_dist.optima.tail import tail_bound

ROUNDING = 1e-9

sizes = st.integers(3, 12)
ranks = st.integers(1, 3)
seeds = st.integers(0, 1000)


def drawn(n: int, d: int, k: int, r: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A of full rank, A′ of rank k, and W > 0 of rank r."""
    rng = np.random.default_rng(seed)
    W = rng.random((n, r)) @ rng.random((r, d)) + 1e-3
    return rng.standard_normal((n, d)), rng.standard_normal((n, k)) @ rng.standard_normal((k, d)), W


@given(n=sizes, d=sizes, k=ranks, r=ranks, seed=seeds)
def test_the_rank_of_an_entrywise_product_is_at_most_the_product_of_ranks(n: int, d: int, k: int, r: int, seed: int):
    """Woodruff & Yasuda, Lemma 2.1."""
    rng = np.random.default_rng(seed)
    W, A = (rng.standard_normal((n, rank)) @ rng.standard_normal((rank, d)) for rank in (r, k))
    values = np.linalg.svd(W * A, compute_uv=False)
    assert values[r * k :].max(initial=0.0) <= ROUNDING * values[0]


@settings(max_examples=40, deadline=None)
@given(n=sizes, d=sizes, k=ranks, seed=seeds, far=st.floats(0, 3))
def test_what_is_near_the_tail_is_near_the_optimum(n: int, d: int, k: int, seed: int, far: float):
    """Woodruff & Yasuda, Thm 1.2: for any Ã_W, and any A′ of rank k; W is of rank 1."""
    A, other, _ = drawn(n, d, k, 1, seed)
    rng = np.random.default_rng(seed)
    W = np.outer(rng.uniform(0.5, 2, n), rng.uniform(0.5, 2, d))
    B, noise = W * A, rng.standard_normal((n, d))
    left, values, right = np.linalg.svd(B, full_matrices=False)
    tail = float(np.square(values[k:]).sum())
    found = (left[:, :k] * values[:k]) @ right[:k] + far * noise * np.sqrt(tail) / np.linalg.norm(noise)
    kappa = float(np.square(B - found).sum()) / tail if tail > 0 else 1.0
    loss = float(np.square(W * (A - found / W)).sum())
    best = wd.solve(A, W, k, certify=False).loss
    for reached in (best, float(np.square(W * (A - other)).sum())):
        assert loss <= kappa * reached * (1 + ROUNDING) + ROUNDING
    assert tail_bound(B, 1, k) <= best * (1 + ROUNDING)


def test_gaussian_sketches_keep_the_sum_of_regressions():
    """Li et al., Lemma 3.8: with 4k/ε rows at most a tenth of 40 sketches are worse than (1+ε)."""
    rng, k, epsilon = np.random.default_rng(0), 3, 0.4
    A, V, W = rng.standard_normal((20, 200)), rng.standard_normal((k, 200)), rng.random((20, 200))
    best = float(np.square(W * (A - wd.regressions(A, V, W) @ V)).sum())
    worse = 0
    for _ in range(40):
        S = rng.standard_normal((int(4 * k / epsilon), 200))
        U = np.array([np.linalg.lstsq(S @ (w[:, None] * V.T), S @ (w * a))[0] for w, a in zip(W, A, strict=True)])
        worse += float(np.square(W * (A - U @ V)).sum()) > (1 + epsilon) * best
    assert worse <= 4
