"""Families of hard inputs: as many as their bits say, told by any accurate output."""

from collections import Counter
from itertools import product
from math import ceil, floor, inf, log2
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.errors import InputError
from wlra_dist.instances import LowerBound, Matching, alone
from wlra_dist.instances.family import Family
from wlra_dist.instances.hard.drawn import Chain, Scattered
from wlra_dist.linalg.matrix import dense
from wlra_dist.weights import BlockMask


def whole(kind: LowerBound) -> np.ndarray:
    return dense(kind.open(alone).block(slice(None)))


@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 6), st.integers(1, 40))
def test_the_bits_are_the_places_that_w_lets_through(s: int, r: int, k: int, d: int):
    """Blocks are ⌊d/r⌋ or ⌈d/r⌉ wide, where r does not divide d and where k columns do not fit, too."""
    kind = LowerBound(s=s, r=r, k=k, d=d)
    widths = np.unique(kind.open(alone).weights.dense(slice(None)), axis=1, return_counts=True)[1]
    assert kind.family.entropy == s * sum(min(k, width) for width in widths) == s * min(r * k, d)
    assert {floor(d / r), ceil(d / r)} >= set(widths.tolist())


def test_scattered_columns_are_as_many_as_there_are():
    """n/r = 3, k = 1, s = 2, M = 1, by exhaustive count."""
    columns = [column for column in product([-1, 0, 1], repeat=3) if np.count_nonzero(column) <= 2]
    kind = LowerBound(s=2, r=4, k=1, pad=2, d=9, inputs="scattered")
    drawn = Scattered(s=2, seed=0, height=3, magnitude=1)
    assert 2**drawn.entropy == pytest.approx(len(columns))
    assert kind.family.entropy == pytest.approx(4 * log2(1 + 4 * 2 + 6 * 4))  # of 4 rows


def test_scattered_columns_are_equally_likely():
    drawn = Scattered(s=2, seed=3, height=3, magnitude=1)
    found = Counter(tuple(drawn.column(np.array([j])).tolist()) for j in range(3800))
    assert len(found) == 19
    assert sum((count - 200) ** 2 / 200 for count in found.values()) < 45  # χ² of 18 degrees: 1 in 2500


@pytest.mark.parametrize(("M", "bits"), [(1, 1586), (2**20, 6705)])
def test_scattered_columns_are_worth_far_more_than_srk(M: int, bits: int):
    kind = LowerBound(s=16, r=4, k=4, pad=16, d=1024, inputs="scattered", magnitude=M)
    assert kind.height == 1024
    assert round(kind.family.entropy) == bits > 6 * 16 * 4 * 4


@given(st.floats(0, 1), st.integers(1, 6), st.integers(0, 99))
def test_a_chain_repeats_what_is_to_its_left(repeat: float, k: int, seed: int):
    chain = Chain(40, seed, repeat)
    bits = np.stack([chain.column(np.arange(7, 8 + place)) for place in range(k)], axis=1)
    fresh = np.stack([chain.turns(7 + place) for place in range(k)], axis=1)
    assert np.array_equal(np.diff(bits, axis=1, prepend=0) != 0, fresh)


@pytest.mark.parametrize("repeat", [0.0, 0.25, 0.9, 1.0])
def test_a_chain_s_entropy_is_that_of_its_turns(repeat: float):
    chain = Chain(100_000, 1, repeat)
    often = float(chain.turns(0).mean())
    measured = -sum(p * log2(p) for p in (often, 1 - often) if p)
    assert chain.entropy == pytest.approx(100_000 * measured, rel=0.01, abs=1)
    assert chain.choices == (100_000 if 0 < repeat < 1 else 0)


positive = st.builds(
    LowerBound,
    s=st.integers(1, 4),
    r=st.integers(2, 4),
    k=st.integers(1, 3),
    seed=st.integers(0, 99),
    d=st.integers(2, 20),
    inputs=st.sampled_from(["bits", "scattered"]),
    weight=st.integers(1, 2**20),
)


@given(positive)
def test_under_positive_weights_accurate_outputs_are_right(kind: LowerBound):
    """A wrong entry loses D²/4; the theorem's A has rank k and loses at most 1/κ of that."""
    W, A = kind.open(alone).weights.dense(slice(None)), whole(kind)
    assert W.min() >= 1
    assert np.linalg.matrix_rank(W) <= kind.r
    block = np.arange(kind.width) * kind.r // kind.width
    place = np.arange(kind.width) - np.searchsorted(block, block)
    repeated = np.stack([A[:, place == t].sum(axis=1) for t in place.tolist()], axis=1)
    repeated[:, place >= kind.k] = 0
    assert np.linalg.matrix_rank(repeated) <= kind.k
    loss = float(np.square(W * (A - repeated)).sum())
    assert kind.kappa * loss <= (kind.weight or 0) ** 2 / 4 * (1 + 1e-12)


def test_a_mask_knows_no_limit():
    assert LowerBound(s=2, r=3, k=1).kappa == LowerBound(s=2, r=1, k=1, weight=5).kappa == inf
    assert LowerBound(s=2, r=3, k=1, weight=100).kappa == 100**2 / (4 * 2 * 2 * 3)


def test_a_given_w_is_written_on_where_its_blocks_see_nothing_of_each_other(tmp_path: Path):
    rng = np.random.default_rng(0)
    W = BlockMask.even(30, 40, 5).dense(slice(None))[rng.permutation(30)][:, rng.permutation(40)] * 3
    np.save(tmp_path / "W.npy", W)
    instance = Matching(W=str(tmp_path / "W.npy"), s=4, k=3).open(alone)
    assert instance.r == 5
    assert instance.family == Family(4 * 5 * 3, 4 * 5 * 3)
    assert (instance.integer, instance.bound) == (True, 1)
    np.save(tmp_path / "W.npy", W / 2)  # A is bits all the same, W∘A is not
    halves = Matching(W=str(tmp_path / "W.npy"), s=4, k=3).open(alone)
    assert (halves.integer, halves.bound) == (False, None)
    np.save(tmp_path / "W.npy", 0 * W)
    with pytest.raises(InputError, match="a column of 4 positive weights"):
        Matching(W=str(tmp_path / "W.npy"), s=4, k=3).open(alone)
