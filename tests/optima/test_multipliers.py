"""The dual's slope is a supergradient; its climb ends near OPT where theory says so; what is certified is below OPT."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.optima.weighted_als import als_loss
from wlra_dist.linalg.spectral.spectrum import tail_energy
from wlra_dist.optima.bicliques import cover, shared_out
from wlra_dist.optima.climb import climbed
from wlra_dist.optima.guarded import guarded_bound, guarded_tail
from wlra_dist.optima.multipliers import Dual, truncated
from wlra_dist.optima.proof import Core, Proof, core_of, proved
from wlra_dist.optima.terms import Term, TermPlan, covered, terms_under
from wlra_dist.weights import DenseWeights

seeds = st.integers(0, 2**32 - 1)
WORK = 2**33
PLAN = TermPlan()


def layer(n: int, d: int, k: int, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Rank k and noise."""
    return rng.standard_normal((n, k)) @ rng.standard_normal((k, d)) + noise * rng.standard_normal((n, d))


def proof_of(A: np.ndarray, W: np.ndarray, k: int, plan: TermPlan = PLAN, evaluations: int = 60) -> tuple[Core, Proof]:
    core = core_of(A, DenseWeights(W))
    return core, proved(core, k, plan, evaluations, WORK)


def certified(A: np.ndarray, W: np.ndarray, k: int, plan: TermPlan = PLAN, evaluations: int = 60) -> float:
    core, proof = proof_of(A, W, k, plan, evaluations)
    return core.whole(proof.bound)


def bound_by_the_letter(
    A: np.ndarray, squares: np.ndarray, k: int, terms: list[Term], multipliers: list[np.ndarray]
) -> float:
    """The theorem's sum, term by term with full matrices and SVDs."""
    roots = [np.zeros(A.shape) for _ in terms]
    R = [np.zeros(A.shape) for _ in terms]
    for term, root, whole, own in zip(terms, roots, R, multipliers, strict=True):
        here = np.ix_(term.rows, term.columns)
        root[here], whole[here] = np.outer(term.root_p, term.root_q), own
    M = sum(root * whole for root, whole in zip(roots, R, strict=True))
    E = np.where(squares > 0, M / np.where(squares > 0, squares, 1), 0)
    tails = sum(tail_energy(root * (A - E) + whole, k) for root, whole in zip(roots, R, strict=True))
    return float((squares * E**2).sum() + tails - sum((whole**2).sum() for whole in R))


@pytest.mark.parametrize("holes", [0.0, 0.3])
def test_the_bound_is_the_theorems_sum(holes: float):
    rng = np.random.default_rng(0)
    W = rng.uniform(0.3, 1, (14, 11)) * (rng.random((14, 11)) >= holes)
    A = layer(14, 11, 2, 0.3, rng) * (W > 0)
    terms = terms_under(A, W**2, 2, TermPlan(terms=3, ascent=5))
    dual = Dual.of(A, W**2, 2, terms)
    x = 0.1 * rng.standard_normal(dual.size) * np.concatenate([(batch.roots > 0).ravel() for batch in dual.batches])
    expected = bound_by_the_letter(A, W**2, 2, terms, dual.multipliers(x))
    assert dual.at(x).bound == pytest.approx(expected)
    assert guarded_bound(A, W**2, 2, terms, dual.multipliers(x)) == pytest.approx(max(expected, 0.0), rel=1e-9)
    assert np.array_equal(dual.vector(dual.multipliers(x)), x)


@given(seed=seeds, holes=st.sampled_from([0.0, 0.3]))
def test_no_point_is_above_the_plane_through_another(seed: int, holes: float):
    """The bound is concave and its slope a supergradient."""
    rng = np.random.default_rng(seed)
    W = rng.uniform(0.3, 1, (9, 7)) * (rng.random((9, 7)) >= holes)
    A = layer(9, 7, 2, 0.3, rng) * (W > 0)
    terms = terms_under(A, W**2, 1, TermPlan(terms=2, ascent=5))
    dual = Dual.of(A, W**2, 1, terms)
    real = np.concatenate([(batch.roots > 0).ravel() for batch in dual.batches] or [np.zeros(0)])
    one, other = (rng.standard_normal(dual.size) * real for _ in range(2))
    here = dual.at(one)
    assert dual.at(other).bound <= here.bound + here.slope @ (other - one) + 1e-9 * (1 + abs(here.bound))


