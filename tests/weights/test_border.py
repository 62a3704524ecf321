"""One look at A and W, against the formulas; what stands where W is 0 is seen, named by nobody and taken away."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.sparse import csc_array

from wlra_dist.errors import InputError
from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.scale import power_of
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, SparseWeights, Weights
from wlra_dist.weights.border import FAR, LEAST, MOST, supported, survey
from wlra_dist.weights.weighing import dense as entries
from wlra_dist.weights.weighted_rows import weight_rows, weighted

n, d = 7, 5
JUNK = (np.nan, np.inf, -np.inf, 1e300, -0.0)


def low_rank(rank: int) -> LowRankWeights:
    U = np.arange(1.0, n * rank + 1).reshape(n, rank)
    U[2] = 0
    return LowRankWeights(U, np.arange(1.0, rank * d + 1).reshape(rank, d))


def dense() -> DenseWeights:
    W = np.arange(1.0, n * d + 1).reshape(n, d)
    W[2], W[4, 3] = 0, 0
    return DenseWeights(W)


KINDS: dict[str, Callable[[], Weights]] = {
    "dense": dense,
    "low rank": lambda: low_rank(2),
    "rank one": lambda: low_rank(1),
    "mask": lambda: BlockMask.wide(n, 2, 3, d),
    "sparse": lambda: SparseWeights(csc_array(dense().W)),
}
each_kind = pytest.mark.parametrize("kind", KINDS)
layouts = pytest.mark.parametrize("layout", [np.asarray, csc_array])


@pytest.fixture(autouse=True, params=[1, 16])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows or columns are looked at one by one, or some at a time."""
    for name in ("row_runs", "runs"):
        monkeypatch.setattr(
            f"wlra_dist.weights.border.{name}", lambda length, width: runs(length, width, request.param)
        )


def matrix(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d))


@each_kind
@layouts
def test_a_survey_is_what_the_formulas_say(kind: str, layout: Callable):
    W = KINDS[kind]()
    whole, A = W.dense(slice(None)), matrix()
    found = survey(layout(np.where(whole > 0, A, 0)), W)
    assert found.entry == np.abs(A[whole > 0]).max()
    assert found.weight == whole.max()
    assert found.energy == pytest.approx(float(np.square(whole * A).sum()), rel=1e-13)
    assert (found.outside, found.A, found.W) == (False, 0, 0)


@each_kind
@layouts
@pytest.mark.parametrize("junk", [7.0, *JUNK])
def test_what_stands_where_w_is_0_is_seen_and_taken_away(kind: str, layout: Callable, junk: float):
    W = KINDS[kind]()
    whole = W.dense(slice(None))
    A = np.where(whole > 0, matrix(), 0)
    i, j = np.argwhere(whole == 0)[-1]
    dirty = A.copy()
    dirty[i, j] = junk
    given = layout(dirty)
    if layout is csc_array and junk == 0:  # is not stored
        return
    assert survey(given, W) == survey(layout(A), W)._replace(outside=True)
    clean = supported(given, W)
    assert clean is not given
    assert np.array_equal(entries(clean), A)
    assert not np.signbit(entries(clean)[i, j])
    assert np.array_equal(entries(given), dirty, equal_nan=True)
    assert supported(clean, W) is clean


@each_kind
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("columns", [None, np.arange(40, 40 + d)])
def test_an_entry_that_is_no_number_is_named_by_row_and_column(kind: str, wrong: float, columns: np.ndarray | None):
    W = KINDS[kind]()
    for i, j in np.argwhere(W.dense(slice(None)) > 0):
        A = matrix()
        A[i, j] = wrong
        place = f"finite number in A, found {wrong} in row {i}, column {j if columns is None else columns[j]} "
        with pytest.raises(InputError, match=place):
            survey(A, W, columns)
        with pytest.raises(InputError, match=place):
            survey(csc_array(A), W, columns)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -1.0])
def test_a_weight_that_is_none_is_named_by_row_and_column(wrong: float):
    for i, j in np.ndindex(n, d):
        W = dense().W.copy()
        W[i, j] = wrong
        with pytest.raises(InputError, match=f"at least 0 in W, found {wrong} in row {i}, column {j} "):
            survey(matrix(), DenseWeights(W))


def test_energies_from_the_least_to_the_most_are_taken():
    ones = DenseWeights(np.ones((1, 1)))
    for energy in (LEAST, MOST):
        assert survey(np.array([[np.sqrt(energy)]]), ones).energy == energy
    for energy in (LEAST / 4, MOST * 4):
        with pytest.raises(InputError, match=r"expected ‖W∘A‖²"):
            survey(np.array([[np.sqrt(energy)]]), ones)
    assert survey(np.zeros((1, 1)), ones).energy == 0


@pytest.mark.parametrize(("octaves", "far"), [(FAR - 1, False), (FAR + 1, True)])
def test_an_entry_far_above_all_that_is_weighted_is_refused(octaves: int, far: bool):
    A, W = np.array([[1.0, 2.0**octaves]]), DenseWeights(np.array([[1.0, 2.0**-octaves]]))
    if not far:
        assert survey(A, W).energy == 2
        return
    with pytest.raises(InputError, match="give the weight 0"):
        survey(A, W)


@pytest.mark.parametrize(("a", "w"), [(100, 0), (0, 100), (-200, 300), (300, -120)])
def test_powers_taken_out_leave_both_of_size_one(a: int, w: int):
    A = np.ldexp(matrix(), a)
    found = survey(A, DenseWeights(np.ldexp(dense().W, w)))
    rest = survey(np.ldexp(A, -found.A), DenseWeights(np.ldexp(dense().W, w - found.W)))
    assert (rest.A, rest.W) == (0, 0)
    if a:
        assert abs(power_of(rest.entry)) < 40
    assert found.W == 0 or abs(power_of(rest.weight)) <= 1


@each_kind
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_the_product_is_formed_alike_by_rows_and_by_columns(kind: str, dtype: type):
    W = KINDS[kind]()
    A = np.arange(n * d).reshape(n, d).astype(dtype)
    B = weighted(A, W)
    whole = W.dense(slice(None)) * A
    assert B.shape == (n, d)
    assert B.dtype == (np.float32 if dtype is np.float32 else np.float64)
    for run in (slice(0, 3), slice(2, 5), slice(0, 7)):
        assert np.array_equal(B.rows(run), whole[run])
        assert np.array_equal(B.columns(run), whole[:, run])
        assert np.array_equal(weight_rows(W, run), W.dense(slice(None))[run])
    assert B.typed(np.dtype(np.float32)).rows(slice(0, 2)).dtype == np.float32
