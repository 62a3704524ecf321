"""Laws that every selector keeps when `select` holds it to them; an oracle in long double measures."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from wlra_dist.css import SELECTORS, Stop, select
from wlra_dist.errors import InputError
from wlra_dist.linalg.blocks import energy
from wlra_dist.linalg.spectral.spectrum import roundoff_energy

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 14)
each_selector = pytest.mark.parametrize("name", SELECTORS)
kinds = pytest.mark.parametrize("kind", [np.asarray, csc_array])


def truth(B: np.ndarray, columns: np.ndarray) -> float:
    """‖B − CC⁺B‖_F² by Gram and Schmidt in long double, column after column."""
    E = B.astype(np.longdouble)
    lengths = np.sqrt((E**2).sum(axis=0))
    for column in columns:
        q = E[:, column] / np.sqrt((E[:, column] ** 2).sum())
        assert np.sqrt((E[:, column] ** 2).sum()) > 1e-14 * lengths[column], "a dependent column was chosen"
        E = E - q[:, None] * (q @ E)
        E = E - q[:, None] * (q @ E)
    return float((E**2).sum())


def chosen(name: str, B: np.ndarray | csc_array, stop: Stop, seed: int = 0) -> np.ndarray:
    return select(SELECTORS[name](), B, stop, np.random.default_rng(seed)).columns


def decaying(n: int, d: int, decades: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    weights = 10.0 ** (-decades * np.arange(n) / n)
    return rng.standard_normal((n, n)) @ (weights[:, None] * rng.standard_normal((n, d)))


def integers(n: int, d: int, rank: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.integers(-3, 4, (n, rank)) @ rng.integers(-2, 3, (rank, d))).astype(float)


@each_selector
@kinds
@given(n=sides, d=sides, count=st.integers(0, 15), seed=seeds)
def test_a_count_is_met_with_distinct_columns(name: str, kind: Callable, n: int, d: int, count: int, seed: int):
    B = np.random.default_rng(seed).standard_normal((n, d))
    columns = chosen(name, kind(B), Stop(count), seed)
    assert columns.dtype == np.int64
    assert len(set(columns.tolist())) == len(columns) == min(count, n, d)


@each_selector
@kinds
@given(n=sides, d=sides, decades=st.floats(0, 5), exponent=st.floats(-9, 0), seed=seeds)
def test_a_target_is_met_by_no_more_columns_than_it_takes(
    name: str, kind: Callable, n: int, d: int, decades: float, exponent: float, seed: int
):
    B = decaying(n, d, decades, seed)
    target = 10.0**exponent * energy(B)
    columns = chosen(name, kind(B), Stop(residual=target), seed)
    slack = roundoff_energy(B)
    assert truth(B, columns) <= target * (1 + 1e-6) + slack
    assert len(columns) == 0 or truth(B, columns[:-1]) > target * (1 - 1e-6) - slack


@each_selector
@kinds
@given(n=sides, d=sides, rank=st.integers(0, 6), seed=seeds)
def test_integer_blocks_end_with_rank_many_columns_and_noise(
    name: str, kind: Callable, n: int, d: int, rank: int, seed: int
):
    B = integers(n, d, rank, seed)
    for stop in (Stop(), Stop(residual=0.0), Stop(d)):
        columns = chosen(name, kind(B), stop, seed)
        assert len(columns) == np.linalg.matrix_rank(B) == np.linalg.matrix_rank(B[:, columns])
        assert truth(B, columns) <= roundoff_energy(B) * 10


@each_selector
@pytest.mark.parametrize("scale", [2.0**-110, 2.0**110])
def test_float32_blocks_whose_squares_float32_does_not_have_are_like_others(name: str, scale: float):
    B = (scale * decaying(12, 9, 2, 0)).astype(np.float32)
    assert len(chosen(name, B, Stop(4))) == 4
    assert truth(B.astype(float), chosen(name, B, Stop(residual=0.1 * energy(B)))) <= 0.1 * energy(B)


@each_selector
@kinds
def test_of_no_rows_no_columns_are_chosen(name: str, kind: Callable):
    assert not len(chosen(name, kind(np.zeros((0, 4))), Stop(2)))
    assert not len(chosen(name, kind(np.ones((4, 3))), Stop(0)))


@each_selector
def test_whichever_comes_first_stops(name: str):
    B = decaying(30, 20, 2, 0)
    most = chosen(name, B, Stop(residual=1e-2 * energy(B)))
    assert chosen(name, B, Stop(3, 1e-2 * energy(B))).size == 3
    assert truth(B, chosen(name, B, Stop(20, 1e-2 * energy(B)))) <= 1e-2 * energy(B)
    assert 3 < len(most) < 20


@each_selector
def test_a_target_that_gram_matrices_and_sketches_cannot_see_is_met(name: str):
    """1e-20 of the energy, in a block of float64: residuals of 1e-10 relative length."""
    rng = np.random.default_rng(1)
    L, R = rng.standard_normal((60, 8)), rng.standard_normal((8, 40))
    B = L @ R + 1e-8 * rng.standard_normal((60, 6)) @ rng.standard_normal((6, 40))
    columns = chosen(name, B, Stop(residual=1e-20 * energy(B)))
    assert len(columns) == 14
    assert truth(B, columns) <= 1e-20 * energy(B)


@each_selector
@kinds
def test_a_remainder_too_large_to_be_formed_is_walked_in_parts(
    name: str, kind: Callable, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("wlra_dist.css.until.REMAINDER", 3 * 60)  # three columns at a time
    B = decaying(60, 40, 12, 9)
    columns = chosen(name, kind(B), Stop(residual=1e-18 * energy(B)))
    assert truth(B, columns) <= 1e-18 * energy(B)


@each_selector
@pytest.mark.parametrize("B", [np.zeros((6, 4)), np.zeros((6, 0)), csc_array((6, 4))])
def test_nothing_is_chosen_from_nothing(name: str, B: np.ndarray):
    for stop in (Stop(), Stop(3), Stop(residual=0.0), Stop(0)):
        assert chosen(name, B, stop).size == 0
        assert SELECTORS[name]()(B, stop, np.random.default_rng(0)).columns.size == 0


@each_selector
def test_neither_layout_nor_repetition_changes_a_choice(name: str):
    B = decaying(40, 30, 1, 3).astype(np.float32)
    padded = np.zeros((41, 60), np.float32)
    padded[1:, ::2] = B
    for stop in (Stop(12), Stop(residual=0.05 * energy(B))):
        first = chosen(name, B, stop)
        for view in (B, np.asfortranarray(B), padded[1:, ::2]):
            assert np.array_equal(chosen(name, view, stop), first)


@each_selector
@given(seed=seeds, power=st.integers(-30, 30))
def test_a_choice_does_not_depend_on_the_unit(name: str, seed: int, power: int):
    B = np.random.default_rng(seed).standard_normal((10, 12))
    assert np.array_equal(chosen(name, B * 2.0**power, Stop(6), seed), chosen(name, B, Stop(6), seed))


@each_selector
def test_sparse_and_dense_blocks_leave_the_same(name: str):
    B = integers(50, 40, 12, 4) * (np.random.default_rng(5).random((50, 40)) < 0.3)
    residuals = [truth(B, chosen(name, block, Stop(10), 6)) for block in (B, csc_array(B))]
    assert residuals[0] == pytest.approx(residuals[1], rel=1e-9)


@each_selector
def test_more_columns_leave_less(name: str):
    B = decaying(30, 25, 1, 7)
    order = chosen(name, B, Stop(20))
    left = [truth(B, order[:count]) for count in range(21)]
    assert all(after <= before * (1 + 1e-12) for before, after in pairwise(left))


@each_selector
def test_duplicates_are_chosen_once(name: str):
    B = np.repeat(np.random.default_rng(8).standard_normal((20, 5)), 4, axis=1)
    columns = chosen(name, B, Stop(15))
    assert sorted(columns // 4) == [0, 1, 2, 3, 4]


def test_sparse_columns_too_many_for_a_basis_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """All columns are orthogonal, so half of the energy takes half of them."""
    B = csc_array(np.eye(300))
    assert len(select(SELECTORS["auto"](), B, Stop(residual=200.0), np.random.default_rng(0)).columns) == 100
    monkeypatch.setattr("wlra_dist.linalg.basis.LARGEST_BASIS", 90 * 300)
    with pytest.raises(InputError, match="no more than 90 sparse columns of 300 rows"):
        select(SELECTORS["auto"](), B, Stop(residual=200.0), np.random.default_rng(0))
    assert len(select(SELECTORS["auto"](), B, Stop(residual=220.0), np.random.default_rng(0)).columns) == 80
