"""A network's layer under its Fisher information, on images in MNIST's format or, where none are named, on the digits.

So one scenario runs for everybody, and with `--set data=DIRECTORY` on the paper's data.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from wlra_dist.inputs.numbers import Rank, Seed
from wlra_dist.instances.fisher import (
    HELD_OUT,
    Batch,
    DigitsFisher,
    Epochs,
    Hidden,
    IdxFisher,
    read_images,
    split_digits,
)
from wlra_dist.instances.instance import Instance, Share
from wlra_dist.instances.mlp import Data, Training


@dataclass(frozen=True)
class FisherLayer:
    """A is inputs×hidden, W = √F.

    Args:
        k: target rank.
        r: the rank that W is claimed to have.
        data: the directory of the images, as `IdxFisher` wants it; scikit-learn's digits if left out.
        hidden: neurons of the hidden layer.
        epochs, batch: of the training; if left out, those of `DigitsFisher` and `IdxFisher`.
        seed: of the network and of the training.
    """

    PATHS: ClassVar = ("data",)
    """The options that a scenario states relative to its own file."""

    k: Rank
    r: Rank = 1
    data: str | None = None
    hidden: Hidden = 128
    epochs: Epochs | None = None
    batch: Batch | None = None
    seed: Seed = 0

    def __post_init__(self) -> None:
        _ = self.layer  # which checks k and r where the size is known

    @property
    def layer(self) -> DigitsFisher | IdxFisher:
        """The instance that this is."""
        usual = DigitsFisher if self.data is None else IdxFisher
        epochs, batch = self.epochs or usual.epochs, self.batch or usual.batch
        if self.data is None:
            return DigitsFisher(self.k, self.r, self.hidden, epochs, batch, self.seed)
        return IdxFisher(self.data, self.k, self.r, self.hidden, epochs, batch, self.seed)

    @property
    def training(self) -> Training:
        """How the network is trained."""
        return Training(self.hidden, self.layer.epochs, self.layer.batch, self.seed)

    def open(self, share: Share) -> Instance:
        """InputError if scikit-learn is missing, or the files are missing, damaged, or too small for k and r."""
        return self.layer.open(share)

    def images(self) -> tuple[Data, Data]:
        """The images that the network is trained on, and those that it is tested on."""
        if self.data is None:
            return split_digits(np.random.default_rng([self.seed, HELD_OUT]))
        return read_images(Path(self.data), "train"), read_images(Path(self.data), "t10k")
