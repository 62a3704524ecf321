"""Columns on supp(W): bits counted by hand, and messages that no honest sender writes."""

from collections.abc import Callable

import numpy as np
import pytest

from wlra_dist.codecs.base.bits import BitWriter, DecodeError
from wlra_dist.codecs.base.codec import Codec, decode, encode
from wlra_dist.codecs.base.integers import Count, Indices, Integers
from wlra_dist.codecs.base.reals import Floats
from wlra_dist.codecs.columns.columns import ColumnsAndX, SelectedColumns, SparseColumns
from wlra_dist.weights import DenseWeights

W = DenseWeights(np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 0.0]]))
ALL = np.arange(3)


def test_dense_columns_cost_their_entries_on_the_support():
    A = np.where(W.W > 0, np.pi, 0.0)
    out = encode(SparseColumns(W, ALL, None, sparse=False), A)
    assert out.parts == {"header": 1, "values of C": 10 * 64}
    assert out.numbers == 10


def test_sparse_columns_cost_counts_rows_and_values():
    A = np.zeros((4, 3))
    A[2, 1] = 5.0
    out = encode(SparseColumns(W, ALL, None, sparse=False), A)
    counts, rows = 3 * 3, 2  # counts in 0 … 4, one row of four
    assert out.parts == {"header": 1, "support of C": counts + rows, "values of C": 64}
    assert out.numbers == 2


def test_integers_cost_their_range():
    A = np.where(W.W > 0, 1000.0, 0.0)
    A[0] = 1003.0
    out = encode(SparseColumns(W, ALL, 1003, sparse=False), A)
    least, width = (2 * 1003).bit_length(), 4
    assert out.parts == {"header": 1, "values of C": least + width + 10 * 2}


def test_zero_columns_of_an_integer_game_cost_no_values():
    out = encode(SparseColumns(W, ALL, 7, sparse=False), np.zeros((4, 3)))
    least, width = (14).bit_length(), 3
    assert out.bits == 1 + least + width


@pytest.mark.parametrize("S", [[], [1], [2, 0], [0, 1, 2]])
def test_columns_and_X_cost_indices_columns_and_coefficients(S: list[int]):
    c = len(S)
    C = np.where(W.W[:, S] > 0, 1.5, 0.0)
    chosen = SelectedColumns(np.array(S, dtype=np.int64), C, np.ones((c, 3 - c)), 8, False)
    code = ColumnsAndX(W, None, sparse=False)
    columns = encode(SparseColumns(W, chosen.S, None, False), C).bits
    due = 2 + 2 * c + 1 + columns + 7 + 32 + 8 * c * (3 - c)  # of the coefficients: width, bound, numbers
    assert encode(code, chosen).bits == due


def listed(counts: list[int], rows: list[int], values: list[float]) -> Callable[[BitWriter], None]:
    """Three columns of four rows, as rows and values."""

    def write(out: BitWriter) -> None:
        out.uint(1, 1)
        Indices(3, 5).write(np.array(counts), out)
        Indices(len(rows), 4).write(np.array(rows, dtype=np.int64), out)
        Floats((len(values),)).write(np.array(values), out)

    return write


def twice(out: BitWriter) -> None:
    Count(3).write(2, out)
    out.uint(0, 1)
    Indices(2, 3).write(np.array([1, 1]), out)


def far(out: BitWriter) -> None:
    """Integers from 3 on that take two bits could reach 6."""
    Count(10).write(3 + 5, out)
    Count(4).write(2, out)
    out.words(np.array([0, 3]), 2)


COLUMNS = SparseColumns(W, ALL, None, sparse=False)


@pytest.mark.parametrize(
    ("codec", "write", "reason"),
    [
        (COLUMNS, listed([0, 1, 0], [1], [1.0]), "where W is 0"),
        (COLUMNS, listed([2, 0, 0], [2, 1], [1.0, 1.0]), "do not ascend"),
        (COLUMNS, listed([2, 0, 0], [2, 2], [1.0, 1.0]), "do not ascend"),
        (COLUMNS, listed([0, 4, 0], [0, 1, 2, 3], [1.0] * 4), "more nonzeros than W"),
        (ColumnsAndX(W, None, sparse=False), twice, "twice"),
        (Integers(2, 5), far, "at most 5"),
    ],
)
def test_what_no_honest_sender_writes(codec: Codec, write: Callable[[BitWriter], None], reason: str):
    out = BitWriter()
    write(out)
    with pytest.raises(DecodeError, match=reason):
        decode(codec, out.payload(), out.bits)


def test_an_honest_list_is_read():
    out = BitWriter()
    listed([2, 0, 1], [0, 3, 1], [1.0, 2.0, 3.0])(out)
    A, _ = decode(COLUMNS, out.payload(), out.bits)
    assert isinstance(A, np.ndarray)
    assert np.array_equal(A, [[1, 0, 0], [0, 0, 3], [0, 0, 0], [2, 0, 0]])
