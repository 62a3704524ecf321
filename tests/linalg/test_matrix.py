"""Dense blocks and sparse ones answer alike, and few files ask which of the two they have."""

import ast
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csc_array

import wlra_dist
from wlra_dist.linalg.matrix import dense, nonzeros, stored

PACKAGE = Path(wlra_dist.__file__).parent

MOST_ASKERS = 62
"""Places outside `linalg/matrix.py` that ask whether a matrix is dense: lower it with each that goes."""


@pytest.mark.parametrize("whole", [np.array([[0.0, 2.0], [3.0, 0.0], [0.0, 0.0]]), np.zeros((2, 0)), np.zeros((3, 2))])
def test_a_dense_matrix_and_a_sparse_one_answer_alike(whole: np.ndarray):
    assert dense(whole) is whole
    assert np.array_equal(dense(csc_array(whole)), whole)
    assert nonzeros(whole) == nonzeros(csc_array(whole)) == np.sum(whole != 0)
    assert (stored(whole), stored(csc_array(whole))) == (whole.size, np.sum(whole != 0))


def test_who_asks_whether_a_matrix_is_dense_does_not_grow():
    askers = {str(file.relative_to(PACKAGE)): count for file in PACKAGE.rglob("*.py") if (count := asked(file))}
    del askers["linalg/matrix.py"]
    assert sum(askers.values()) <= MOST_ASKERS, askers


def asked(file: Path) -> int:
    """How often a file asks isinstance(…, np.ndarray), or of a union with it."""
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return sum(ast.unparse(call.func) == "isinstance" and "np.ndarray" in ast.unparse(call.args[1]) for call in calls)
