"""Laws of cells, spreads, histograms, and symbols coded by their histogram."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import encode, received
from wlra_dist.codecs.entropy.cells import Cells
from wlra_dist.codecs.entropy.histogram import Counted, Histogram, rounded_counts

CELLS = [Cells(7, 2), Cells(5, 4), Cells(4, 0), Cells(3, 2)]


@pytest.mark.parametrize("cells", CELLS)
def test_cells_cover_the_numbers_without_gap_or_overlap(cells: Cells):
    known = np.arange(int(cells.of(np.array([2**61]))[0]))
    first, width = cells.first(known), np.int64(1) << cells.extra(known)
    assert (first[1:] == (first + width)[:-1]).all()
    assert (cells.of(first) == known).all()
    assert (cells.of(first + width - 1) == known).all()


@given(st.sampled_from(CELLS), st.lists(st.one_of(st.integers(0, 300), st.integers(0, 2**62)), max_size=30))
def test_a_number_is_its_cell_and_its_place(cells: Cells, drawn: list[int]):
    numbers, out = np.array(drawn, dtype=np.int64), BitWriter()
    cells.write_places(numbers, cells.of(numbers), out)
    reader = BitReader(out.payload(), out.bits)
    assert cells.read_places(cells.of(numbers), reader).tolist() == drawn
    reader.finish()


@given(st.lists(st.one_of(st.just(0), st.integers(0, 100), st.integers(0, 2**48 - 1)), min_size=1, max_size=200))
def test_a_histogram_comes_back_to_a_sixteenth_and_rounding_again_changes_nothing(drawn: list[int]):
    counts, codec = np.array(drawn), Histogram(len(drawn))
    rounded = received(codec, counts)
    assert np.array_equal(rounded_counts(counts), rounded)
    assert (np.abs(rounded - counts) <= counts / 32).all()
    assert ((rounded == 0) == (counts == 0)).all()
    assert (received(codec, rounded) == rounded).all()
    assert codec.bits(counts) <= codec.limit


@given(st.integers(1, 300), st.data())
def test_symbols_come_back_within_the_limit(alphabet: int, data: st.DataObject):
    symbols = np.array(data.draw(st.lists(st.integers(0, alphabet - 1), max_size=100)), dtype=np.int64)
    codec = Counted(len(symbols), alphabet)
    assert (received(codec, symbols) == symbols).all()
    assert encode(codec, symbols).bits <= codec.limit


@pytest.mark.parametrize("p", [0.03, 0.3, 0.9])
def test_symbols_take_their_empirical_entropy_and_a_header(p: float):
    size = 100_000
    symbols = np.minimum(np.random.default_rng(1).geometric(p, size) - 1, 255)
    q = np.bincount(symbols)[np.bincount(symbols) > 0] / size
    entropy = -size * float(q @ np.log2(q))
    assert entropy < Counted(size, 256).bits(symbols) <= 1.001 * entropy + 300 + 10 * len(q)
