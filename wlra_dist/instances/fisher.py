"""The hidden layer of a trained network, weighted by its Fisher information (Woodruff & Yasuda, section 4).

The papers' loss ‖W∘(A − Ã)‖_F² is Σ F_ij (A − Ã)_ij² when W = √F entry by entry. A pixel that is always dark
has no gradient: its row of W is zero, and the smallest other entries of F are near 10^-24, so nothing
divides by it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Interval

from wlra_dist.errors import InputError
from wlra_dist.inputs.numbers import Rank, Seed
from wlra_dist.instances.digits import LARGEST_PIXEL, PIXELS, read_digits
from wlra_dist.instances.files.idx import read_idx
from wlra_dist.instances.instance import Columns, Instance, Share, require_ranks
from wlra_dist.instances.mlp import Data, Training, accuracy, fisher, train
from wlra_dist.weights import DenseWeights

HELD_OUT = 5
"""One in so many of the digits is for the test."""

BYTE_WHITE = 255
"""The largest pixel, of a byte."""

Hidden = Annotated[int, Interval(ge=2, le=65_536)]
Epochs = Annotated[int, Interval(ge=1, le=1000)]
Batch = Annotated[int, Interval(ge=1, le=65_536)]


@dataclass(frozen=True)
class DigitsFisher:
    """A network 64-hidden-10 on scikit-learn's digits; A is 64×hidden, W = √F.

    Args:
        k: target rank.
        r: the rank that W is claimed to have.
        hidden: neurons of the hidden layer.
        epochs, batch: of the training.
        seed: of the network, the training's order and the choice of the held-out fifth.
    """

    k: Rank
    r: Rank = 1
    hidden: Hidden = 128
    epochs: Epochs = 40
    batch: Batch = 32
    seed: Seed = 0

    def __post_init__(self) -> None:
        require_ranks(self.k, self.r, PIXELS, self.hidden)

    def open(self, share: Share) -> Instance:
        """InputError if scikit-learn is missing."""
        learned = share(self.learn)
        return layer(learned, self.k, self.r)

    def learn(self) -> dict[str, np.ndarray]:
        training = Training(self.hidden, self.epochs, self.batch, self.seed)
        return learn(*split_digits(np.random.default_rng([self.seed, HELD_OUT])), training)


@dataclass(frozen=True)
class IdxFisher:
    """A network pixels-hidden-classes on images in MNIST's format; A is pixels×hidden, W = √F.

    Args:
        data: the directory that holds {train,t10k}-images-idx3-ubyte and -labels-idx1-ubyte, plain or .gz.
        k: target rank.
        r: the rank that W is claimed to have.
        hidden, epochs, batch: of the network and its training.
        seed: of the network and the training's order.
    """

    PATHS: ClassVar = ("data",)
    """The options that a scenario states relative to its own file."""

    data: str
    k: Rank
    r: Rank = 1
    hidden: Hidden = 128
    epochs: Epochs = 3
    batch: Batch = 128
    seed: Seed = 0

    def open(self, share: Share) -> Instance:
        """InputError if the files are missing or damaged, or too small for k and r."""
        learned = share(self.learn)
        return layer(learned, self.k, self.r)

    def learn(self) -> dict[str, np.ndarray]:
        learning, test = read_images(Path(self.data), "train"), read_images(Path(self.data), "t10k")
        if learning.images.shape[1] != test.images.shape[1] or test.labels.max() > learning.labels.max():
            raise InputError(f"the images or labels of t10k in {self.data} are not of the kind of those of train")
        try:
            require_ranks(self.k, self.r, learning.images.shape[1], self.hidden)
        except ValueError as error:
            raise InputError(f"{error} (pixels and hidden neurons)") from error
        return learn(learning, test, Training(self.hidden, self.epochs, self.batch, self.seed))


def split_digits(rng: np.random.Generator) -> tuple[Data, Data]:
    """The digits for training, and the held-out fifth."""
    digits = read_digits()
    data = Data(digits["images"], digits["labels"], LARGEST_PIXEL)
    order = rng.permutation(len(data.labels))
    test, learning = np.split(order, [len(order) // HELD_OUT])
    return chosen(data, learning), chosen(data, test)


def chosen(data: Data, indices: np.ndarray) -> Data:
    return Data(data.images[indices], data.labels[indices], data.white)


def read_images(folder: Path, part: str) -> Data:
    """Images as rows and their labels; part is "train" or "t10k"."""
    images = read_idx(folder / f"{part}-images-idx3-ubyte", 3)
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte", 1)
    if len(images) != len(labels):
        raise InputError(f"{folder} has {len(images)} {part} images but {len(labels)} labels: fetch them anew")
    return Data(images.reshape(len(images), -1), labels, BYTE_WHITE, (images.shape[1], images.shape[2]))


def learn(learning: Data, test: Data, training: Training) -> dict[str, np.ndarray]:
    """A and F of a network trained on `learning`, and its accuracy on `test`; what is shared."""
    network = train(learning, training)
    return {
        "A": network.A,
        "F": fisher(network, learning),
        "test_accuracy": np.array(accuracy(network, test)),
        "grid": np.array(learning.grid or (), dtype=np.int64),
    }


def layer(learned: dict[str, np.ndarray], k: int, r: int) -> Instance:
    A, F = learned["A"], learned["F"]

    def block(columns: Columns) -> np.ndarray:
        return np.ascontiguousarray(A[:, columns])

    return Instance(
        shape=(A.shape[0], A.shape[1]),
        k=k,
        r=r,
        weights=DenseWeights(np.sqrt(F), claimed_rank=r),
        block=block,
        grid=tuple(learned["grid"].tolist()) or None,
        facts={"test_accuracy": float(learned["test_accuracy"]), **fisher_facts(F)},
    )


def fisher_facts(F: np.ndarray) -> dict[str, float | int]:
    """How close F is to rank one, and how much of it is nothing.

    `fisher_mass` is σ_1²/Σσ², the share of ‖F‖_F² in the first singular value; `fisher_mass_norm` is its root
    σ_1/‖F‖_F.
    """
    squares = squared_singular_values(F)
    mass = float(squares[0] / (squares.sum() or 1.0))
    return {"fisher_mass": mass, "fisher_mass_norm": mass**0.5, "zero_weights": int(np.count_nonzero(F == 0))}


def squared_singular_values(M: np.ndarray) -> np.ndarray:
    """Largest first; from the Gram matrix of the shorter side, so σ below 1e-8 of the first is rounding."""
    G = M.T @ M if M.shape[1] <= M.shape[0] else M @ M.T
    return np.maximum(np.linalg.eigvalsh(G)[::-1], 0.0)
