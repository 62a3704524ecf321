"""The kernel gives numpy's bits: what a sender finds, what a receiver decodes, and what it refuses."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.codecs.in_numpy import in_numpy
from tests.codecs.test_hostile import mutations
from wlra_dist.codecs.base.codec import Codec, DecodeError, decode, encode
from wlra_dist.codecs.trellis.factor import Factor
from wlra_dist.codecs.trellis.kernel import kernel
from wlra_dist.codecs.trellis.lattice import RoundingTask, classes_in_numpy, rounded
from wlra_dist.codecs.trellis.machine import MACHINES, wiring
from wlra_dist.codecs.trellis.scales import MOST_RAW, Hints
from wlra_dist.codecs.trellis.tables import CENTRED, LEVELS, SHAPES, costs, tables
from wlra_dist.codecs.trellis.viterbi import Prices, nearest, nearest_in_numpy

BUILT = kernel()
pytestmark = pytest.mark.skipif(BUILT is None, reason="no kernel was built; launch/prepare does with a C compiler")

each_number = pytest.mark.parametrize("number", range(len(MACHINES)))

sizes = st.one_of(st.integers(1, 40), st.integers(500, 1100))
"""Of one short run, and of one that is just full, two or three."""

seeds = st.integers(0, 2**32 - 1)


@each_number
@settings(max_examples=40)
@given(sizes, st.lists(st.integers(0, SHAPES - 1), min_size=1, max_size=3), st.integers(-3, 39), st.booleans(), seeds)
def test_a_sender_finds_the_same_paths(number: int, size: int, shapes: list[int], octave: int, ties: bool, seed: int):
    rng = np.random.default_rng(seed)
    m, machine = len(shapes), MACHINES[number]
    y = rng.standard_t(2, (m, size)) * 2.0**octave
    y = np.clip(np.rint(2 * y) / 2 if ties else y, -(2.0**MOST_RAW), 2.0**MOST_RAW)
    prices = Prices(costs(number), tables(number).points.reshape(-1, CENTRED + 1))
    rows = rng.integers(0, LEVELS, y.shape) + LEVELS * np.array(shapes)[:, None]
    shifts = np.where(rng.random(y.shape) < 0.5, 0, rng.integers(0, MOST_RAW + 1, y.shape))
    price = np.zeros(m) if ties else rng.uniform(0, 1, m)
    given = machine, y, rows, shifts, prices, price
    assert all(map(np.array_equal, nearest(*given), nearest_in_numpy(*given)))


@each_number
@given(sizes, seeds)
def test_values_have_states_of_the_same_classes(number: int, size: int, seed: int):
    machine, v = MACHINES[number], np.random.default_rng(seed).integers(-(2**50), 2**50, size)
    assert BUILT is not None
    found = BUILT.classes(wiring(machine), machine.lanes(size), v)
    assert (found == classes_in_numpy(machine, v)).all()


def answer(codec: Codec[Any], payload: bytes, bits: int) -> list[Any]:
    """What a message is decoded to, or why it is none."""
    try:
        value, _ = decode(codec, payload, bits)
    except DecodeError as error:
        return [str(error)]
    return [value.v.tolist(), value.grid.tolist(), value.scales.base, value.scales.shape, value.machine]


@each_number
@settings(max_examples=10)
@given(st.integers(1, 9), st.integers(1, 90), st.integers(-2, 36), seeds)
def test_receivers_have_the_same_values_and_refuse_the_same_messages(
    number: int, height: int, width: int, octave: int, seed: int
):
    rng = np.random.default_rng(seed)
    hints = Hints(rng.integers(-9, 9, height), rng.integers(-9, 9, width))
    x, codec = rng.standard_t(3, (height, width)) * 2.0**octave, Factor(hints, 2**50)
    (value,) = rounded([RoundingTask(x, hints)], number)
    if value is None:
        return
    out = encode(codec, value)
    honest = out.payload(), out.bits
    assert answer(codec, *honest)[0] == value.v.tolist()
    for message in (honest, *mutations(*honest, 20, rng)):
        here = answer(codec, *message)
        with in_numpy():
            assert answer(codec, *message) == here


def test_a_level_that_is_not_in_the_tables_is_an_index_error():
    y, none = np.zeros((1, 3)), np.zeros((1, 3), dtype=np.int64)
    prices = Prices(tables(0).bits[0], tables(0).points[0])
    for rows, shifts in ((none + LEVELS, none), (none - 1, none), (none, none - 1), (none, none + 60)):
        with pytest.raises(IndexError, match="were expected, found"):
            nearest(MACHINES[0], y, rows, shifts, prices, np.zeros(1))
