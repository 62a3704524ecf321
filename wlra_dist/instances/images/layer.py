"""A network's layer under its Fisher information, on one of the paper's four data sets or its stand-in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Interval

from wlra_dist.inputs.numbers import Rank, Seed
from wlra_dist.instances.fisher import Batch, Epochs, Hidden, layer, learn
from wlra_dist.instances.images.sets import DATASETS, ImageSet, Parts
from wlra_dist.instances.instance import Instance, Share, require_ranks
from wlra_dist.instances.mlp import Training

SetName = Literal["mnist", "fashion_mnist", "smallnorb", "colorectal_histology"]

RATE, INPUTS = 0.001, 784
"""The usual rate of Adam for so many inputs: a step moves all weights by the rate, and a neuron by their sum."""


@dataclass(frozen=True)
class ImagesFisher:
    """A network pixels-hidden-classes; A is pixels×hidden, W = √F (Woodruff & Yasuda, section 4).

    Args:
        k: target rank.
        images: which set.
        data: a directory that holds a folder of that name; images are drawn if left out.
        r: the rank that W is claimed to have.
        hidden: neurons of the hidden layer; if left out, as in the paper's Table 1.
        epochs, batch: of the training; if left out, the set's own.
        most: learn from so many images at most, and test on a fifth of that.
        seed: of drawn images, of the network and of the training's order.
    """

    PATHS: ClassVar = ("data",)
    """The options that a scenario states relative to its own file."""

    k: Rank
    images: SetName = "mnist"
    data: str | None = None
    r: Rank = 1
    hidden: Hidden | None = None
    epochs: Epochs | None = None
    batch: Batch | None = None
    most: Annotated[int, Interval(ge=10)] | None = None
    seed: Seed = 0

    def __post_init__(self) -> None:
        require_ranks(self.k, self.r, self.set.pixels, self.training.hidden)

    @property
    def set(self) -> ImageSet:
        """What is known of the set."""
        return DATASETS[self.images]

    @property
    def training(self) -> Training:
        """How the network is trained."""
        known = self.set
        rate = RATE * min(1.0, INPUTS / known.pixels)
        sizes = self.hidden or known.neurons, self.epochs or known.epochs, self.batch or known.batch
        return Training(*sizes, self.seed, rate)

    def parts(self) -> Parts:
        """Images to learn from, and to be tested on; InputError if files are missing, damaged, or another set's."""
        return self.set.images(self.images, self.data, self.seed, self.most)

    def files(self) -> list[Path]:
        """Those that the images may be in."""
        return [path for path in self._folder.rglob("*") if path.is_file()] if self.data else []

    @property
    def _folder(self) -> Path:
        return Path(self.data or "") / self.images

    def open(self, share: Share) -> Instance:
        """InputError as of `parts`."""
        return layer(share(self.learn), self.k, self.r)

    def learn(self) -> dict[str, np.ndarray]:
        """A, F and the accuracy of the network."""
        return learn(*self.parts(), self.training)
