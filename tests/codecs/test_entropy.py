"""Laws of entropy-coded blocks: exact probabilities, the shortest end, prefix-freeness, one error on anything else."""

import hashlib
from itertools import pairwise, product

import constriction
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.codecs.base.bits import BitReader, BitWriter, DecodeError
from wlra_dist.codecs.entropy.entropy import (
    END_LIMIT,
    PRECISION,
    ROUNDING,
    SYMBOL_LIMIT,
    Model,
    reading_block,
    shares,
    uniform,
    weighted,
    writing_block,
)


def written(runs: list[tuple[np.ndarray, Model]]) -> str:
    """The bits of one block, as text."""
    out = BitWriter()
    with writing_block(out) as block:
        for symbols, model in runs:
            block.symbols(symbols, model)
    return format(int.from_bytes(out.payload(), "big") >> -out.bits % 8, f"0{out.bits}b") if out.bits else ""


def reader_of(text: str) -> BitReader:
    out = BitWriter()
    out.words(np.array([*text], dtype=np.uint64), 1)
    return BitReader(out.payload(), out.bits)


@st.composite
def weight_tables(draw: st.DrawFn) -> np.ndarray:
    """Weights of very different sizes, some of them 0."""
    powers = draw(st.lists(st.one_of(st.none(), st.integers(-40, 20)), min_size=1, max_size=20))
    weights = np.array([0.0 if power is None else 2.0**power for power in powers])
    return weights if weights.any() else weights + 1


@st.composite
def programs(draw: st.DrawFn) -> list[tuple[list[int], np.ndarray]]:
    """Runs of symbols, each of its own weights."""
    runs = []
    for _ in range(draw(st.integers(0, 4))):
        weights = draw(weight_tables())
        runs.append((draw(st.lists(st.integers(0, len(weights) - 1), max_size=30)), weights))
    return runs


def information(symbols: list[int], weights: np.ndarray) -> float:
    p = (shares(weights) + 1) / 2**PRECISION if len(weights) > 1 else np.ones(1)
    return float(-np.log2(p[symbols]).sum())


@given(programs(), st.text("01", max_size=40), st.text("01", max_size=40))
def test_a_block_between_other_bits_comes_back_and_takes_its_information_and_two_bits(
    program: list[tuple[list[int], np.ndarray]], before: str, after: str
):
    text = written([(np.array(symbols, dtype=int), weighted(weights)) for symbols, weights in program])
    size = sum(len(symbols) for symbols, _ in program)
    assert len(text) <= END_LIMIT + sum(information(*run) for run in program) + ROUNDING * size
    assert len(text) <= END_LIMIT + SYMBOL_LIMIT * size
    reader = reader_of(before + text + after)
    reader.uint(len(before))
    with reading_block(reader, size) as block:
        for symbols, weights in program:
            assert block.symbols(len(symbols), weighted(weights)).tolist() == symbols
    assert reader.left == len(after)
    assert sum(reader.parts.values()) == len(before + text)


def test_what_costs_nothing_takes_no_bits():
    assert written([]) == ""
    assert written([(np.zeros(1000, dtype=int), uniform(1))]) == ""


def test_no_block_is_the_beginning_of_another():
    model = weighted(np.array([9.0, 3.0, 1.0]))
    texts = sorted(written([(np.array(symbols), model)]) for symbols in product(range(3), repeat=5))
    assert not any(later.startswith(text) for text, later in pairwise(texts))
    # Kraft: almost nothing of the room that 243 messages have is lost
    assert 0.25 <= sum(2.0 ** -len(text) for text in texts) <= 1


@pytest.mark.parametrize("symbol", [0, 255])
def test_long_borrows_and_carries_reach_beyond_the_tail(symbol: int):
    """All the mass at one end: the interval's low end is a long run of equal bits."""
    weights = np.ones(256)
    symbols = np.full(500, symbol)
    symbols[-1] = 255 - symbol
    text = written([(symbols, weighted(weights))])
    with reading_block(reader_of(text + "01" * 40), 500) as block:
        assert (block.symbols(500, weighted(weights)) == symbols).all()


@given(weight_tables())
def test_the_coder_has_exactly_the_probabilities_that_are_stated(weights: np.ndarray):
    if len(weights) == 1:
        return
    share = [int(whole) + 1 for whole in shares(weights)]
    assert sum(share) == 2**PRECISION
    assert min(share) >= 1
    for symbol in range(len(weights)):
        coder = constriction.stream.queue.RangeEncoder()  # pyright: ignore[reportAttributeAccessIssue]
        scale = coder.pos()[1][1] >> PRECISION
        coder.encode(np.array([symbol], dtype=np.int32), weighted(weights).coded)
        assert coder.pos()[1] == (sum(share[:symbol]) * scale, share[symbol] * scale)


def test_bytes_are_the_same_on_every_machine():
    """A pinned message: if this fails, old transcripts no longer replay."""
    rng = np.random.Generator(np.random.Philox(5))
    weights = 1 / (1 + np.arange(50.0)) ** 2
    text = written([(rng.integers(0, 50, 400), weighted(weights)), (rng.integers(0, 15, 100), uniform(15))])
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "76fd09cf01a1d443"


def test_symbols_that_a_model_does_not_have_are_refused():
    with pytest.raises(ValueError, match="not symbols"), writing_block(BitWriter()) as block:
        block.symbols(np.array([0, 3]), uniform(3))


@given(st.text("01", max_size=80), st.integers(0, 30))
def test_any_bits_are_symbols_of_the_model_or_a_decode_error(text: str, size: int):
    weights = np.array([1.0, 5.0, 2.0])
    reader = reader_of(text)
    try:
        with reading_block(reader, size) as block:
            symbols = block.symbols(size, weighted(weights))
    except DecodeError:
        return
    assert text.startswith(written([(symbols, weighted(weights))]))
    assert reader.left + len(written([(symbols, weighted(weights))])) == len(text)