@settings(max_examples=60, deadline=None)
@given(n=st.integers(2, 8), d=st.integers(2, 8), k=st.integers(1, 2), seed=seeds, kind=st.integers(0, 5))
def test_no_certified_bound_is_above_a_loss_that_is_reached(n: int, d: int, k: int, seed: int, kind: int):
    rng = np.random.default_rng(seed)
    A = rng.integers(-5, 6, (n, d)).astype(float) if kind % 2 else layer(n, d, k, 0.1, rng)
    W = rng.integers(0 if kind < 3 else 1, 4, (n, d)).astype(float)
    W *= 10.0 ** rng.uniform(-3, 3, (n, 1)) if kind in (2, 5) else 1.0
    W[rng.random(n) < 0.1] = 0
    assert certified(A, W, k, TermPlan(terms=2, ascent=10), 25) <= als_loss(A, W, k, starts=6) * (1 + 1e-7) + 1e-12


@given(n=st.integers(2, 12), d=st.integers(2, 12), k=st.integers(1, 3), seed=seeds)
def test_data_of_rank_k_have_nothing_left(n: int, d: int, k: int, seed: int):
    rng = np.random.default_rng(seed)
    A, W = layer(n, d, k, 0.0, rng), rng.uniform(0.1, 1, (n, d))
    assert certified(A, W, k) <= 1e-20 * np.square(A).sum()


@given(n=st.integers(3, 12), d=st.integers(3, 12), k=st.integers(1, 2), seed=seeds)
def test_weights_of_rank_one_are_an_svd(n: int, d: int, k: int, seed: int):
    rng = np.random.default_rng(seed)
    A, W = rng.standard_normal((n, d)), np.outer(rng.uniform(0.1, 1, n), rng.uniform(0.1, 1, d))
    assert certified(A, W, k) == pytest.approx(tail_energy(W * A, k), rel=1e-6)


@pytest.mark.parametrize("share", [0.95, 0.8])
def test_a_mask_over_low_rank_and_noise_is_nearly_solved(share: float):
    rng = np.random.default_rng(2)
    A, W = layer(40, 30, 2, 0.1, rng), (rng.random((40, 30)) < share).astype(float)
    reached = als_loss(A, W, 2, starts=2, steps=300)
    assert 0.97 * reached <= certified(A, W, 2) <= reached


def test_positive_weights_over_low_rank_and_noise_are_solved():
    rng = np.random.default_rng(3)
    W = np.exp(rng.standard_normal((60, 8)) / 3) @ np.exp(rng.standard_normal((8, 40)) / 3)
    A = layer(60, 40, 3, 0.1, rng)
    reached = als_loss(A, W, 3, starts=2, steps=2000)
    assert (1 - 1e-3) * reached <= certified(A, W, 3, evaluations=200) <= reached


def test_equal_rows_and_columns_count_as_often_as_they_are_there():
    rng = np.random.default_rng(4)
    A, W = layer(12, 9, 1, 0.2, rng), rng.uniform(0.2, 1, (12, 9))
    rows, columns = rng.integers(0, 12, 40), rng.integers(0, 9, 30)
    core, _ = proof_of(A[rows][:, columns], W[rows][:, columns], 1)
    assert core.A.shape == (len(set(rows.tolist())), len(set(columns.tolist())))
    many = certified(A[rows][:, columns], W[rows][:, columns], 1, evaluations=300)
    assert many == pytest.approx(als_loss(A[rows][:, columns], W[rows][:, columns], 1, steps=300), rel=0.1)
    assert many <= als_loss(A[rows][:, columns], W[rows][:, columns], 1, steps=300)


@given(n=st.integers(1, 9), d=st.integers(1, 9), holes=st.sampled_from([0.0, 0.1, 0.5]), seed=seeds)
def test_terms_are_below_in_rationals(n: int, d: int, holes: float, seed: int):
    rng = np.random.default_rng(seed)
    W = rng.uniform(0.1, 1, (n, d)) * (rng.random((n, d)) >= holes)
    A = rng.standard_normal((n, d)) * (W > 0)
    total = [[Fraction(0)] * d for _ in range(n)]
    for term in terms_under(A, W**2, 1, TermPlan(terms=2, ascent=5)):
        for i, p in zip(term.rows, term.root_p, strict=True):
            for j, q in zip(term.columns, term.root_q, strict=True):
                total[i][j] += (Fraction(p) * Fraction(q)) ** 2
    assert all(total[i][j] <= Fraction(W[i, j]) ** 2 for i in range(n) for j in range(d))


def test_terms_that_are_too_large_prove_nothing():
    A, squares = np.eye(4), np.full((4, 4), 0.25)
    every = np.arange(4)
    large = Term(every, every, np.full(4, 0.75), np.full(4, 0.75))
    assert covered([large], (4, 4)).max() > 0.25
    assert guarded_bound(A, squares, 1, [large], [np.zeros((4, 4))]) == 0
    assert guarded_bound(A, squares, 1, [large._replace(root_p=np.full(4, 0.5))], [np.zeros((4, 4))]) > 0


