"""Checks of selectors, solvers, instances and weights: what is sound passes, each broken law is told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from wlra_dist.css import SELECTORS, Selection
from wlra_dist.instances import Instance, LowerBound, Synthetic
from wlra_dist.solvers import SOLVERS, LowRank
from wlra_dist.testing import check_instance, check_selector, check_solver, check_weights
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights

rng = np.random.default_rng(0)


@pytest.mark.parametrize("name", ["auto", "uniform", "sketched_qr"])
def test_selectors_pass(name: str) -> None:
    check_selector(SELECTORS[name])


@pytest.mark.parametrize("name", ["svd_w", "als", "em"])
def test_solvers_pass(name: str) -> None:
    check_solver(SOLVERS[name])


def test_instances_pass() -> None:
    check_instance(LowerBound, s=3, r=2, k=1)
    check_instance(Synthetic, n=8, d=9, k=1, s=3)
    check_instance(Synthetic, n=8, d=9, k=1, r=2, integer=True)


def test_weights_pass() -> None:
    check_weights(BlockMask.even(6, 8, 2))
    check_weights(LowRankWeights(rng.random((5, 2)), rng.random((2, 4))))
    check_weights(DenseWeights(rng.random((5, 4)) * (rng.random((5, 4)) < 0.5)))


def first(B: Any, stop: Any, coins: Any) -> Selection:  # noqa: ARG001
    """The first columns that are not zero."""
    (possible,) = np.nonzero(abs(B).sum(axis=0))
    return Selection(possible[: stop.limit(B)])


def changed(B: Any, *rest: Any) -> Selection:
    found = first(B, *rest)
    (B if isinstance(B, np.ndarray) else B.data)[:] *= 2
    return found


@pytest.mark.parametrize(
    ("selector", "says"),
    [
        (lambda B, stop, coins: first(B, stop, coins).columns, "a Selection is due, ndarray came"),
        (lambda B, stop, coins: Selection(np.arange(B.shape[1])), "columns came, at most 0 may"),  # noqa: ARG005
        (lambda B, stop, coins: Selection(np.zeros(stop.limit(B), int)), "a column came twice"),  # noqa: ARG005
        (lambda B, stop, coins: Selection(first(B, stop, coins).columns + 1), "columns are 0 to"),
        (lambda B, stop, coins: Selection(first(B, stop, coins).columns * 1.0), "a vector of integers"),
        (lambda B, stop, coins: Selection(np.arange(stop.limit(B))), "a column of zeros"),  # noqa: ARG005
        (lambda B, stop, coins: Selection(np.random.default_rng().permutation(first(B, stop, coins).columns)), "coins"),
        (lambda B, stop, coins: Selection(first(B, stop, coins).columns[:1]), None),
        (lambda B, stop, coins: Selection(first(B, stop, coins).columns[:0]), None),
        (changed, "the block was changed"),
        (lambda B, stop, coins: B.nothing, "raises AttributeError"),  # noqa: ARG005
    ],
)
def test_a_selector_that_breaks_a_law_is_told(selector: Callable[..., Any], says: str | None) -> None:
    if says is None:  # one at a time, or none, is slow, and within the law: `select` goes on
        check_selector(selector)
        return
    with pytest.raises(AssertionError, match=says):
        check_selector(selector)


def zero(A: np.ndarray, W: Any, k: int, coins: Any, *, scale: float = 0.0) -> Iterator[LowRank]:  # noqa: ARG001
    yield LowRank(np.full((A.shape[0], k), scale), np.full((k, A.shape[1]), scale))


def test_a_solver_may_be_poor() -> None:
    check_solver(zero)
    check_solver(zero, scale=3.0)


def spoilt(A: np.ndarray, *rest: Any) -> Iterator[LowRank]:
    yield from zero(A, *rest)
    A[0] += 1


def tossed(A: np.ndarray, W: Any, k: int, coins: Any) -> Iterator[LowRank]:  # noqa: ARG001
    yield LowRank(np.random.default_rng().random((A.shape[0], k)), np.ones((k, A.shape[1])))


def restless(A: np.ndarray, W: Any, k: int, coins: Any, start: Any = None) -> Iterator[LowRank]:
    if start is None:
        yield from zero(A, W, k, coins)


@dataclass(frozen=True)
class Placed:
    """Its columns depend on how many are asked for."""

    shape: tuple[int, int]
    parameters: int = 1

    def columns(self, columns: np.ndarray) -> np.ndarray:
        return np.full((self.shape[0], len(columns)), float(len(columns)))


@pytest.mark.parametrize(
    ("solver", "says"),
    [
        (lambda *_: iter(()), "an iterate is due, none came"),
        (lambda A, W, k, coins: zero(A.T, W, k, coins), r"of shape \(9, 7\) is due"),
        (lambda A, W, k, coins: zero(A, W, k, coins, scale=np.nan), "is not finite"),
        (lambda A, W, k, coins: iter([Placed(A.shape)]), "depend on which are asked for"),  # noqa: ARG005
        (spoilt, "A was changed"),
        (tossed, "the same coins gave another answer"),
        (restless, "from a start"),
    ],
)
def test_a_solver_that_breaks_a_law_is_told(solver: Callable[..., Any], says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check_solver(solver)


A = rng.integers(-3, 4, (6, 5)).astype(float)
PLAIN = Instance((6, 5), 1, 1, DenseWeights(np.ones((6, 5))), lambda columns: A[:, columns], integer=True, bound=3)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, None),
        ({"block": lambda columns: A[:, columns] * len(A[0, columns])}, "depends on the block"),
        ({"shape": (6, 6)}, "W has the shape"),
        ({"k": 5}, "target rank is 1 to 4"),
        ({"r": 9}, "the rank of W is 1 to 5"),
        ({"block": lambda columns: A[:, columns] + 0.5}, "said to be integral"),
        ({"bound": None}, "has a public bound"),
        ({"bound": 2}, "said to be at most 2"),
        ({"sparsity": 2}, "s is said to be 2"),
        ({"block": lambda columns: A[:, columns] / 0}, "raises"),
    ],
)
def test_an_instance_that_breaks_a_law_is_told(change: dict[str, Any], says: str | None) -> None:
    def kind(share: Any) -> Instance:  # noqa: ARG001
        with np.errstate(divide="ignore", invalid="ignore"):
            return replace(PLAIN, **change)

    if says is None:
        check_instance(kind)
        return
    with pytest.raises(AssertionError, match=says), np.errstate(divide="ignore", invalid="ignore"):
        check_instance(kind)


def test_an_instance_is_the_same_in_every_process() -> None:
    def kind(share: Any) -> Instance:  # noqa: ARG001
        drawn = np.random.default_rng().random((6, 5))
        return replace(PLAIN, integer=False, block=lambda columns: drawn[:, columns])

    with pytest.raises(AssertionError, match="another process opens another A"):
        check_instance(kind)
    with pytest.raises(AssertionError, match="do not come back from a record"):
        check_instance(lambda share, *, ends=(1, 2): PLAIN, ends={1: 2})  # noqa: ARG005


@dataclass(frozen=True, eq=False)
class Lying(DenseWeights):
    """Weights that say one thing wrong."""

    lie: str = ""

    @property
    def rank(self) -> int:
        return 1 if self.lie == "rank" else super().rank

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return super().entries(rows, columns) * (1 + (self.lie == "entries") * 1e-15)

    def block(self, columns: Any) -> Any:
        return super().block(slice(None) if self.lie == "block" else columns)

    def rows(self, rows: Any) -> Any:
        return super().rows(np.sort(rows) if self.lie == "rows" else rows)

    @property
    def groups(self) -> np.ndarray:
        return np.zeros(self.shape[1]) if self.lie == "groups" else super().groups


@pytest.mark.parametrize("lie", ["rank", "entries", "block", "rows", "groups"])
def test_weights_that_break_a_law_are_told(lie: str) -> None:
    with pytest.raises(AssertionError, match=lie):
        check_weights(Lying(rng.random((5, 4)), lie=lie))
