"""`solve`: what it reports is so, for every method; tolerances are met, and whoever stops it gets what it had."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.solvers.weighted import dense, layer, never_rises
from wlra_dist.errors import InputError
from wlra_dist.optima import QUICK, Effort
from wlra_dist.solvers import SOLVERS, Approximation, LowRank, Solution, solve
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights

METHODS = [*SOLVERS, "svd_w+als", "svd_w+em", "svd+adam", "reweighted_svd+als", "svd_w+als+em"]
each_method = pytest.mark.parametrize("method", METHODS)


def low_rank_weights(n: int, d: int, r: int, seed: int = 0) -> LowRankWeights:
    rng = np.random.default_rng(seed)
    return LowRankWeights(rng.random((n, r)), rng.random((r, d)))


@each_method
def test_a_solution_says_what_is_true_of_it(method: str):
    A, W = layer(30, 20)
    seen: list[tuple[int, Approximation]] = []
    solution = solve(A, W, 3, method, r=2, progress=lambda *step: seen.append(step))
    assert solution.loss == pytest.approx(np.square(W * (A - dense(solution.approximation))).sum())
    assert solution.energy == pytest.approx(np.square(W * A).sum())
    assert solution.parameters == solution.approximation.parameters
    assert (solution.method, solution.k, solution.r, solution.rank_claim) == (method, 3, 2, "refuted")
    assert solution.stopped == "finished"
    assert solution.seconds > 0
    assert [number for number, _ in seen] == list(range(1, len(seen) + 1))
    assert solution.certificate is not None
    assert solution.certificate.loss == solution.loss
    if solution.parameters == 3 * (30 + 20):  # of rank 3: no better than any lower bound that is proven
        assert solution.certificate.lower_bound_opt <= solution.loss


@each_method
def test_the_same_seed_gives_the_same_answer(method: str):
    A, W = layer(25, 20)
    one, other = (dense(solve(A, W, 2, method, rng=7, certify=False).approximation) for _ in range(2))
    assert np.array_equal(one, other)


@each_method
def test_weights_that_are_a_sum_of_nothing_ask_for_nothing(method: str):
    W = LowRankWeights(np.zeros((6, 0)), np.zeros((0, 5)))
    assert solve(layer(6, 5)[0], W, 2, method).loss == 0


@each_method
@pytest.mark.parametrize("kind", ["dense", "low rank", "mask"])
def test_all_kinds_of_weights_are_solved(method: str, kind: str):
    A = layer(20, 15)[0]
    W: Weights = {
        "dense": DenseWeights(layer(20, 15)[1]),
        "low rank": low_rank_weights(20, 15, 2),
        "mask": BlockMask(np.arange(20) % 3, np.arange(15) % 3),
    }[kind]
    solution = solve(A, W, 2, method, certify=QUICK)
    assert solution.loss <= solution.energy
    assert solution.rank_claim in ({"refuted", "near"} if kind == "dense" else {"proven"})


@pytest.mark.parametrize("method", ["als", "svd_w+als", "greedy+als", "em", "svd_w+em", "svd_w+als+em"])
def test_no_loss_rises_under_a_mask(method: str):
    W = BlockMask(np.arange(20) % 3, np.arange(15) % 3)
    A, iterates = layer(20, 15)[0], []
    solve(A, W, 4, method, certify=False, progress=lambda _, X: iterates.append(X))
    assert never_rises(A, W, iterates, None)


def test_what_continues_another_is_no_worse():
    A, W = layer(60, 40)
    losses = {method: solve(A, W, 5, method, certify=False).loss for method in ("svd_w", "svd_w+em", "svd_w+als")}
    assert losses["svd_w+als"] < losses["svd_w+em"] < losses["svd_w"]


def test_options_reach_the_stages_that_have_them():
    A, W = layer(30, 20)
    seen: list[int] = []
    solve(A, W, 3, "svd_w+als", certify=False, iterations=4, svd="exact", progress=lambda i, _: seen.append(i))
    assert len(seen) == 1 + 4


# rank of W


@pytest.mark.parametrize("k", [1, 3])
def test_algorithm_1_with_the_rank_of_w_is_certified_to_be_optimal_or_better(k: int):
    A = layer(40, 30)[0]
    solution = solve(A, low_rank_weights(40, 30, 2), k, "reweighted_svd")
    assert solution.rank_claim == "proven"
    assert solution.certificate is not None
    assert solution.certificate.proven
    rival = solve(A, low_rank_weights(40, 30, 2), k, "svd_w+als", certify=False, iterations=50)
    assert solution.loss <= rival.loss


@pytest.mark.parametrize(("r", "proven"), [(1, False), (2, True), (3, True)])
def test_no_bound_rests_on_too_small_a_rank(r: int, proven: bool):
    """The tail beyond rank rk exceeds the optimum where r is too small: it must not be taken for a bound."""
    rng = np.random.default_rng(0)
    W = DenseWeights(low_rank_weights(40, 30, 2).dense(slice(None)))
    A = rng.standard_normal((40, 2)) @ rng.standard_normal((2, 30))  # OPT = 0, yet W∘A has rank 4
    solution = solve(A, W, 2, "reweighted_svd", r=r, certify=QUICK)
    assert solution.certificate is not None
    assert solution.rank_claim == solution.certificate.rank_claim == ("near" if proven else "refuted")
    assert solution.certificate.proven == proven
    assert solution.certificate.lower_bound_opt == 0
    if proven:
        assert solution.loss <= 1e-20 * solution.energy  # and more parameters do not hurt
    else:
        assert solution.loss > 1e-6 * solution.energy


def test_an_unknown_rank_is_estimated_and_the_result_says_so():
    rng = np.random.default_rng(1)
    near = low_rank_weights(60, 40, 1).dense(slice(None)) + 0.01 * rng.random((60, 40))
    solution = solve(layer(60, 40)[0], near, 2, "reweighted_svd", certify=QUICK)
    assert (solution.r, solution.rank_claim) == (1, "refuted")
    assert solution.certificate is not None
    assert solution.certificate.rank_refuted is not None
    exactly = solve(layer(60, 40)[0], low_rank_weights(60, 40, 1).dense(slice(None)), 2, certify=QUICK)
    assert (exactly.r, exactly.rank_claim) == (1, "near")


# tolerance


@pytest.mark.parametrize("method", ["svd_w", "reweighted_svd", "svd", "svd_w+als"])
@pytest.mark.parametrize("rtol", [0.9, 0.5, 0.1, 0.01])
def test_a_tolerance_is_met_by_the_least_rank(method: str, rtol: float):
    A, W = layer(40, 30)
    W = np.multiply.outer(W.sum(axis=1), W.sum(axis=0))  # where losses fall with the rank
    solution = solve(A, W, method=method, rtol=rtol, r=1, certify=False)
    assert solution.loss <= rtol**2 * solution.energy
    if solution.k > 1:
        assert solve(A, W, solution.k - 1, method, r=1, certify=False).loss > rtol**2 * solution.energy


def test_a_tolerance_out_of_reach_gives_the_largest_rank():
    A, W = layer(40, 30)
    solution = solve(A, W, 4, "svd_w", rtol=1e-6, certify=False)
    assert solution.k == 4
    assert solution.loss > 1e-12 * solution.energy


# stopping


@pytest.mark.parametrize("method", ["svd_w+als", "em", "adam"])
def test_progress_can_stop(method: str):
    A, W = layer(30, 20)
    last: list[Approximation] = []

    def third(number: int, approximation: Approximation) -> bool:
        last.append(approximation)
        return number == 3

    solution = solve(A, W, 3, method, progress=third, certify=False)
    assert solution.stopped == "by progress"
    assert len(last) == 3
    assert np.array_equal(dense(solution.approximation), dense(last[-1]))


@dataclass(frozen=True)
class Interrupted:
    """Yields matrices of 0, 1, 2, then Ctrl-C."""

    def __call__(self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator) -> Iterator[Approximation]:  # noqa: ARG002
        for number in range(3):
            yield LowRank(np.full((len(A), k), float(number)), np.ones((k, A.shape[1])) / k)
        raise KeyboardInterrupt


def test_an_interrupt_returns_the_last_iterate():
    A, W = layer(6, 5)
    solution: Solution = solve(A, W, 1, "interrupted", certify=False, solvers={"interrupted": Interrupted})
    assert solution.stopped == "interrupted"
    assert np.array_equal(dense(solution.approximation), np.full((6, 5), 2.0))


def test_an_interrupted_bound_leaves_the_solution(monkeypatch: pytest.MonkeyPatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("wlra_dist.solvers.bound.best_lower_bound", interrupt)
    A, W = layer(6, 5)
    solution = solve(A, W, 2)
    assert (solution.stopped, solution.certificate) == ("interrupted", None)
    assert solution.loss == solve(A, W, 2, certify=False).loss


@pytest.mark.parametrize("reached", [True, False])
def test_a_stopped_search_for_a_rank_ends_with_the_least_within(reached: bool):
    """It is stopped at rank 6, after 8 was within the tolerance: by progress, or by Ctrl-C before an iterate."""
    asked: list[int] = []

    class Full:
        def __call__(self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator) -> Iterator[Approximation]:  # noqa: ARG002
            asked.append(k)
            if k == 6 and not reached:
                raise KeyboardInterrupt
            yield LowRank(A[:, :1] * (k > 6), np.ones((1, A.shape[1])))

    def stop(*_: object) -> bool:
        return reached and asked[-1] == 6

    A, full = np.ones((20, 20)), {"full": dataclass(Full)}
    solution = solve(A, A, method="full", rtol=0.5, certify=False, progress=stop, solvers=full)
    assert asked == [1, 2, 4, 8, 6]
    assert (solution.k, solution.loss, solution.stopped) == (8, 0.0, "by progress" if reached else "interrupted")


def test_an_interrupt_before_the_first_iterate_is_one():
    def interrupt(number: int, approximation: Approximation) -> None:
        raise AssertionError((number, approximation))

    A, W = layer(6, 5)
    with pytest.raises(AssertionError):
        solve(A, W, 1, "svd", progress=interrupt, certify=False)


# inputs


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "nonsense"}, "expected one of"),
        ({"method": "svd+svd_w"}, "can only stand first"),
        ({"iteration": 3}, "no option iteration"),
        ({"k": 0}, "k as an integer of at least 1"),
        ({"k": 1.5}, "k as an integer of at least 1"),
        ({"r": 0}, "r as an integer of at least 1"),
        ({"iterations": 0}, "iterations: expected an integer of at least 1"),
        ({"method": "em", "sweeps": 1.5}, "sweeps: expected an integer"),
        ({"method": "em", "sweeps": True}, "sweeps: expected an integer"),
        ({"relaxation": 2.0}, "relaxation: expected a number above 0 and below 2"),
        ({"clip": -1.0}, "clip: expected a number above 0 and below inf or None"),
        ({"sketch": 1}, "sketch: expected an integer of at least 2"),
        ({"svd": "nope"}, "svd: expected 'sketched' or 'krylov' or 'exact', found 'nope'"),
        ({"regression": "nope"}, "regression: expected 'cholesky' or"),
        ({"method": "reweighted_svd", "rank": 0}, "rank: expected"),
        ({"k": None}, "found neither"),
        ({"rtol": -1.0}, "tolerance of at least 0"),
        ({"W": np.ones((3, 3))}, "same shape"),
        ({"A": np.full((6, 5), np.nan)}, "finite"),
        ({"A": np.where(np.eye(6, 5) > 0, np.inf, 1.0)}, "finite number in A, found inf in row 0, column 0"),
        ({"W": None}, "np.ones"),
        ({"A": np.ones((6, 5), complex)}, "real numbers"),
        ({"A": np.full((6, 5), 1e-200)}, "W∘A‖² between"),
        ({"W": np.full((6, 5), 1e200)}, "W∘A‖² between"),
        ({"W": np.full((6, 5), 5e-324)}, "W∘A‖² between"),
        (
            {"A": np.where(np.eye(6, 5) > 0, 1e90, 1.0), "W": np.where(np.eye(6, 5) > 0, 1e-90, 1.0)},
            "counts for nothing",
        ),
        ({"W": 1 - 2 * np.eye(6, 5)}, "weight of at least 0 in W, found -1.0 in row 0, column 0"),
        ({"W": np.where(np.eye(6, 5, 2) > 0, np.nan, 1.0)}, "found nan in row 0, column 2"),
        ({"W": np.ma.masked_less(layer(6, 5)[1], 1.0)}, "without a mask"),
        ({"A": np.ones((0, 5)), "W": np.ones((0, 5))}, "at least one row"),
    ],
)
def test_bad_input_is_named(change: dict, words: str):
    A, W = layer(6, 5)
    with pytest.raises(InputError, match=words):
        solve(**{"A": A, "W": W, "k": 2, **change})


@each_method
def test_weights_of_zero_ask_for_nothing(method: str):
    A, _ = layer(6, 5)
    found = solve(A, np.zeros((6, 5)), 2, method)
    assert found.loss == 0
    assert np.isfinite(found.approximation.columns(np.arange(5))).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [2.0**-100, 2.0**100])
def test_the_scale_of_weights_says_nothing(dtype: type, scale: float):
    A, W = (M.astype(dtype) for M in layer(12, 9))
    plain, scaled = solve(A, W, 2), solve(A, W * dtype(scale), 2)
    assert (scaled.r, scaled.rank_claim) == (plain.r, plain.rank_claim)
    assert scaled.loss / scale**2 == pytest.approx(plain.loss, rel=1e-4)
    assert scaled.certificate is not None
    assert plain.certificate is not None
    assert scaled.certificate.lower_bound_opt / scale**2 == pytest.approx(plain.certificate.lower_bound_opt, rel=1e-4)


@pytest.mark.parametrize("method", ["reweighted_svd", "svd_w", "svd"])
def test_memory_maps_are_solved_as_arrays_are(tmp_path: Path, method: str):
    A, W = layer(600, 300)
    np.save(tmp_path / "A.npy", A)
    np.save(tmp_path / "W.npy", W)
    mapped_A, mapped_W = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "AW")
    one, other = (solve(*pair, k=4, method=method, r=1, certify=QUICK) for pair in ((A, W), (mapped_A, mapped_W)))
    assert np.array_equal(dense(one.approximation), dense(other.approximation))
    assert other.loss == one.loss
    assert one.certificate is not None
    assert other.certificate is not None
    assert one.certificate.rank_refuted == other.certificate.rank_refuted
    assert not other.certificate.proven


@pytest.mark.parametrize("kind", ["mapped", "dense", "low rank", "mask"])
def test_a_certificate_of_what_is_large_forms_nothing_of_its_size(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
):
    """Neither W nor W∘A: the bound is the tail, by rows. What is formed is counted, down to the last temporary."""
    monkeypatch.setattr("wlra_dist.weights.rank.LARGEST", 0)  # as if it were large
    rng, (n, d) = np.random.default_rng(0), (12_000, 300)
    A, weights = rng.standard_normal((n, d)), low_rank_weights(n, d, 1)
    W: Weights = {
        "low rank": weights,
        "mask": BlockMask(np.arange(n) % 3, np.arange(d) % 3),
    }.get(kind, DenseWeights(weights.dense(slice(None)) * (1 + 0.01 * rng.random((n, d)))))
    if kind == "mapped":
        assert isinstance(W, DenseWeights)
        np.save(tmp_path / "A.npy", A)
        np.save(tmp_path / "W.npy", W.W)
        A, W = np.load(tmp_path / "A.npy", mmap_mode="r"), DenseWeights(np.load(tmp_path / "W.npy", mmap_mode="r"))
    tracemalloc.start()
    solution = solve(A, W, 4, "reweighted_svd", certify=True if kind == "mapped" else Effort(largest=n * d - 1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert solution.certificate is not None
    assert solution.certificate.bound == ("tail" if kind in ("low rank", "mask") else "none")
    assert peak <= 0.3 * A.nbytes


def test_integers_are_solved_as_floats():
    rng = np.random.default_rng(2)
    A, W = rng.integers(-100, 100, (20, 15)).astype(np.int8), rng.integers(0, 100, (20, 15)).astype(np.int8)
    for method in METHODS:
        one, other = (
            solve(*pair, 3, method, r=2, certify=False) for pair in ((A, W), (A.astype(float), W.astype(float)))
        )
        assert one.loss == pytest.approx(other.loss, rel=1e-6)
