"""The transformer: scikit-learn's own checks, and the weighted least squares that it promises."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.decomposition import TruncatedSVD
from sklearn.utils.estimator_checks import parametrize_with_checks

from wlra_dist.estimators import WeightedLowRank


@parametrize_with_checks([WeightedLowRank(k=2)])
def test_scikit_learn_is_content(estimator: WeightedLowRank, check: Any):
    options = estimator.get_params()
    check(estimator)  # raises where the estimator is not as it should be
    assert estimator.get_params() == options


def data(n: int = 60, d: int = 20, k: int = 3, seed: int = 0) -> tuple[np.random.Generator, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng, rng.standard_normal((n, k)) @ rng.standard_normal((k, d)) + 0.1 * rng.standard_normal((n, d))


def test_equal_weights_are_a_truncated_svd():
    X = data()[1]
    ours = WeightedLowRank(3, "svd", options={"svd": "exact"}).fit(X)
    theirs = TruncatedSVD(3, algorithm="arpack", random_state=0).fit(X)
    theirs_components: Any = theirs.components_
    assert np.allclose(ours.components_.T @ ours.components_, theirs_components.T @ theirs_components)
    assert np.allclose(ours.inverse_transform(ours.transform(X)), theirs.inverse_transform(theirs.transform(X)))


def test_missing_entries_are_filled_in():
    rng, X = data(200, 30)
    missing = rng.random(X.shape) < 0.3
    holed = np.where(missing, 1e3, X)
    model = WeightedLowRank(3, options={"iterations": 30}, random_state=0)
    U = model.fit_transform(holed, weights=(~missing).astype(float))
    filled = model.inverse_transform(U)
    assert np.sqrt(np.mean((filled - X)[missing] ** 2)) < 0.2
    assert model.loss_ == pytest.approx(np.sum((filled - X)[~missing] ** 2), rel=1e-2)


def test_a_transform_is_the_weighted_least_squares_solution_of_each_row():
    rng, X = data()
    W = rng.random(X.shape) * (rng.random(X.shape) < 0.8)
    model = WeightedLowRank(3, random_state=0).fit(X, weights=W)
    U = model.transform(X, W)
    for i in range(len(X)):
        expected = np.linalg.lstsq((W[i] * model.components_).T, W[i] * X[i], rcond=None)[0]
        assert np.allclose(U[i], expected)
    none = model.transform(X, np.zeros(X.shape))
    assert not none.any()


@pytest.mark.parametrize("junk", [np.nan, -np.inf, 1e300, -9999.0])
def test_what_stands_where_the_weight_is_0_means_nothing(junk: float):
    rng, X = data()
    W = rng.random(X.shape) * (rng.random(X.shape) < 0.8)
    hidden = W == 0
    usual = WeightedLowRank(3, random_state=0).fit(np.where(hidden, 0, X), weights=W)
    ours = WeightedLowRank(3, random_state=0).fit(np.where(hidden, junk, X), weights=W)
    masked = WeightedLowRank(3, random_state=0).fit(
        np.ma.masked_array(np.where(hidden, junk, X), hidden), weights=W + 1
    )
    assert np.array_equal(ours.components_, usual.components_)
    assert ours.loss_ == usual.loss_
    assert np.array_equal(ours.transform(np.where(hidden, junk, X), W), usual.transform(X, W))
    assert np.array_equal(
        usual.transform(np.ma.masked_array(np.where(hidden, junk, X), hidden)), usual.transform(X, ~hidden)
    )
    same = WeightedLowRank(3, random_state=0).fit(X, weights=(W + 1) * ~hidden)
    assert np.array_equal(masked.components_, same.components_)


def test_nan_where_something_counts_is_refused_by_place():
    X = data()[1]
    model = WeightedLowRank(3).fit(X)
    X[5, 2] = np.nan
    for act in (model.fit, model.transform):
        with pytest.raises(ValueError, match="found nan in row 5, column 2"):
            act(X)


@pytest.mark.parametrize("faint", [1e-4, 1e-7, 1e-9, 1e-12])
def test_ill_conditioned_rows_are_fitted_as_well_as_lstsq_fits_them(faint: float):
    """k − 1 entries of weight 1 and faint others: normal equations would square what tells the last direction."""
    rng, X = data(40, 8)
    model = WeightedLowRank(3, random_state=0).fit(X)
    W = np.where(rng.permuted(np.tile(np.arange(8) < 2, (40, 1)), axis=1), 1.0, faint * rng.random((40, 8)))
    U = model.transform(X, W)
    for weights, row, found in zip(W, X, U, strict=True):
        M, b = (weights * model.components_).T, weights * row
        best = np.linalg.lstsq(M, b, rcond=None)[0]
        assert np.linalg.norm(M @ found - b) <= np.linalg.norm(M @ best - b) + 1e-14 * np.linalg.norm(b)
        assert np.allclose(found, best, rtol=0, atol=1e-14 / faint * np.abs(best).max())


def test_rows_that_share_their_weights_are_fitted_together():
    rng, X = data()
    w = rng.random(20) * (rng.random(20) < 0.8)
    model = WeightedLowRank(3, random_state=0).fit(X, weights=w)
    full = model.transform(X, np.tile(w, (60, 1)))
    assert np.allclose(model.transform(X, w), full, rtol=1e-10)
    assert np.array_equal(model.transform(X, w[None]), model.transform(X, w * 2.0**-600))


def test_a_sample_weight_says_how_often_a_sample_counts():
    rng, X = data()
    often, w = rng.integers(0, 4, len(X)), rng.uniform(0.1, 2, X.shape[1])
    options = {"iterations": 60}  # so far that the start is forgotten
    repeated = WeightedLowRank(3, options=options).fit(np.repeat(X, often, axis=0), weights=w)
    weighted = WeightedLowRank(3, options=options).fit(X, weights=w, sample_weight=often)
    assert weighted.loss_ == pytest.approx(repeated.loss_, rel=1e-9)
    assert np.allclose(weighted.components_, repeated.components_, atol=1e-6)


@pytest.mark.parametrize("shape", [(60, 20), (20, 20)])
def test_weights_of_samples_and_of_features_multiply(shape: tuple[int, int]):
    rng, X = data(*shape)
    s, w, W = rng.random(len(X)), rng.random(X.shape[1]), rng.random(X.shape)
    root = np.sqrt(s)[:, None]
    for given, full in [
        ({"weights": root}, np.broadcast_to(root, X.shape)),
        ({"sample_weight": s}, np.broadcast_to(root, X.shape)),
        ({"sample_weight": s[:, None], "weights": w}, root * w),
        ({"sample_weight": s, "weights": w[None]}, root * w),
        ({"sample_weight": s, "weights": W}, root * W),
        ({"weights": w}, np.tile(w, (len(X), 1))),
    ]:
        ours, theirs = WeightedLowRank(3).fit(X, **given), WeightedLowRank(3).fit(X, weights=full)
        assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-9)


def test_directions_come_by_what_they_explain():
    X = data()[1]
    U = WeightedLowRank(3, "als").fit(X).transform(X)
    assert np.allclose(U.T @ U, np.diag(np.sort(np.square(U).sum(axis=0))[::-1]), atol=1e-6 * np.square(U).sum())


def test_a_tolerance_chooses_the_rank():
    X = data()[1]
    model = WeightedLowRank(None, rtol=0.2).fit(X)
    assert model.components_.shape == (3, 20)
    assert list(model.get_feature_names_out()) == [f"weightedlowrank{i}" for i in range(3)]


def test_float32_stays_so():
    X = data()[1].astype(np.float32)
    model = WeightedLowRank(3).fit(X)
    assert model.components_.dtype == model.transform(X).dtype == np.float32


@pytest.mark.parametrize(
    ("weights", "method", "words"),
    [
        (np.ones((2, 2)), "svd_w", "weights must be n×d"),
        (np.ones(60), "svd_w", "one for each sample is sample_weight"),
        (np.ones((20, 60)), "svd_w", "weights must be n×d"),
        (-np.ones(20), "svd_w", "at least 0"),
        (None, "reweighted_svd", "no matrix of rank k"),
        (None, "nonsense", "expected one of"),
    ],
)
def test_what_does_not_fit_is_refused(weights: Any, method: str, words: str):
    with pytest.raises(ValueError, match=words):
        WeightedLowRank(3, method).fit(data()[1], weights=weights)


@pytest.mark.parametrize(
    ("sample_weight", "words"),
    [
        (np.ones(20), "one number for each of 60 samples"),
        (np.ones((1, 60)), "one number for each of 60 samples"),
        (-np.ones(60), "sample_weight must be at least 0"),
        (np.zeros(60), "zero throughout"),
        (np.full(60, np.nan), "NaN"),
    ],
)
def test_sample_weights_that_do_not_fit_are_refused(sample_weight: Any, words: str):
    with pytest.raises(ValueError, match=words):
        WeightedLowRank(3).fit(data()[1], sample_weight=sample_weight)


@pytest.mark.parametrize("scale", [2.0**-600, 2.0**-150, 2.0**600])
def test_rows_are_fitted_whatever_the_scale_of_their_weights(scale: float):
    rng, X = data()
    W = rng.uniform(0.1, 1, X.shape)
    model = WeightedLowRank(3, random_state=0).fit(X.astype(np.float32), weights=W)
    assert np.array_equal(model.transform(X, W), model.transform(X, scale * W))


def test_weights_too_small_for_the_samples_type_are_kept():
    rng, X = data()
    X, W = X.astype(np.float32), rng.uniform(0.1, 1, X.shape)
    usual, tiny = (WeightedLowRank(3, random_state=0).fit(X, weights=W * scale) for scale in (1, 2.0**-160))
    assert tiny.loss_ == pytest.approx(usual.loss_ * 2.0**-320, rel=1e-6)


def test_it_says_how_far_from_the_best_it_may_be():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 2)) @ rng.standard_normal((2, 30)) + 0.1 * rng.standard_normal((60, 30))
    fitted = WeightedLowRank(2, random_state=0, options={"iterations": 60}).fit(X, weights=rng.uniform(0.5, 1, X.shape))
    assert 0 <= fitted.optimality_gap_ <= 1e-6
    assert WeightedLowRank(2, random_state=0).fit(X, weights=rng.random(X.shape) < 0.5).optimality_gap_ <= 1
