"""A multilayer perceptron with one hidden layer, its training, and the Fisher information of that layer.

x ↦ softmax(relu(x A + a) C + c) under cross entropy, trained by Adam (Kingma & Ba, 2015). Everything follows
from the seed on one machine; on another, sums round differently and training amplifies that, so it is done
once and shared. Images stay bytes and become numbers batch by batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.blocks import runs

FISHER_BATCH, FISHER_PIXELS = 4096, 2**26
"""Images whose squared gradients are in memory at a time, and all their pixels; at most."""

CACHED = 2**15
"""Parameters that are changed together: with their moments and what is computed of them, half a megabyte."""


@dataclass(frozen=True, eq=False)
class Data:
    """images (N×n, bytes), labels (N), the value of a white pixel, and an image's rows and columns if known."""

    images: np.ndarray
    labels: np.ndarray
    white: int
    grid: tuple[int, int] | None = None

    def batch(self, chosen: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
        """Inputs in [0, 1] and labels of these images."""
        return self.images[chosen].astype(np.float32) / np.float32(self.white), self.labels[chosen]

    def first(self, count: int) -> "Data":
        """So many of them, or all."""
        return Data(self.images[:count], self.labels[:count], self.white)

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All images in order, as many at a time as there is room for."""
        for images in runs(len(self.labels), 1, max(1, min(FISHER_BATCH, FISHER_PIXELS // self.images.shape[1]))):
            yield self.batch(images)


@dataclass(frozen=True)
class Training:
    """How to train. Rates and decays are those of Kingma & Ba's Algorithm 1."""

    hidden: int
    epochs: int
    batch: int
    seed: int
    rate: float = 0.001
    decays: tuple[float, float] = (0.9, 0.999)


@dataclass(frozen=True, eq=False)
class Network:
    """Hidden layer A (n×hidden) and a, output layer C (hidden×classes) and c."""

    A: np.ndarray
    a: np.ndarray
    C: np.ndarray
    c: np.ndarray

    @property
    def parameters(self) -> tuple[np.ndarray, ...]:
        return self.A, self.a, self.C, self.c

    def hidden(self, x: np.ndarray) -> np.ndarray:
        return np.maximum(x @ self.A + self.a, 0)

    def logits(self, x: np.ndarray) -> np.ndarray:
        return self.hidden(x) @ self.C + self.c


def initial(n: int, hidden: int, classes: int, rng: np.random.Generator) -> Network:
    """Gaussian weights of variance 2/inputs (He et al., 2015), zero biases; float32."""
    A = rng.standard_normal((n, hidden), dtype=np.float32) * np.float32(np.sqrt(2 / n))
    C = rng.standard_normal((hidden, classes), dtype=np.float32) * np.float32(np.sqrt(2 / hidden))
    return Network(A, np.zeros(hidden, np.float32), C, np.zeros(classes, np.float32))


def train(data: Data, training: Training) -> Network:
    """Minimises the cross entropy on `data` in so many epochs."""
    rng = np.random.default_rng(training.seed)
    network = initial(data.images.shape[1], training.hidden, int(data.labels.max()) + 1, rng)
    moments = [(np.zeros_like(parameter), np.zeros_like(parameter)) for parameter in network.parameters]
    step = 0
    for _ in range(training.epochs):
        order = rng.permutation(len(data.labels))
        for start in range(0, len(order), training.batch):
            step += 1
            gradients = gradient(network, *data.batch(order[start : start + training.batch]))
            for parameter, slope, (mean, square) in zip(network.parameters, gradients, moments, strict=True):
                descend(parameter, slope, mean, square, step, training)
    return network


def descend(
    parameter: np.ndarray,
    slope: np.ndarray,
    mean: np.ndarray,
    square: np.ndarray,
    step: int,
    training: Training,
) -> None:
    """One step of Adam on one parameter and its two moments, all in place, piece by piece: each fits the cache."""
    first, second = training.decays
    for piece in runs(len(parameter), parameter[0].size, CACHED):
        m, v, g = mean[piece], square[piece], slope[piece]
        m += (1 - first) * (g - m)
        v += (1 - second) * (g**2 - v)
        scale = np.sqrt(v / (1 - second**step)) + np.finfo(parameter.dtype).eps
        parameter[piece] -= training.rate / (1 - first**step) * m / scale


def gradient(network: Network, x: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, ...]:
    """The mean loss's gradient by A, a, C, c on a batch."""
    hidden = network.hidden(x)
    inner, outer = sensitivities(network, hidden, labels)
    N = len(labels)
    return x.T @ inner / N, inner.mean(axis=0), hidden.T @ outer / N, outer.mean(axis=0)


def sensitivities(network: Network, hidden: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each image's ∂L by the hidden layer's input (N×hidden) and by the logits (N×classes)."""
    outer = softmax(hidden @ network.C + network.c)
    outer[np.arange(len(labels)), labels] -= 1
    return (outer @ network.C.T) * (hidden > 0), outer


def softmax(logits: np.ndarray) -> np.ndarray:
    # the largest logit is taken out first, or exp would overflow
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def accuracy(network: Network, data: Data) -> float:
    """The share of images whose largest logit is the label's."""
    right = 0
    for x, labels in data.batches():
        right += np.count_nonzero(network.logits(x).argmax(axis=1) == labels)
    return right / len(data.labels)


def fisher(network: Network, data: Data) -> np.ndarray:
    """F_ij = mean over the images of (∂L/∂A_ij)², n×hidden in float64 (Woodruff & Yasuda, section 4.1).

    One image's gradient is the outer product x δᵀ, so its squares are x² (δ²)ᵀ and their sum is a single
    matrix product. Float64, since the squares of a confident network's δ leave the range of float32.
    """
    F = np.zeros(network.A.shape)
    for x, labels in data.batches():
        inner, _ = sensitivities(network, network.hidden(x), labels)
        F += np.square(x, dtype=float).T @ np.square(inner, dtype=float)
    return F / len(data.labels)
