"""EM: never rises, keeps up with exact SVDs, and is the SVD where all weights are equal."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.solvers.weighted import dense, layer, loss, never_rises
from wlra_dist.errors import InputError
from wlra_dist.solvers import solve
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.em import EM
from wlra_dist.solvers.share import Scale
from wlra_dist.weights import DenseWeights


def svd(M: np.ndarray, k: int) -> np.ndarray:
    U, values, V = np.linalg.svd(M, full_matrices=False)
    return (U[:, :k] * values[:k]) @ V[:k]


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 30), d=st.integers(1, 30), k=st.integers(1, 6), seed=st.integers(0, 1000), started=st.booleans()
)
def test_the_loss_never_rises(n: int, d: int, k: int, seed: int, started: bool) -> None:
    A, W = layer(n, d, seed)
    rng = np.random.default_rng(seed)
    start = LowRank(rng.standard_normal((n, k)), rng.standard_normal((k, d))) if started else None
    assert never_rises(A, DenseWeights(W), EM(iterations=8)(A, DenseWeights(W), k, rng, start), start)


@pytest.mark.parametrize("scale", ["max", "root", "quantile"])
@pytest.mark.parametrize("start", ["zero", "svd", "svd_w"])
def test_starts_and_scales_are_those_of_exact_svds(start: Literal["zero", "svd", "svd_w"], scale: Scale) -> None:
    A, W = layer(60, 40, 1)
    F = np.square(W / W.max())
    S = {"max": F, "root": np.sqrt(F), "quantile": np.minimum(F / np.quantile(F[F > 0], 0.9, method="lower"), 1)}[scale]
    u, v = W.sum(axis=1, keepdims=True), W.sum(axis=0, keepdims=True)
    exact = {"zero": np.zeros_like(A), "svd": svd(A, 4), "svd_w": svd(u * v * A, 4) / (u * v)}[start]
    for _ in range(40):
        exact = svd(exact + S * (A - exact), 4)
    *_, X = EM(40, start=start, scale=scale, quantile=0.9)(A, DenseWeights(W), 4, np.random.default_rng(0))
    under = np.sqrt(S)
    assert np.square(under * (A - dense(X))).sum() == pytest.approx(np.square(under * (A - exact)).sum(), rel=1e-2)


def test_a_start_by_name_is_that_method_before_it() -> None:
    A, W = layer(40, 30)
    for start in ("svd", "svd_w"):
        ours, theirs = solve(A, W, 3, "em", start=start, certify=False), solve(A, W, 3, f"{start}+em", certify=False)
        assert ours.loss == theirs.loss


def test_a_power_of_two_changes_no_share() -> None:
    A, W = layer(40, 30)
    for scale in ("root", "quantile"):
        W.flags.writeable = False
        losses = [solve(A, W * c, 3, "em", scale=scale, certify=False).loss / c**2 for c in (1.0, 2.0, 2.0**-31)]
        assert losses[1:] == losses[:1] * 2


@pytest.mark.parametrize("options", [{"start": "random"}, {"scale": "min"}, {"quantile": 1.0}])
def test_what_is_no_start_or_scale_is_refused(options: dict) -> None:
    with pytest.raises(InputError, match=f"em: {next(iter(options))}: expected"):
        solve(*layer(8, 6), 2, "em", **options)


@pytest.mark.parametrize("seed", range(3))
def test_one_sweep_keeps_up_with_exact_svds(seed: int) -> None:
    A, W = layer(120, 60, seed)
    S, exact = np.square(W / W.max()), np.zeros_like(A)
    for X in EM()(A, DenseWeights(W), 5, np.random.default_rng(0)):
        exact = svd(exact + S * (A - exact), 5)
        assert loss(A, DenseWeights(W), X) <= 1.001 * np.square(W * (A - exact)).sum()


def test_equal_weights_make_it_the_svd() -> None:
    A, _ = layer(40, 30)
    *_, X = EM(iterations=12)(A, DenseWeights(np.full(A.shape, 3.0)), 4, np.random.default_rng(0))
    assert np.square(A - dense(X)).sum() == pytest.approx(np.square(A - svd(A, 4)).sum(), rel=1e-9)


def test_goes_on_where_it_stopped() -> None:
    A, W = layer(40, 30)
    first = list(EM(iterations=10)(A, DenseWeights(W), 3, np.random.default_rng(0)))
    again = list(EM(iterations=5, first_sweeps=1)(A, DenseWeights(W), 3, np.random.default_rng(1), start=first[4]))
    assert loss(A, DenseWeights(W), again[-1]) == pytest.approx(loss(A, DenseWeights(W), first[-1]), rel=1e-3)
