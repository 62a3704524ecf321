"""Gradients and Fisher information against definitions spelt out image by image."""

import numpy as np
import pytest

import wlra_dist as wd
from wlra_dist.instances.mlp import Data, Network, Training, accuracy, fisher, gradient, initial, softmax, train

STEP = np.finfo(float).eps ** (1 / 3)
"""The best step of a central difference."""


@pytest.fixture
def network() -> Network:
    """5-4-3, in float64 for the difference quotients."""
    parameters = initial(5, 4, 3, np.random.default_rng(1)).parameters
    return Network(*(parameter.astype(float) for parameter in parameters))


@pytest.fixture
def data() -> Data:
    rng = np.random.default_rng(2)
    return Data(rng.integers(0, 17, (12, 5), dtype=np.uint8), rng.integers(0, 3, 12), white=16)


def loss(network: Network, x: np.ndarray, labels: np.ndarray) -> float:
    return float(-np.log(softmax(network.logits(x))[np.arange(len(labels)), labels]).mean())


def slope(network: Network, at: tuple[int, ...], parameter: int, x: np.ndarray, labels: np.ndarray) -> float:
    losses = []
    for step in (STEP, -STEP):
        moved = [each.copy() for each in network.parameters]
        moved[parameter][at] += step
        losses.append(loss(Network(*moved), x, labels))
    return (losses[0] - losses[1]) / (2 * STEP)


@pytest.mark.parametrize("parameter", range(4))
def test_gradient_is_the_difference_quotient(network: Network, data: Data, parameter: int) -> None:
    x, labels = data.batch(slice(None))
    expected = gradient(network, x.astype(float), labels)[parameter]
    for at in np.ndindex(expected.shape):
        assert slope(network, at, parameter, x.astype(float), labels) == pytest.approx(expected[at], abs=STEP)


def test_fisher_is_the_mean_of_squared_gradients(network: Network, data: Data) -> None:
    squares = [gradient(network, *data.batch(slice(i, i + 1)))[0] ** 2 for i in range(len(data.labels))]
    np.testing.assert_allclose(fisher(network, data), np.mean(squares, axis=0), rtol=1e3 * STEP**2)


def test_the_face_gives_the_fisher_information_of_the_layer(network: Network, data: Data) -> None:
    np.testing.assert_array_equal(wd.fisher(network, data)["A"], fisher(network, data))


def test_a_dark_pixel_has_no_information(network: Network, data: Data) -> None:
    data.images[:, 2] = 0
    F = fisher(network, data)
    assert not F[2].any()
    assert F[[0, 1, 3, 4]].any(axis=1).all()


def test_softmax_survives_large_logits() -> None:
    np.testing.assert_array_equal(softmax(np.array([[1e4, 0.0], [-1e4, -1e4]])), [[1, 0], [0.5, 0.5]])


def test_training_learns_and_follows_from_the_seed() -> None:
    """Two images that differ in one pixel."""
    images = np.zeros((64, 6), dtype=np.uint8)
    images[::2, 3] = 255
    data = Data(images, np.arange(64) % 2, white=255)
    first, second = (train(data, Training(hidden=8, epochs=60, batch=16, seed=3)) for _ in range(2))
    assert accuracy(first, data) == 1
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(first.parameters, second.parameters, strict=True))
