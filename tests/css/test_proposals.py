"""Each selector by itself, before `select` holds it to the truth: counts, order, ties and limits."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csc_array

from wlra_dist.css import SELECTORS, Selection, Selector, Stop
from wlra_dist.css.adaptive import AdaptiveSampling
from wlra_dist.css.auto import Auto
from wlra_dist.css.dual_set import DualSet
from wlra_dist.css.gram_qr import GramQR
from wlra_dist.css.greedy import Greedy
from wlra_dist.css.leverage import LeverageSampling
from wlra_dist.css.norm_sampling import draw
from wlra_dist.css.rp_cholesky import RandomlyPivotedCholesky
from wlra_dist.css.simply import select_columns
from wlra_dist.css.swaps import Swaps
from wlra_dist.errors import InputError
from wlra_dist.linalg.blocks import energy, shape_of
from wlra_dist.linalg.gram_remainder import GramRemainder

without_coins = pytest.mark.parametrize("name", ["auto", "swaps", "greedy", "gram_qr"])


def proposed(selector: Selector, B: np.ndarray | csc_array, stop: Stop, seed: int = 0) -> list[int]:
    return selector(B, stop, np.random.default_rng(seed)).columns.tolist()


def block(n: int, d: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) * rng.uniform(0.2, 1, d)


def left(B: np.ndarray, columns: list[int]) -> float:
    C = B[:, columns]
    return energy(B - C @ np.linalg.lstsq(C, B, rcond=None)[0])


@without_coins
def test_ties_go_to_the_first_columns(name: str):
    assert proposed(SELECTORS[name](), np.eye(6), Stop(3)) == [0, 1, 2]


@without_coins
@pytest.mark.parametrize(("residual", "columns"), [(2.0, [2, 3]), (1.99, [2, 3, 0]), (15.0, []), (14.99, [2])])
def test_a_residual_may_be_left_to_the_last_digit(name: str, residual: float, columns: list[int]):
    assert proposed(SELECTORS[name](), np.diag([1.0, 1, 3, 2]), Stop(residual=residual)) == columns


@pytest.mark.parametrize("name", SELECTORS)
@pytest.mark.parametrize("stop", [Stop(), Stop(3), Stop(9), Stop(residual=0.5)])
def test_a_proposal_has_no_column_twice_none_without_energy_and_keeps_the_count(name: str, stop: Stop):
    B = block(8, 12)
    B[:, [0, 5]] = 0
    for seed in range(5):
        columns = proposed(SELECTORS[name](), B, stop, seed)
        assert 0 < len(columns) == len(set(columns)) <= stop.limit(B)
        assert not {0, 5} & set(columns)


@pytest.mark.parametrize("name", SELECTORS)
@pytest.mark.parametrize("power", [-20, 20])
def test_a_proposal_has_no_unit(name: str, power: int):
    B = block(20, 15, 5)
    for stop, far in ((Stop(6), Stop(6)), (Stop(residual=20.0), Stop(residual=20.0 * 4.0**power))):
        assert proposed(SELECTORS[name](), np.ldexp(B, power), far) == proposed(SELECTORS[name](), B, stop)


def test_a_sketch_of_all_rows_takes_as_few_pivots_as_the_residual_needs():
    """Nothing is lost in it, so nothing is set aside for what is."""
    B = block(40, 70, 6)
    for share in (0.5, 0.1, 0.02):
        pivots = proposed(SELECTORS["sketched_qr"](), B, Stop(residual=share * energy(B)))
        assert left(B, pivots) <= share * energy(B) < left(B, pivots[:-1])


def test_the_coins_of_one_line_are_those_of_seed_0():
    B = block(20, 30, 7)
    chosen, first, second = (
        select_columns(B, 5, selector=SELECTORS["norm"](), **coins).tolist() for coins in ({}, {"rng": 0}, {"rng": 1})
    )
    assert chosen == first != second


@pytest.mark.parametrize("kind", [np.asarray, csc_array])
def test_what_is_no_number_is_refused_in_one_line(kind: Callable[[np.ndarray], Any]):
    B = block(6, 5)
    B[4, 3] = np.nan
    with pytest.raises(InputError, match="finite numbers in B, found nan in row 4, column 3"):
        select_columns(kind(B), 2)
    for residual in (-1.0, np.nan):
        with pytest.raises(InputError, match="a residual of at least 0"):
            select_columns(kind(block(6, 5)), residual=residual)


@pytest.mark.parametrize(
    ("rounds", "stop", "drawn"),
    [
        (4, Stop(12), [3, 3, 3, 3]),
        (4, Stop(10), [3, 3, 3, 1]),
        (1, Stop(10), [10]),
        (10, Stop(3), [1, 1, 1]),
        (4, Stop(residual=0.0), [8, 8, 16, 8]),  # as many as all before, and the rank is 40
        (4, Stop(20, 0.0), [8, 8, 4]),
    ],
)
def test_rounds_share_a_count_and_double_for_a_residual(
    rounds: int, stop: Stop, drawn: list[int], monkeypatch: pytest.MonkeyPatch
):
    asked: list[int] = []

    def noted(scores: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
        asked.append(count)
        return draw(scores, count, rng)

    monkeypatch.setattr("wlra_dist.css.adaptive.draw", noted)
    columns = proposed(AdaptiveSampling(rounds), block(40, 60), stop)
    assert asked == drawn
    assert len(columns) == sum(drawn)


def test_a_round_draws_nothing_that_the_rounds_before_span():
    B = np.repeat(np.eye(5) + 1e-18, 20, axis=1)
    for seed in range(10):
        columns = proposed(AdaptiveSampling(rounds=5), B, Stop(5), seed)
        assert sorted(column // 20 for column in columns) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("d", "sparse", "choice"),
    [
        (3, False, "Swaps()"),
        (4, False, "Swaps(starts=('greedy',))"),
        (5, True, "Swaps(starts=('greedy',))"),
        (6, False, "SketchedQR()"),
        (6, True, "SketchedGreedy()"),
    ],
)
def test_auto_goes_by_size_and_layout(d: int, sparse: bool, choice: str, monkeypatch: pytest.MonkeyPatch):
    made: list[str] = []

    def stands_for(name: str):
        def make(**options: object) -> Selector:
            made.append(f"{name}({', '.join(f'{key}={value!r}' for key, value in options.items())})")
            return lambda B, stop, rng: Selection(np.arange(2))  # noqa: ARG005

        return make

    monkeypatch.setattr("wlra_dist.css.auto.SWAPS_ARE_CHEAP", 3)
    monkeypatch.setattr("wlra_dist.css.auto.GRAM_IS_CHEAP", 5)
    for name in ("Swaps", "SketchedQR", "SketchedGreedy"):
        monkeypatch.setattr(f"wlra_dist.css.auto.{name}", stands_for(name))
    B = block(7, d)
    assert proposed(Auto(), csc_array(B) if sparse else B, Stop(2)) == [0, 1]
    assert made == [choice]


@pytest.mark.parametrize("count", [1, 3, 12])
def test_pivots_are_the_same_where_half_of_the_columns_are_not_looked_at(count: int, monkeypatch: pytest.MonkeyPatch):
    """Three long ones are pivots without doubt; after these, a short one is longer than what is left of the long."""
    B = block(20, 16, 1)
    B[:, ::2] *= 30
    B[:, 6:16:2] = B[:, [0]] + 0.01 * B[:, 6:16:2]
    looked_at: list[int] = []

    class Noted:
        def __init__(self, block: csc_array) -> None:
            looked_at.append(shape_of(block)[1])
            self.remainder = GramRemainder(block)

        def __getattr__(self, name: str) -> object:
            return getattr(self.remainder, name)

    whole = proposed(GramQR(), B, Stop(count))
    monkeypatch.setattr("wlra_dist.css.gram_qr.LARGE", 15)
    monkeypatch.setattr("wlra_dist.css.gram_qr.GramRemainder", Noted)
    assert proposed(GramQR(), csc_array(B), Stop(count)) == whole
    assert looked_at == ([8] if count < 12 else [8, 16])
    monkeypatch.setattr("wlra_dist.css.gram_qr.LARGE", 16)
    assert proposed(GramQR(), csc_array(B), Stop(count)) == whole
    assert looked_at[-1] == 16


@pytest.mark.parametrize(
    ("rank", "count", "possible"), [(1, 3, {0}), (2, 3, {0, 1}), (None, 2, {0, 1}), (None, 1, {0})]
)
def test_leverage_is_on_the_rank_asked_for_or_as_many_dimensions_as_columns(
    rank: int | None, count: int, possible: set[int]
):
    for seed in range(20):
        assert set(proposed(LeverageSampling(rank), np.diag([4.0, 3, 2, 1]), Stop(count), seed)) == possible


@pytest.mark.parametrize(("count", "K"), [(1, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
def test_dual_set_takes_a_quarter_of_its_columns_for_rank(count: int, K: int):
    B = block(30, 40, 2)
    chosen = proposed(DualSet(), B, Stop(count))
    assert chosen == proposed(DualSet(rank=K), B, Stop(count))
    if count > 4:
        assert chosen != proposed(DualSet(rank=K + 1), B, Stop(count))


@pytest.mark.parametrize(
    "starts", [("greedy",), ("gram_qr",), ("osinsky",), ("norm",), ({"name": "dual_set", "rank": 2},)]
)
def test_without_swaps_a_start_is_put_in_the_order_of_gains(starts: tuple):
    B = block(15, 12, 3)
    name, options = (starts[0], {}) if isinstance(starts[0], str) else ("dual_set", {"rank": 2})
    columns = proposed(Swaps(starts, most=0), B, Stop(5))
    assert sorted(columns) == sorted(proposed(SELECTORS[name](**options), B, Stop(5)))
    for count, column in enumerate(columns):
        before = columns[:count]
        assert left(B, [*before, column]) <= min(left(B, [*before, j]) for j in columns[count:]) * (1 + 1e-9)


def test_each_swap_is_the_best_of_all():
    B = block(10, 9, 7)
    start = proposed(Swaps(("norm",), most=0), B, Stop(3))
    others = [[*start[:p], j, *start[p + 1 :]] for p in range(3) for j in set(range(9)) - set(start)]
    assert left(B, proposed(Swaps(("norm",), most=1), B, Stop(3))) == pytest.approx(min(left(B, S) for S in others))


@pytest.mark.parametrize(("fits", "polished"), [(11, False), (12, True)])
def test_swaps_leave_large_blocks_as_the_first_start_chose(fits: int, polished: bool, monkeypatch: pytest.MonkeyPatch):
    B = block(15, 12, 3)
    start = proposed(SELECTORS["norm"](), B, Stop(4))
    monkeypatch.setattr("wlra_dist.css.swaps.GRAM_FITS", fits)
    columns = proposed(Swaps(("norm", "greedy")), B, Stop(4))
    assert (columns == start) != polished
    assert not polished or left(B, columns) <= left(B, proposed(Greedy(), B, Stop(4))) < left(B, start)


def test_robust_blocks_take_one_of_near_copies_each():
    """Ten directions in ten near copies each: a block's longest remainders are of ten directions."""
    rng = np.random.default_rng(4)
    B = np.repeat(np.diag(np.linspace(1, 2, 10)), 10, axis=1) + 1e-3 * rng.standard_normal((10, 100))
    for seed in range(10):
        columns = proposed(RandomlyPivotedCholesky(block=90, robust=True), B, Stop(8), seed)
        assert len({column // 10 for column in columns}) == 8
        first = [column // 10 for column in columns[:3]]
        assert first == [9, 8, 7]  # longest first


@pytest.mark.parametrize("robust", [False, True])
def test_pivots_drawn_in_blocks_end_at_the_residual(robust: bool):
    B = np.eye(40)
    for seed in range(5):
        assert len(proposed(RandomlyPivotedCholesky(8, robust), B, Stop(residual=27.0), seed)) == 13
        assert len(proposed(RandomlyPivotedCholesky(8, robust), B, Stop(7, 27.0), seed)) == 7