@given(a=st.integers(1, 9), b=st.integers(1, 9), k=st.integers(1, 4), seed=seeds, power=st.integers(-40, 40))
def test_the_guarded_tail_is_just_below_the_tail(a: int, b: int, k: int, seed: int, power: int):
    Y = np.ldexp(np.random.default_rng(seed).integers(-9, 10, (a, b)).astype(float), power)
    tail = float(np.square(np.linalg.svd(Y, compute_uv=False)[k:]).sum())
    slack = 1e-12 * float(np.square(Y).sum())
    least = (1 - 1e-7) * tail - 1e-12 * np.sqrt(tail * np.square(Y).sum()) - slack
    assert least <= guarded_tail(Y, k) <= tail
    top, left = truncated(Y[None] if a >= b else Y.T[None], k)
    assert left[0] == pytest.approx(tail, abs=100 * slack)
    assert np.square((Y if a >= b else Y.T) - top[0]).sum() == pytest.approx(left[0], abs=100 * slack)


def test_an_svd_that_lies_is_seen_through(monkeypatch: pytest.MonkeyPatch):
    """Whatever U, Σ and V an SVD hands out, the tail that is certified is none above the true one."""
    rng = np.random.default_rng(0)
    Y, honest = rng.standard_normal((9, 2)) @ rng.standard_normal((2, 6)), np.linalg.svd
    Y += 1e-7 * rng.standard_normal((9, 6))  # a tail that Gram matrices do not show
    tail = guarded_tail(Y, 2)

    for of_U, of_values in ((1.001, 1.0), (1.0, 1.001)):
        stretches = np.array([of_U, of_values, 1.0])

        def lies(M: np.ndarray, full_matrices: bool, stretches: np.ndarray = stretches) -> list[np.ndarray]:
            return [part * s for part, s in zip(honest(M, full_matrices=full_matrices), stretches, strict=True)]

        monkeypatch.setattr(np.linalg, "svd", lies)
        assert guarded_tail(Y, 2) < tail


def test_an_eigendecomposition_that_lies_is_seen_through(monkeypatch: pytest.MonkeyPatch):
    """The SVD takes over where the eigenvectors or the eigenvalues are not what they should be."""
    Y, honest = np.random.default_rng(0).standard_normal((9, 6)), np.linalg.eigh
    tail = float(np.square(np.linalg.svd(Y, compute_uv=False)[2:]).sum())
    for of_values, of_vectors in ((0.999, 1.0), (1.0, 0.999)):
        stretches = np.array([of_values, of_vectors])

        def lies(M: np.ndarray, stretches: np.ndarray = stretches) -> list[np.ndarray]:
            return [part * s for part, s in zip(honest(M), stretches, strict=True)]

        monkeypatch.setattr(np.linalg, "eigh", lies)
        assert guarded_tail(Y, 2) <= tail


@given(n=st.integers(1, 12), d=st.integers(1, 12), k=st.integers(1, 3), share=st.floats(0.2, 1), seed=seeds)
def test_bicliques_are_in_the_support_and_share_it(n: int, d: int, k: int, share: float, seed: int):
    support = np.random.default_rng(seed).random((n, d)) < share
    found = cover(support, k, 2, 8)
    total = np.zeros((n, d))
    for (rows, columns), part in zip(found, shared_out((n, d), found), strict=True):
        assert support[np.ix_(rows, columns)].all()
        assert min(len(rows), len(columns)) > k
        assert part > 0
        total[np.ix_(rows, columns)] += part
    assert total.max(initial=0.0) <= 1 + 1e-12
    assert not total[~support].any()


def test_a_full_support_is_one_biclique():
    (found,) = cover(np.ones((6, 5), dtype=bool), 2, 1, 8)
    assert [len(side) for side in found] == [6, 5]


def test_the_climb_finds_the_top_of_a_parabola_and_counts():
    rng = np.random.default_rng(0)
    top, curvatures = rng.standard_normal(30), rng.uniform(0.1, 10, 30)
    asked = []

    def at(x: np.ndarray) -> tuple[float, np.ndarray]:
        asked.append(x)
        return -float(curvatures @ (x - top) ** 2) / 2, -curvatures * (x - top)

    found = climbed(at, np.zeros(30), 200)
    assert found.x == pytest.approx(top, abs=1e-6)
    assert found.evaluations == len(asked) < 120
    asked.clear()
    assert climbed(at, np.zeros(30), 7).evaluations == len(asked) == 7
    assert climbed(at, np.zeros(30), 200, enough=lambda _, height: height > -1).height >= -1
    assert climbed(at, top, 200).evaluations == 1
