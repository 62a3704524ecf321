"""Rows of EᵀE on demand, against the explicit remainder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import qr
from scipy.sparse import csc_array

from wlra_dist.css import Stop
from wlra_dist.css.gram_qr import GramQR, in_pivoted_order
from wlra_dist.linalg.gram_remainder import GramRemainder
from wlra_dist.linalg.gram_rows import KnownGram

seeds = st.integers(0, 2**32 - 1)


def thinned(n: int, d: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) * (rng.random((n, d)) < 0.6)


def after(B: np.ndarray, columns: list[int]) -> np.ndarray:
    C = B[:, columns]
    return B - C @ np.linalg.pinv(C) @ B


@pytest.mark.parametrize("kind", ["dense", "float32", "sparse", "gram"])
@given(n=st.integers(2, 12), d=st.integers(1, 12), seed=seeds)
def test_it_is_the_gram_matrix_of_what_is_left(kind: str, n: int, d: int, seed: int):
    B = thinned(n, d, seed)
    if kind == "float32":
        B = B.astype(np.float32).astype(float)
    made = {
        "dense": lambda: GramRemainder(B),
        "float32": lambda: GramRemainder(B.astype(np.float32)),
        "sparse": lambda: GramRemainder(csc_array(B)),
        "gram": lambda: GramRemainder(None, KnownGram(B.T @ B)),
    }[kind]()
    for _ in range(min(n, d) // 2):
        if made.left:
            made.take(int(made.energies.argmax()))
    E = after(B, made.columns)
    size = 1e-4 if kind == "float32" else 1e-10
    everything = np.arange(d)
    assert made.energies == pytest.approx(np.square(E).sum(axis=0), abs=size * (1 + np.square(B).sum()))
    assert made.square(everything) == pytest.approx(E.T @ E, abs=size * (1 + np.square(B).sum()))
    known = made.L.T @ made.L
    assert known == pytest.approx(B.T @ B - E.T @ E, abs=size * (1 + np.square(B).sum()))


@pytest.mark.parametrize("kind", [np.asarray, csc_array])
def test_pivots_are_lapacks(kind: type):
    B = thinned(60, 50, 0)
    _, _, pivots = qr(B, pivoting=True, mode="economic")  # pyright: ignore[reportAssignmentType]
    assert GramQR()(kind(B), Stop(30), np.random.default_rng(0)).columns.tolist() == pivots[:30].tolist()


def test_it_makes_no_difference_whether_rows_come_singly_or_all_at_once():
    B = thinned(60, 64, 1)
    singly, at_once = GramRemainder(B), GramRemainder(B)
    at_once.expect(list(range(64)))
    for column in (3, 17, 5, 40, 41, 42, 43):
        singly.take(column)
        at_once.take(column)
    assert singly.energies == pytest.approx(at_once.energies, rel=1e-12)


def test_a_dependent_column_is_not_taken():
    B = np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 1.0]])
    remainder = GramRemainder(B)
    assert remainder.take(1)
    assert not remainder.take(0)
    assert remainder.columns == [1]
    assert sorted(in_pivoted_order(GramRemainder(B), [0, 1, 2]).columns) == [1, 2]
