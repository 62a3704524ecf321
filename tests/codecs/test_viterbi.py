"""Laws of trellis-coded quantisation: what is chosen is a path, the best of all, with a lattice's granular gain."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.codecs.trellis.machine import CLASSES, MACHINES, Machine
from wlra_dist.codecs.trellis.tables import CENTRED, LEVELS, MAGNITUDES, SIXTEENTHS, tables
from wlra_dist.codecs.trellis.viterbi import Prices, nearest

FREE = Prices(
    np.zeros((CLASSES, LEVELS, MAGNITUDES), dtype=np.float32), np.tile(np.arange(CENTRED + 1) * SIXTEENTHS, (LEVELS, 1))
)
"""Of a sender that does not mind bits."""

each_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: f"{machine.states} states")


def chosen(machine: Machine, x: np.ndarray, prices: Prices = FREE, price: float = 0.0, level: int = 20) -> np.ndarray:
    rows = np.full((1, x.size), level)
    return nearest(machine, x[None], rows, np.zeros_like(rows), prices, np.array([price])).v[0]


def walk(machine: Machine, v: np.ndarray) -> list[int] | None:
    """The states along one run of values; None if they are no path."""
    states = [0]
    for value in v.tolist():
        if value % 2 != states[-1] % 2:
            return None
        states.append(int(machine.next[states[-1], value // 2 % 2]))
    return states


@each_machine
def test_every_state_is_reached_by_two_branches_from_states_of_one_quantiser_each(machine: Machine):
    assert (np.bincount(machine.next.ravel()) == 2).all()
    assert machine.before.shape == (machine.states, 2, 2)


@each_machine
@given(st.integers(1, 700), st.floats(0.1, 300), st.integers(0, 2**32 - 1))
def test_what_the_sender_chose_is_a_path(machine: Machine, size: int, scale: float, seed: int):
    v = chosen(machine, np.random.default_rng(seed).normal(0, scale, size))
    for lane in range(machine.lanes(size)):
        assert walk(
            machine, v[[i for run in machine.positions(size) for i in range(size)[run]][lane :: machine.lanes(size)]]
        )


@each_machine
def test_positions_cover_all_entries_once(machine: Machine):
    for size in (1, 5, machine.run, machine.run + 1, 10 * machine.run - 3):
        covered = np.concatenate([np.arange(size)[run] for run in machine.positions(size)])
        assert (covered == np.arange(size)).all()
        assert len(machine.positions(size)) <= machine.run


@each_machine
def test_no_other_path_costs_less(machine: Machine):
    rng = np.random.default_rng(2)
    bits = rng.uniform(0, 8, (CLASSES, LEVELS, MAGNITUDES)).astype(np.float32)
    prices, price, level, length = Prices(bits, FREE.points), 0.3, 7, 5
    for _ in range(20):
        x = rng.normal(0, 2, length)
        own = cost(machine, x, chosen(machine, x, prices, price, level), bits[:, level], price)
        near = [np.rint(x).astype(np.int64) + np.array(away) for away in product((-1, 0, 1), repeat=length)]
        costs = [each for v in near if (each := cost(machine, x, v, bits[:, level], price)) is not None]
        assert own is not None
        assert own <= min(costs, default=np.inf) + 1e-4


def cost(machine: Machine, x: np.ndarray, v: np.ndarray, bits: np.ndarray, price: float) -> float | None:
    states = walk(machine, v)
    if states is None:
        return None
    classes = machine.classes[states[:-1]]
    return float(np.square(x - v).sum() + price * bits[classes, np.abs(v) >> 1].sum())


@each_machine
def test_the_granular_gain_is_a_decibel(machine: Machine):
    """Of 1.53 dB that any quantiser could gain over rounding at high rate, 8 states have 1.0 to 1.15 (Ungerboeck)."""
    x = np.random.default_rng(3).uniform(-400, 400, 50_000)
    error = np.square(x - chosen(machine, x)).mean()
    rounding_at_the_same_rate = 2.0**2 / 12
    least = 1.0 if machine.states == 8 else 1.15
    assert least <= 10 * np.log10(rounding_at_the_same_rate / error) <= least + 0.2


@pytest.mark.parametrize("number", range(len(MACHINES)))
@pytest.mark.parametrize(("sigma", "gap"), [(4.0, 0.1), (2.0, 0.1), (1.0, 0.11), (0.7, 0.08)])
def test_gaussians_take_little_more_than_their_rate_distortion_function(number: int, sigma: float, gap: float):
    """Rounding takes 0.25 bits more; so does a trellis of which the sender pays no attention to bits."""
    machine, level = MACHINES[number], round(12 + 4 * np.log2(sigma))
    x = np.random.default_rng(4).standard_normal((1, 20_000)) * sigma
    rows, points = np.full(x.shape, level), tables(number).points[0]
    prices = Prices(tables(number).bits[0], points)
    v, classes = nearest(machine, x, rows, np.zeros_like(rows), prices, np.array([0.33]))
    small = np.abs(v) <= CENTRED
    values = np.where(small, np.sign(v) * points[level, np.minimum(np.abs(v), CENTRED)] / SIXTEENTHS, v)
    bits = float(prices.bits[classes, rows, np.abs(v) >> 1].mean())
    bound = 0.5 * np.log2(np.square(x).mean() / np.square(x - values).mean())
    assert -0.01 <= bits - bound <= gap


def test_low_bits_that_have_no_price_are_as_exact():
    x = np.random.default_rng(5).normal(0, 2.0**30, (1, 300))
    rows, shifts = np.full(x.shape, LEVELS - 1), np.full(x.shape, 25)
    v = nearest(MACHINES[0], x, rows, shifts, Prices(tables(0).bits[0], tables(0).points[0]), np.array([0.1])).v[0]
    assert walk(MACHINES[0], v)
    assert np.abs(x - v).max() <= 4
