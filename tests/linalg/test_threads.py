"""Shared rows: every row once, in order; BLAS is left as it was; answers are those of one thread, to rounding."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from tests.solvers.weighted import dense, layer
from wlra_dist.linalg.rows.products import gram, sweep, transposed_times
from wlra_dist.linalg.rows.rows import plain
from wlra_dist.linalg.rows.sketch import sketch_rows
from wlra_dist.linalg.threads import LEAST, serial_blas, shared
from wlra_dist.solvers import solve


@pytest.fixture
def two_threads() -> Iterator[None]:
    with threadpool_limits(2, user_api="blas"):
        yield


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads for the smallest matrices."""
    monkeypatch.setattr("wlra_dist.linalg.threads.LEAST", 1)


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def seen(rows: slice) -> tuple[slice, int, set[int]]:
    return rows, threading.get_ident(), blas_threads()


@pytest.mark.usefixtures("two_threads")
def test_each_row_is_one_threads_and_blas_has_one_thread_within():
    with serial_blas():
        parts = shared(seen, 1001, LEAST // 500)
    assert [part[0] for part in parts] == [slice(0, 500), slice(500, 1001)]
    assert all(part[2] == {1} for part in parts)
    assert threading.get_ident() not in {part[1] for part in parts}
    assert blas_threads() == {2}


@pytest.mark.usefixtures("two_threads")
def test_little_work_and_work_outside_stay_in_the_thread():
    here = threading.get_ident()
    assert [part[1] for part in shared(seen, 1000, LEAST)] == [here]
    with serial_blas():
        assert [part[1] for part in shared(seen, 10, 10)] == [here]
        assert [part[0] for part in shared(seen, 0, 10)] == [slice(0, 0)]


@pytest.mark.usefixtures("two_threads")
def test_shared_work_does_not_share_again_and_within_another_nothing_changes():
    with serial_blas(), serial_blas():
        inner = shared(lambda _: len(shared(seen, 1000, LEAST)), 1000, LEAST)
        assert blas_threads() == {1}
    assert inner == [1, 1]
    assert blas_threads() == {2}


@pytest.mark.usefixtures("two_threads")
def test_errors_and_numpys_settings_reach_where_they_belong():
    def overflow(rows: slice) -> np.floating:
        return np.float32(1e38) * np.float32(1e38 + rows.start)

    with serial_blas(), np.errstate(over="ignore"):
        assert shared(overflow, 1000, LEAST) == [np.inf, np.inf]
    with serial_blas(), np.errstate(over="raise"), pytest.raises(FloatingPointError):
        shared(overflow, 1000, LEAST)
    assert blas_threads() == {2}


@pytest.mark.usefixtures("two_threads", "eager")
@pytest.mark.parametrize("shape", [(500, 30), (30, 500), (1, 7)])
def test_products_are_those_of_one_thread(shape: tuple[int, int]):
    rng = np.random.default_rng(0)
    B, V, U = rng.standard_normal(shape), rng.standard_normal((shape[1], 3)), rng.standard_normal((shape[0], 3))

    def products() -> list[np.ndarray]:
        look = sweep(plain(B), V)
        S = sketch_rows(plain(B), 8, np.random.default_rng(0))
        return [look.Y, look.Z, np.array(look.energy), gram(plain(B)), transposed_times(plain(B), U), S]

    alone = products()
    with serial_blas():
        together = products()
    assert all(np.allclose(one, other) for one, other in zip(alone, together, strict=True))


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("method", ["em", "adam", "als", "svd_w+als", "greedy", "reweighted_svd"])
def test_two_threads_solve_as_one_does(method: str):
    A, W = layer(40, 30)
    with threadpool_limits(1, user_api="blas"):
        alone = solve(A, W, 3, method, certify=False)
    with threadpool_limits(2, user_api="blas"):
        together = solve(A, W, 3, method, certify=False)
    assert together.loss == pytest.approx(alone.loss, rel=1e-6)
    assert np.allclose(dense(together.approximation), dense(alone.approximation), atol=1e-5 * np.abs(A).max())
