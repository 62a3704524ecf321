"""Laws of subsets: round trip, log2 C(N, m) bits, limit, one error."""

from itertools import combinations
from math import comb, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.codecs.base.bits import BitWriter, DecodeError
from wlra_dist.codecs.base.codec import decode, encode, received
from wlra_dist.codecs.base.universal import Natural
from wlra_dist.codecs.entropy.subset import Subset


@given(st.integers(0, 400), st.data())
def test_subsets_come_back_within_the_limit(below: int, data: st.DataObject):
    positions = sorted(data.draw(st.sets(st.integers(0, below - 1)))) if below else []
    codec = Subset(len(positions), below)
    assert received(codec, np.array(positions, dtype=np.int64)).tolist() == positions
    assert codec.bits(np.array(positions)) <= codec.limit


def test_small_subsets_take_their_rank_among_all_of_them():
    seen = set()
    for positions in combinations(range(9), 4):
        out = encode(Subset(4, 9), np.array(positions))
        assert out.bits == Subset(4, 9).limit == 7  # log2 126
        seen.add(out.payload())
    assert len(seen) == comb(9, 4)


@pytest.mark.parametrize("below", [129, 1000, 30_000, 200_000])
@pytest.mark.parametrize("share", [0, 0.0001, 0.01, 0.1, 0.5, 0.77, 0.999, 1])
def test_a_subset_takes_log2_of_the_number_of_them(below: int, share: float):
    size = int(share * below)
    positions = np.sort(np.random.default_rng(below + size).choice(below, size, replace=False))
    assert Subset(size, below).bits(positions) <= 1.001 * log2(comb(below, size)) + 32


@pytest.mark.parametrize("start", [0, 5000, 99_000])
def test_where_the_positions_are_does_not_matter(start: int):
    """Runs, as bad for geometric gaps as can be, take no more than a random subset."""
    bits = Subset(1000, 100_000).bits(np.arange(start, start + 1000))
    assert bits <= log2(comb(100_000, 1000)) + 32


def test_positions_may_be_far_apart():
    positions = np.array([0, 1, 2**47, 2**48 - 1])
    assert (received(Subset(4, 2**48), positions) == positions).all()


@pytest.mark.parametrize("positions", [[3, 2], [2, 2], [-1, 2], [2, 1000], [2]])
def test_what_is_no_subset_is_refused(positions: list[int]):
    with pytest.raises(ValueError, match="ascending"):
        encode(Subset(2, 1000), np.array(positions))
    with pytest.raises(ValueError, match="at most"):
        Subset(3, 2)


def test_a_count_that_could_not_be_is_refused_before_anything_is_decoded():
    out = BitWriter()
    Natural().write(2**60, out)
    out.words(np.zeros(50, dtype=np.uint64), 64)
    with pytest.raises(DecodeError, match="beyond 100000"):
        decode(Subset(100, 100_000), out.payload(), out.bits)


@given(st.binary(max_size=100), st.sampled_from([(3, 100), (40, 129), (7, 100_000), (150, 200)]))
def test_whatever_decodes_is_a_subset(payload: bytes, sizes: tuple[int, int]):
    try:
        positions, _ = decode(Subset(*sizes), payload, len(payload) * 8)
    except DecodeError:
        return
    assert len(positions) == sizes[0]
    assert (np.diff(positions) > 0).all()
    assert 0 <= positions[0] <= positions[-1] < sizes[1]
