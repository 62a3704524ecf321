"""Whatever type people bring, every face computes with the same numbers, or refuses it by name in one sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from wlra_dist.css import SELECTORS, Stop, select
from wlra_dist.errors import InputError
from wlra_dist.inputs.given import EXACT, given_dense, given_integer, given_matrix
from wlra_dist.solvers import SOLVERS, solve
from wlra_dist.weights import DenseWeights, LowRankWeights

SMALL = np.random.default_rng(3).integers(0, 2, (9, 7)) * np.arange(1, 8)
"""Nonnegative integers that every type holds, zeros among them."""

ZERO_ONE = (SMALL > 0).astype(int)


class Tensor:
    """What of a torch tensor on the CPU is asked for; its bfloat16 has no numpy type."""

    def __init__(self, array: np.ndarray, dtype: str = "torch.float32") -> None:
        self.array, self.dtype = array, dtype

    def detach(self) -> "Tensor":
        return self

    def float(self) -> "Tensor":
        return Tensor(self.array)

    def numpy(self) -> np.ndarray:
        if "bfloat16" in self.dtype:
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array


def mapped(array: np.ndarray, dtype: str, place: Path) -> np.ndarray:
    there = np.memmap(place / "map", dtype=dtype, mode="w+", shape=array.shape)
    there[:] = array
    return there


def not_contiguous(array: np.ndarray) -> np.ndarray:
    wide = np.zeros((2 * len(array), 3 * array.shape[1]))
    wide[::2, ::3] = array
    return wide[::2, ::3]


def of_ml_dtypes(name: str, array: np.ndarray) -> np.ndarray:
    return array.astype(getattr(pytest.importorskip("ml_dtypes"), name))


def frame(array: np.ndarray, *dtypes: str) -> Any:
    pandas = pytest.importorskip("pandas")
    columns = [pandas.Series(column).astype(dtypes[j % len(dtypes)]) for j, column in enumerate(array.T)]
    return pandas.concat(columns, axis=1)  # with one label for all


DIALECTS: dict[str, Callable[[np.ndarray, Path], Any]] = {
    **{
        f"numpy {dtype}": lambda M, _, dtype=dtype: M.astype(dtype) for dtype in (*"bBhHiIlLqQefd", ">f8", ">f4", ">i2")
    },
    "bfloat16": lambda M, _: of_ml_dtypes("bfloat16", M),
    "float8_e4m3fn": lambda M, _: of_ml_dtypes("float8_e4m3fn", M),
    "Fortran order": lambda M, _: np.asfortranarray(M.astype(float)),
    "not contiguous": lambda M, _: not_contiguous(M),
    "reversed": lambda M, _: M[::-1, ::-1].astype(float)[::-1, ::-1],
    "np.matrix": lambda M, _: M.astype(float).view(np.matrix),
    "list": lambda M, _: M.tolist(),
    "list of arrays": lambda M, _: list(M),
    **{
        f"memmap {dtype}": lambda M, place, dtype=dtype: mapped(M, dtype, place)
        for dtype in ("f8", "f4", ">f8", "i8", "u1")
    },
    "frame": lambda M, _: frame(M, "float64"),
    "frame of mixed types": lambda M, _: frame(M, "float32", "int64", "Int64", "float64"),
    "tensor": lambda M, _: Tensor(M.astype(np.float32)),
    "tensor of bfloat16": lambda M, _: Tensor(M.astype(np.float32), "torch.bfloat16"),
    **{
        f"sparse {kind}": lambda M, _, kind=kind: getattr(sparse, kind)(M)
        for kind in ("csc_array", "csr_matrix", "coo_array", "bsr_array", "dia_matrix", "lil_array", "dok_matrix")
    },
}
"""M, and a directory, to M in another type."""

each_dialect = pytest.mark.parametrize("dialect", DIALECTS)


@each_dialect
def test_the_numbers_are_the_same(dialect: str, tmp_path: Path) -> None:
    given = given_matrix(DIALECTS[dialect](SMALL, tmp_path), "A")
    assert given.dtype in (np.float32, np.float64) or isinstance(given, np.memmap)
    assert isinstance(given, np.ndarray) != dialect.startswith("sparse")
    assert not isinstance(given, np.matrix)
    assert np.array_equal(given_dense(given, "A"), SMALL)


@each_dialect
def test_solve_gives_the_same_loss(dialect: str, tmp_path: Path) -> None:
    expected = solve(SMALL.astype(float), 1.0 + SMALL, 2, certify=False)
    found = solve(
        DIALECTS[dialect](SMALL, tmp_path), given_dense(DIALECTS[dialect](SMALL, tmp_path), "W") + 1.0, 2, certify=False
    )
    assert found.loss == pytest.approx(expected.loss, rel=1e-5)
    weighted = solve(SMALL + 1.0, DIALECTS[dialect](SMALL, tmp_path), 2, certify=False)
    assert weighted.loss == pytest.approx(solve(SMALL + 1.0, SMALL.astype(float), 2, certify=False).loss, rel=1e-5)


@pytest.mark.parametrize("method", SOLVERS)
@pytest.mark.parametrize("dialect", ["numpy e", "numpy >f4", "memmap >f8", "memmap u1", "sparse csr_matrix"])
def test_every_solver_takes_every_kind(method: str, dialect: str, tmp_path: Path) -> None:
    """As it is computed with the same numbers in an array of its own, native and C-ordered."""
    M = DIALECTS[dialect](SMALL, tmp_path)
    plain = np.array(given_dense(M, "A"), dtype=np.float32 if dialect in ("numpy e", "numpy >f4") else float)
    options: dict[str, Any] = {"iterations": 3} if method == "adam" else {}
    found, expected = (solve(A, A, 2, method, certify=False, **options) for A in (M, plain))
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)


def test_yes_and_no_are_one_and_zero(tmp_path: Path) -> None:
    for W in (ZERO_ONE.astype(bool), mapped(ZERO_ONE, "?", tmp_path), ZERO_ONE.astype(bool).tolist()):
        assert solve(SMALL, W, 2).loss == solve(SMALL, ZERO_ONE, 2).loss


@each_dialect
def test_selectors_choose_the_same_columns(dialect: str, tmp_path: Path) -> None:
    B = DIALECTS[dialect](SMALL, tmp_path)
    chosen = select(SELECTORS["greedy"](), B, Stop(3), np.random.default_rng(0))
    expected = select(SELECTORS["greedy"](), SMALL.astype(float), Stop(3), np.random.default_rng(0))
    assert np.array_equal(chosen.columns, expected.columns)


@each_dialect
def test_weights_are_made_of_any(dialect: str, tmp_path: Path) -> None:
    factor = DIALECTS[dialect](SMALL, tmp_path)
    assert np.array_equal(DenseWeights(factor).dense(slice(None)), SMALL)
    assert np.array_equal(LowRankWeights(factor, np.eye(7, dtype=int)).dense(slice(None)), SMALL)


REFUSED: dict[str, tuple[Any, str]] = {
    "complex": (SMALL + 0j, "complex128: take its real part"),
    "objects": (SMALL.astype(object), "found object"),
    "strings": (SMALL.astype(str), "found <U21"),
    "dates": (SMALL.astype("M8[s]"), "datetime64"),
    "structured": (np.zeros((9, 7), [("a", "f8")]), r"\[\('a', '<f8'\)\]"),
    "bare bytes": (np.zeros((9, 7), "V2"), r"\|V2"),
    "a ragged list": ([[1, 2], [3]], "found list"),
    "complex columns": (sparse.csc_array(SMALL + 0j), "complex128"),
    "one axis": (SMALL[0], r"rows and columns, found the shape \(7,\)"),
    "one axis of entries": (sparse.coo_array(SMALL[0]), r"found the shape \(7,\)"),
    "a number": (3.0, r"the shape \(\)"),
    "a name": ("A.npy", "found <U5"),
    "nothing": (None, "found None"),
    "integers without a double": (SMALL + 2**53 - 1, rf"at \(0, 0\) of A, found {2**53 - 1 + SMALL[0, 0]}"),
    "a large unsigned": (np.array([[1, 2**64 - 1]], np.uint64), "found 18446744073709551615"),
}
if np.dtype("g").itemsize > 8:
    REFUSED["long double"] = (SMALL.astype("g"), str(np.dtype("g")))


@pytest.mark.parametrize("refused", REFUSED)
def test_others_are_refused_by_name(refused: str) -> None:
    M, words = REFUSED[refused]
    with pytest.raises(InputError, match=words) as refusal:
        solve(M, np.ones((9, 7)), 2)
    assert "\n" not in str(refusal.value)


def test_weights_are_refused_by_name() -> None:
    for M, _ in REFUSED.values():
        for made in (lambda M=M: solve(SMALL, M, 2), lambda M=M: DenseWeights(M)):
            with pytest.raises(InputError, match=r"W|None"):
                made()


def test_integers_are_exact_up_to_the_last(tmp_path: Path) -> None:
    last = np.array([[EXACT - 1, 1 - EXACT], [0, 1]])
    assert np.array_equal(given_dense(last, "A").astype(int), last)
    with pytest.raises(InputError, match=f"at \\(1, 1\\) of A, found {-EXACT}"):
        given_dense(mapped(np.array([[0, 1], [2, -EXACT]]), "i8", tmp_path), "A")


def test_an_integer_without_weight_may_be_any() -> None:
    A, W = SMALL.astype(np.int64), 1.0 + SMALL
    W[2, 3] = 0
    A[2, 3] = np.iinfo(np.int64).min
    assert solve(A, W, 2).loss == solve(np.where(W > 0, A, 0), W, 2).loss
    W[2, 3] = 1
    with pytest.raises(InputError, match=r"at \(2, 3\) of A, found -9223372036854775808"):
        solve(A, W, 2)


def test_a_sparse_matrix_of_the_callers_is_left_as_it_was() -> None:
    M = sparse.csc_array((np.ones(3), np.array([1, 1, 0]), np.array([0, 2, 3])), shape=(2, 2))
    assert np.array_equal(given_dense(M, "A"), [[0, 1], [2, 0]])
    assert M.nnz == 3


def test_a_sparse_matrix_too_large_to_be_dense_is_refused() -> None:
    with pytest.raises(InputError, match="1000000×10000: `wlra-dist run` leaves it sparse"):
        solve(sparse.csc_array((10**6, 10**4)), np.ones((2, 2)), 1)


@pytest.mark.parametrize("rank", [np.int8(2), np.uint64(2), np.array(2)])
def test_ranks_are_integers_of_any_type(rank: Any) -> None:
    assert solve(SMALL, SMALL, rank, r=rank).k == given_integer(rank, "k") == 2


@pytest.mark.parametrize("rank", [True, np.True_, 2.0, "2", 0, -1, np.array([2]), None])
def test_what_is_no_rank_is_refused(rank: Any) -> None:
    words = "expected . as an integer of at least 1, found|neither"
    for keys in ({"k": rank}, {"k": 2, "r": rank}, {"k": 2, "method": "svd_w", "inverse_rank": rank}):
        if rank is None and keys["k"] == 2:
            continue
        with pytest.raises(InputError, match=f"{words}|inverse_rank: expected"):
            solve(SMALL, SMALL, **keys)
    if rank is not None and rank != 0:
        with pytest.raises(InputError, match="expected count as an integer"):
            Stop(rank)
