"""Synthetic instances have the rank, the sparsity and the noise that they state."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlra_dist.instances import Synthetic, alone
from wlra_dist.instances.streams import Purpose, stream
from wlra_dist.linalg.matrix import dense

FEW = settings(max_examples=25, deadline=None)


@st.composite
def kinds(draw: st.DrawFn) -> Synthetic:
    """Instances of every shape of weights, dense and sparse, real and integer."""
    weights: Any = draw(st.sampled_from(["low_rank", "mask", "ones"]))
    r = 1 if weights == "ones" else draw(st.integers(1, 3))
    n, d = 6 * draw(st.integers(1, 5)), 6 * draw(st.integers(1, 5))
    height = n // r if weights == "mask" else n
    return Synthetic(
        n=n,
        d=d,
        k=draw(st.integers(1, 4)),
        r=r,
        s=draw(st.none() | st.integers(1, height)),
        integer=draw(st.booleans()),
        noise=draw(st.sampled_from([0.0, 0.01, 1.0])),
        weights=weights,
        rank=draw(st.none() | st.integers(1, 5)),
        seed=draw(st.integers(0, 2**63 - 1)),
    )


def whole(kind: Synthetic) -> np.ndarray:
    return dense(kind.block(slice(None)))


@FEW
@given(kind=kinds())
def test_columns_keep_to_the_support_of_w_and_to_s(kind: Synthetic) -> None:
    A, W = whole(kind), kind.open(alone).weights.dense(slice(None))
    assert not A[W == 0].any()
    assert np.count_nonzero(A, axis=0).max() <= (kind.s or kind.height)


@FEW
@given(kind=kinds())
def test_integer_entries_are_integers_within_the_bound(kind: Synthetic) -> None:
    A = whole(kind)
    if kind.integer:
        assert np.array_equal(A, np.rint(A))
        assert np.abs(A).max() <= kind.columns.bound


@pytest.mark.parametrize("s", [None, 12])
@pytest.mark.parametrize("integer", [False, True])
def test_without_noise_the_rank_is_exact(s: int | None, integer: bool) -> None:
    A = whole(Synthetic(n=40, d=60, k=5, s=s, integer=integer, noise=0, weights="ones"))
    assert np.linalg.matrix_rank(A) == 5


def test_under_a_mask_each_diagonal_block_has_the_rank() -> None:
    kind = Synthetic(n=40, d=60, k=3, r=2, noise=0, weights="mask")
    for block in range(2):
        part = whole(kind)[20 * block : 20 * block + 20, 30 * block : 30 * block + 30]
        assert np.linalg.matrix_rank(part) == 3


@pytest.mark.parametrize("s", [None, 12])
def test_noise_is_the_difference_to_the_noiseless(s: int | None) -> None:
    """The same seed draws the same signal whatever the noise."""
    noisy, clean = (whole(Synthetic(n=40, d=60, k=5, s=s, noise=noise)) for noise in (0.25, 0.0))
    error = np.abs(noisy - clean)
    assert 0.2 < error.max() <= 0.25


def test_integer_noise_moves_the_stated_share_of_entries() -> None:
    noisy, clean = (whole(Synthetic(n=60, d=90, k=5, integer=True, noise=noise)) for noise in (0.25, 0.0))
    assert set(np.unique(noisy - clean)) == {-1, 0, 1}
    assert np.count_nonzero(noisy != clean) / clean.size == pytest.approx(0.25, abs=0.04)


def test_seeds_and_purposes_have_streams_of_their_own() -> None:
    seen = {stream(seed, purpose, index).random() for seed in (0, 1) for purpose in Purpose for index in (0, 1)}
    assert len(seen) == 2 * len(Purpose) * 2


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"k": 8}, "must be less than min"),
        ({"r": 9}, "must be at most min"),
        ({"r": 2, "weights": "ones"}, "have rank 1"),
        ({"r": 3, "weights": "mask"}, "divide n and d"),
        ({"s": 5, "r": 2, "weights": "mask"}, "do not fit in the 4 rows"),
        ({"integer": True, "noise": 1.5}, "probability"),
    ],
)
def test_options_that_contradict_each_other_are_refused(keys: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Synthetic(**{"n": 8, "d": 8, "k": 2, **keys})
