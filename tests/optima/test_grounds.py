"""A bound comes out again, bit for bit, from A, W and what it rests on; and by a formula that shares no code."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.optima import Effort, with_grounds
from wlra_dist.optima.grounds import Grounds, ProvenBound, bound_again
from wlra_dist.optima.guarded import guarded_bound
from wlra_dist.optima.packed import NAMES, packed, unpacked
from wlra_dist.optima.terms import Term
from wlra_dist.weights import DenseWeights

SMALL = Effort(terms=3, steps=5, evaluations=20)

Pair = tuple[np.ndarray, np.ndarray]


def positive(rng: np.random.Generator) -> Pair:
    return rng.standard_normal((12, 8)), np.exp(rng.standard_normal((12, 2))) @ np.exp(rng.standard_normal((2, 8)))


def masked(rng: np.random.Generator) -> Pair:
    return rng.standard_normal((14, 9)), (rng.random((14, 9)) < 0.7) * 2.0**40


def repeated(rng: np.random.Generator) -> Pair:
    """Rows and columns that come several times, far from 1 in size."""
    rows, columns = rng.integers(0, 6, 20), rng.integers(0, 5, 11)
    A, W = rng.standard_normal((6, 5)), rng.uniform(0.5, 2, (6, 5))
    return 2.0**-90 * A[np.ix_(rows, columns)], W[np.ix_(rows, columns)]


KINDS: dict[str, Callable[[np.random.Generator], Pair]] = {"positive": positive, "mask": masked, "repeated": repeated}


@cache
def found(kind: str, effort: Effort = SMALL) -> tuple[np.ndarray, np.ndarray, ProvenBound]:
    A, W = KINDS[kind](np.random.default_rng(1))
    bound = with_grounds(A, DenseWeights(W), 1, 2, rank_proven=False, effort=effort)[-1]
    assert bound.value > 0
    return A, W, bound


def spread(A: np.ndarray, W: np.ndarray, k: int, grounds: Grounds) -> float:
    """The theorem of docs/optimum.md on all rows and columns, as docs/records.md says it can be told from a record."""
    rows, columns, (a, b) = grounds.rows, grounds.columns, grounds.powers
    mu, nu = np.bincount(rows)[rows], np.bincount(columns)[columns]
    squares, M, terms = np.square(W), np.zeros(A.shape), []
    for number, term in enumerate(grounds.terms):
        p, q = np.zeros(rows.max() + 1), np.zeros(columns.max() + 1)
        R = np.zeros((len(p), len(q)))
        p[term.rows], q[term.columns] = term.root_p * 2.0**b, term.root_q
        if grounds.multipliers:
            R[np.ix_(term.rows, term.columns)] = grounds.multipliers[number] * 2.0 ** (a + b)
        roots = np.outer(p[rows] / np.sqrt(mu), q[columns] / np.sqrt(nu))
        terms.append((roots, R[np.ix_(rows, columns)] / np.sqrt(np.outer(mu, nu))))
        M += roots * terms[-1][1]
    assert (sum(np.square(roots) for roots, _ in terms) <= squares * (1 + 1e-12)).all()
    E = np.divide(M, squares, out=np.zeros_like(M), where=squares > 0)
    bound = float((squares * np.square(E)).sum())
    for roots, R in terms:
        values = np.linalg.svd(roots * (A - E) + R, compute_uv=False)
        bound += float(np.square(values[k:]).sum() - np.square(R).sum())
    return bound


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_bound_comes_out_again_from_what_it_rests_on(kind: str, kept: bool):
    """From its multipliers, or by as many evaluations from its terms; through arrays and back."""
    A, W, bound = found(kind)
    stated = unpacked(packed({3: bound if kept else bound.without_multipliers}))[3]
    assert stated.grounds is not None
    assert (stated.grounds.multipliers is not None) == kept
    assert bound_again(A, DenseWeights(W), 2, stated.grounds) == stated.value == bound.value


@pytest.mark.parametrize("kind", KINDS)
def test_anybody_can_compute_it_by_the_theorem(kind: str):
    A, W, bound = found(kind)
    assert bound.grounds is not None
    assert bound.value == pytest.approx(spread(A, W, 2, bound.grounds), rel=1e-7)


def test_a_bound_without_multipliers_comes_out_again():
    A, W, bound = found("positive", Effort(multiplied=0, steps=5))
    assert bound.name == "minorant"
    assert bound.grounds is not None
    assert bound_again(A, DenseWeights(W), 2, bound.grounds) == pytest.approx(bound.value, rel=1e-12)
    assert spread(A, W, 2, bound.grounds) == pytest.approx(bound.value, rel=1e-9)


def test_it_is_of_these_rows_and_columns_alone():
    A, W, bound = found("repeated")
    assert bound.grounds is not None
    with pytest.raises(ValueError, match="are others"):
        bound_again(A[::-1], DenseWeights(W[::-1]), 2, bound.grounds)


@pytest.mark.parametrize("rows", [[0, 0, 1], [2, 1, 0], [-1, 0, 1], [7, 8, 9]])
def test_terms_that_name_a_row_twice_or_none_prove_nothing(rows: list[int]):
    """A row that is counted once and bounded twice would prove what is not so."""
    A = np.random.default_rng(0).standard_normal((9, 6))
    roots = np.full(3, 0.7)
    term = Term(np.array(rows), np.array([1, 3, 5]), roots, roots)
    with pytest.raises(ValueError, match="different rows and columns of 9×6"):
        guarded_bound(A, np.ones(A.shape), 1, [term], [np.zeros((3, 3))])


@given(name=st.sampled_from(NAMES), shift=st.sampled_from([-1, 1]))
def test_arrays_that_do_not_fit_together_are_refused(name: str, shift: int):
    arrays = packed({0: found("mask")[2], 1: ProvenBound("groups", 2.0), 2: found("positive")[2].without_multipliers})
    there = arrays[name]
    arrays[name] = there[:-1] if shift < 0 else np.concatenate([there, there[-1:]])
    with pytest.raises(ValueError):  # noqa: PT011  what does not fit depends on the array
        unpacked(arrays)
