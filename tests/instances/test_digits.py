"""The digits are scikit-learn's, and their weights mean what they say."""

import numpy as np
import pytest

from wlra_dist.errors import InputError
from wlra_dist.instances import DigitsPixels, alone, digits


def test_the_file_holds_what_the_library_loads() -> None:
    pytest.importorskip("sklearn")
    ours = digits.read_digits()
    table = digits.load_table()
    assert np.array_equal(ours["images"], table[:, :64])
    assert np.array_equal(ours["labels"], table[:, 64])
    assert ours["images"].shape == (1797, 64)


def test_pixels_are_columns_of_images() -> None:
    images = digits.read_digits()["images"]
    instance = DigitsPixels(k=5, images=40).open(alone)
    block = instance.block(slice(10, 20))
    assert isinstance(block, np.ndarray)
    assert np.array_equal(block, images[10:20].T)
    assert images.max() == instance.bound


def test_weights_are_ring_plus_bonus_and_of_rank_two() -> None:
    instance = DigitsPixels(k=5).open(alone)
    W, labels = instance.weights.dense(slice(None)), digits.read_digits()["labels"]
    assert np.linalg.matrix_rank(W) == instance.r == 2
    plain, bonus = W[:, labels == 0][:, 0].reshape(8, 8), W[:, labels == 8][:, 0].reshape(8, 8)
    assert np.array_equal(bonus - plain, np.full((8, 8), 4))
    for ring in range(4):
        assert np.all(plain[ring, ring : 8 - ring] == ring + 1)
    assert np.array_equal(plain, plain.T)
    assert np.array_equal(plain, plain[::-1])


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "find_spec", lambda _: None)
    with pytest.raises(InputError, match="pip install"):
        DigitsPixels(k=5).open(alone)
