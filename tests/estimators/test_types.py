"""Estimators take what scikit-learn takes, tensors and short floats beside it; no integer loses a digit."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from tests.inputs.test_given import DIALECTS, SMALL
from wlra_dist.estimators import WeightedColumnSelector, WeightedLowRank

DENSE = [dialect for dialect in DIALECTS if not dialect.startswith("sparse")]


@pytest.mark.parametrize("dialect", DENSE)
def test_any_type_is_fitted(dialect: str, tmp_path: Any) -> None:
    X: Any = DIALECTS[dialect](SMALL, tmp_path)
    if isinstance(X, np.matrix):
        X = np.asarray(X)  # scikit-learn refuses np.matrix by name
    if dialect.startswith("frame"):
        X.columns = [f"column {j}" for j in range(X.shape[1])]
    expected = WeightedLowRank().fit(SMALL.astype(float), weights=SMALL.astype(float))
    assert WeightedLowRank().fit(X, weights=X).loss_ == pytest.approx(expected.loss_, abs=1e-4)  # 0: W is sparse
    chosen = WeightedColumnSelector(3, weights=X).fit(X).columns_
    assert np.array_equal(chosen, WeightedColumnSelector(3, weights=SMALL).fit(SMALL.astype(float)).columns_)


@pytest.mark.parametrize("dialect", [dialect for dialect in DIALECTS if dialect.startswith("sparse")])
def test_the_selector_takes_sparse_features(dialect: str, tmp_path: Any) -> None:
    chosen = WeightedColumnSelector(3).fit(DIALECTS[dialect](SMALL, tmp_path)).columns_
    assert np.array_equal(chosen, WeightedColumnSelector(3).fit(sparse.csc_array(SMALL)).columns_)


@pytest.mark.parametrize("estimator", [WeightedLowRank, WeightedColumnSelector])
@pytest.mark.parametrize("k", [True, 2.0, "2"])
def test_what_is_no_rank_is_refused(estimator: Any, k: Any) -> None:
    with pytest.raises(ValueError, match="expected k as an integer"):
        estimator(k).fit(SMALL)


@pytest.mark.parametrize("estimator", [WeightedLowRank, WeightedColumnSelector])
@pytest.mark.parametrize(("X", "words"), [(SMALL + 2**53, "float64 holds exactly"), (SMALL + 0j, "Complex data")])
def test_numbers_that_would_change_are_refused(estimator: Any, X: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        estimator().fit(X)
