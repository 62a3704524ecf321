"""Matrices like a layer and its Fisher information, of any size: for the paper's shapes whose data are not at hand.

One image's squared gradient is x² (δ²)ᵀ, so F is a mean of such products. They are much alike within a class of images
and differ between classes: F here is a mean of one product for each class, x_c the pixels and y_c the neurons of
class c. A is what training leaves: the random start, and a few directions over the pixels that are not always dark.
All is made of uniform draws, products and square roots, which come out alike on every machine.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
from annotated_types import Interval

from wlra_dist.inputs.numbers import Noise, Rank, Seed, Size
from wlra_dist.instances.fisher import fisher_facts
from wlra_dist.instances.instance import Columns, Instance, Share, indices, require_ranks
from wlra_dist.instances.noisy_columns import combine
from wlra_dist.instances.streams import Purpose, stream
from wlra_dist.linalg.blocks import runs
from wlra_dist.weights import DenseWeights

DARK = 0.1
"""The share of pixels that are dark in all images."""

MOST_MEASURED = 2**20
"""Entries of F up to which its spectrum is told among the facts."""


@dataclass(frozen=True)
class FisherLike:
    """A and W = √F, n×d, in float32.

    Args:
        n, d: inputs and neurons.
        k: target rank.
        r: the rank that W is claimed to have.
        classes: of images.
        variety: how much these differ, between 0 (F is of rank one) and 1; 0.5 leaves 99.9 % of ‖F‖_F² in the first
            singular value, 1 about 99 %: what the paper saw on its two large data sets.
        directions: that training has moved A in; the b-th has 1/√b of the first one's length.
        noise: the size of the random start, over that of the first direction.
        seed: of A and W.
    """

    n: Size
    d: Size
    k: Rank
    r: Rank = 1
    classes: Annotated[int, Interval(ge=1, le=1000)] = 10
    variety: Annotated[float, Interval(ge=0, le=1)] = 0.5
    directions: Rank = 64
    noise: Noise = 1.0
    seed: Seed = 0

    def __post_init__(self) -> None:
        require_ranks(self.k, self.r, self.n, self.d)

    def open(self, share: Share) -> Instance:  # noqa: ARG002  each process draws its own columns
        W = np.sqrt(self.F)
        measured = fisher_facts(self.F) if W.size <= MOST_MEASURED else {}
        weights = DenseWeights(W, claimed_rank=self.r)
        return Instance((self.n, self.d), self.k, self.r, weights, self.block, facts=measured)

    @cached_property
    def F(self) -> np.ndarray:
        """n×d, float32; its rows of dark pixels are zero."""
        rng = stream(self.seed, Purpose.WEIGHTS)
        pixels = self.profiles(rng, self.brightness.astype(float))
        neurons = self.profiles(rng, np.square(rng.uniform(0.2, 1, self.d)))
        F = np.zeros((self.n, self.d), np.float32)
        for rows in runs(self.n, self.d):
            for x, y in zip(pixels, neurons, strict=True):
                F[rows] += np.multiply.outer(x[rows], y)
        return F

    def profiles(self, rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
        """Mean squares by class (classes×|mean|, float32)."""
        change = rng.uniform(-1, 1, (self.classes, len(mean)))
        return (mean * (1 + self.variety * change)).astype(np.float32)

    @cached_property
    def brightness(self) -> np.ndarray:
        """The mean square of each pixel (n, float32): most are dim, some always dark."""
        draws = stream(self.seed, Purpose.BASE).uniform(-DARK, 1, self.n)
        return np.square(np.maximum(draws, 0) / (1 - DARK)).astype(np.float32)

    @cached_property
    def bases(self) -> np.ndarray:
        """The directions of training (directions×n, float32), zero at dark pixels."""
        rng = stream(self.seed, Purpose.BASE, 1)
        draws = rng.uniform(-1, 1, (self.directions, self.n)) / np.sqrt(np.arange(1, self.directions + 1))[:, None]
        return (draws * (self.brightness > 0)).astype(np.float32)

    def block(self, columns: Columns) -> np.ndarray:
        """These columns of A (float32)."""
        chosen = indices(columns, self.d).tolist()
        block = np.empty((self.n, len(chosen)), np.float32)
        for at, j in enumerate(chosen):
            rng = stream(self.seed, Purpose.COLUMN, j)
            start = self.noise * rng.uniform(-1, 1, self.n)
            block[:, at] = start + combine(self.bases, rng.uniform(-1, 1, self.directions))
        return block
