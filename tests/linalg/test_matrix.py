"""Dense blocks and sparse ones answer alike, and few files ask which of the two they have."""

import ast
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csc_array

import wlra_dist
from wlra_dist.linalg.matrix import arrays_of, dense, entries, nonzeros, side_by_side, squared, stored

PACKAGE = Path(wlra_dist.__file__).parent

MOST_ASKERS = 54
"""Places outside `linalg/matrix.py` that ask whether a matrix is dense: lower it with each that goes."""


@pytest.mark.parametrize("whole", [np.array([[0.0, 2.0], [3.0, 0.0], [0.0, 0.0]]), np.zeros((2, 0)), np.zeros((3, 2))])
def test_a_dense_matrix_and_a_sparse_one_answer_alike(whole: np.ndarray):
    assert dense(whole) is whole
    assert np.array_equal(dense(csc_array(whole)), whole)
    assert nonzeros(whole) == nonzeros(csc_array(whole)) == np.sum(whole != 0)
    assert (stored(whole), stored(csc_array(whole))) == (whole.size, np.sum(whole != 0))
    assert entries(whole) is whole
    assert np.array_equal(entries(csc_array(whole)), whole.T[whole.T != 0])
    assert np.array_equal(dense(squared(csc_array(whole))), whole**2)
    assert np.array_equal(dense(squared(whole)), whole**2)
    assert [len(arrays_of(M)) for M in (whole, csc_array(whole))] == [1, 3]


def test_blocks_stand_side_by_side_as_an_array_if_all_of_them_are():
    A, B = np.array([[0.0, 2.0], [3.0, 0.0]]), np.array([[5.0], [0.0]])
    both = np.hstack([A, B])
    assert isinstance(side_by_side([A, B]), np.ndarray)
    assert np.array_equal(dense(side_by_side([A, B])), both)
    for blocks in ([csc_array(A), B], [A, csc_array(B)], [csc_array(A), csc_array(B)]):
        assert isinstance(side_by_side(blocks), csc_array)
        assert np.array_equal(dense(side_by_side(blocks)), both)


def test_who_asks_whether_a_matrix_is_dense_does_not_grow():
    askers = {str(file.relative_to(PACKAGE)): count for file in PACKAGE.rglob("*.py") if (count := asked(file))}
    del askers["linalg/matrix.py"]
    assert sum(askers.values()) <= MOST_ASKERS, askers


def asked(file: Path) -> int:
    """How often a file asks isinstance(…, np.ndarray), or of a union with it."""
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return sum(ast.unparse(call.func) == "isinstance" and "np.ndarray" in ast.unparse(call.args[1]) for call in calls)
