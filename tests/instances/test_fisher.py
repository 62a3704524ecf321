"""Trained layers and their weights; on MNIST too, where its files are at hand."""

import os
from pathlib import Path

import numpy as np
import pytest

from wlra_dist.errors import InputError
from wlra_dist.instances import DigitsFisher, IdxFisher, alone
from wlra_dist.instances.fisher import fisher_facts, split_digits

CHECKOUT = Path(__file__).parents[2]
MNIST = Path(os.environ.get("WLRA_DIST_MNIST", CHECKOUT.parent / "shared" / "data" / "mnist"))


def test_the_digits_network_generalises() -> None:
    instance = DigitsFisher(k=5, r=2).open(alone)
    assert instance.shape == (64, 128)
    assert instance.facts["test_accuracy"] > 0.95
    assert instance.facts["fisher_mass"] > 0.9
    assert getattr(instance.weights, "claimed_rank", None) == instance.r == 2


def test_pixels_that_are_always_dark_weigh_nothing() -> None:
    data, _ = split_digits(np.random.default_rng([0, 5]))
    W = DigitsFisher(k=5, hidden=32, epochs=2).open(alone).weights.dense(slice(None))
    dark = ~data.images.any(axis=0)
    assert dark.any()
    assert not W[dark].any()
    assert W[~dark].any(axis=1).all()


def test_the_held_out_fifth_is_held_out() -> None:
    learning, test = split_digits(np.random.default_rng(0))
    assert (len(learning.labels), len(test.labels)) == (1438, 359)
    assert np.array_equal(np.sort(np.concatenate([learning.labels, test.labels]))[[0, -1]], [0, 9])


def test_the_mass_of_rank_one_is_one() -> None:
    facts = fisher_facts(np.outer([0.0, 1, 2], [3.0, 4]))
    assert facts["fisher_mass"] == pytest.approx(1)
    assert facts["zero_weights"] == 2
    assert fisher_facts(np.eye(4))["fisher_mass"] == pytest.approx(1 / 4)


def test_ranks_beyond_the_layer_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="less than min"):
        DigitsFisher(k=64)
    with pytest.raises(ValueError, match="at most min"):
        DigitsFisher(k=5, r=65)
    with pytest.raises(InputError, match="train-images-idx3-ubyte"):
        IdxFisher(data=str(tmp_path), k=5).open(alone)


@pytest.mark.skipif(not MNIST.is_dir(), reason="no MNIST: set WLRA_DIST_MNIST to the directory of its IDX files")
def test_mnist_has_the_papers_mass_and_zeros() -> None:
    """Table 2 says 95.4 %; 67 pixels are black in every image."""
    instance = IdxFisher(data=str(MNIST), k=5, epochs=1, batch=256).open(alone)
    W = instance.weights.dense(slice(None))
    assert instance.shape == (784, 128)
    assert instance.facts["test_accuracy"] > 0.9
    assert instance.facts["fisher_mass"] > 0.9
    assert np.count_nonzero(~W.any(axis=1)) == 67
