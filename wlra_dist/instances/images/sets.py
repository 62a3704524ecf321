"""The four data sets of Woodruff & Yasuda's Table 1: sizes, where their files are below a directory, and how read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.files.norb import BYTES, INTEGERS, read_norb
from wlra_dist.instances.files.tiles import read_archive, read_folders
from wlra_dist.instances.fisher import BYTE_WHITE, HELD_OUT, chosen, read_images
from wlra_dist.instances.images.drawn import TESTED, Drawing
from wlra_dist.instances.mlp import Data

Parts = tuple[Data, Data]
"""Images to learn from, and to be tested on."""

NORB = {
    "training": "smallnorb-5x46789x9x18x6x2x96x96-training",
    "testing": "smallnorb-5x01235x9x18x6x2x96x96-testing",
}
"""How the names of its files begin; -dat.mat and -cat.mat follow."""

HISTOLOGY, TISSUES = "Kather_texture_2016_image_tiles_5000", 8
"""The folder that its archive unpacks to, and the folders in it: 01_TUMOR … 08_EMPTY."""


@dataclass(frozen=True)
class ImageSet:
    """A data set.

    Attributes:
        shape: height, width, channels.
        neurons: of the hidden layer.
        classes: labels are from 0 to below this.
        read: the images in a folder.
        layout: what that folder holds, in words.
        drawing: of its stand-in.
        epochs, batch: of the training.
    """

    shape: tuple[int, int, int]
    neurons: int
    classes: int
    read: Callable[[Path], Parts]
    layout: str
    drawing: Drawing
    epochs: int
    batch: int

    @property
    def pixels(self) -> int:
        """The network's inputs."""
        return int(np.prod(self.shape))

    def images(self, name: str, data: str | None, seed: int, most: int | None = None) -> Parts:
        """Those below a directory, in the folder of the set's name; drawn ones without a directory.

        InputError if they are missing, damaged, or another set's.
        """
        if data is None:
            return self.drawing.at_most(most).draw(seed)
        folder = Path(data) / name
        if not folder.is_dir():
            raise InputError(self.missing(folder))
        learning, test = self.fit(folder, self.read(folder))
        return (learning.first(most), test.first(most // TESTED)) if most else (learning, test)

    def missing(self, folder: Path) -> str:
        """What is said where there is no such folder."""
        return f"expected the folder {folder} with {self.layout}; found none"

    def fit(self, folder: Path, parts: Parts) -> Parts:
        """The parts; InputError for images of another size, or labels that the set does not have."""
        for part in parts:
            if part.images.shape[1] != self.pixels:
                raise InputError(f"{folder}: expected images of {self.shape}, found {part.images.shape[1]} numbers")
            if not len(part.labels) or not 0 <= part.labels.min() <= part.labels.max() < self.classes:
                labels = sorted(set(part.labels.tolist()))[:: max(1, len(part.labels) - 1)]
                raise InputError(f"{folder}: expected labels from 0 to {self.classes - 1}, found {labels}")
        return parts


def read_mnist(folder: Path) -> Parts:
    """The four IDX files of MNIST and of its like."""
    return read_images(folder, "train"), read_images(folder, "t10k")


def read_smallnorb(folder: Path) -> Parts:
    """The first camera's images."""
    learning, test = (_norb_part(folder, start) for start in NORB.values())
    return learning, test


def _norb_part(folder: Path, start: str) -> Data:
    pairs, labels = (
        read_norb(folder / f"{start}-{what}.mat", *kind) for what, kind in (("dat", (BYTES, 4)), ("cat", (INTEGERS, 1)))
    )
    if len(pairs) != len(labels):
        raise InputError(f"{folder} has {len(pairs)} pairs of images but {len(labels)} labels: fetch them anew")
    return Data(np.ascontiguousarray(pairs[:, 0]).reshape(len(pairs), -1), labels, BYTE_WHITE)


def read_histology(folder: Path) -> Parts:
    """Its images by tissue, in folders or in one .npz; one in five is for the test, always the same ones."""
    shape = DATASETS["colorectal_histology"].shape
    images, labels = _tiles(folder, shape)
    data = Data(images.reshape(len(images), -1), labels, BYTE_WHITE)
    test, learning = np.split(np.random.default_rng(HELD_OUT).permutation(len(labels)), [len(labels) // HELD_OUT])
    return chosen(data, learning), chosen(data, test)


def _tiles(folder: Path, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    archive, unpacked = folder / "colorectal_histology.npz", folder / HISTOLOGY
    if archive.is_file():
        return read_archive(archive, shape)
    home = unpacked if unpacked.is_dir() else folder
    tissues = sorted(path for path in home.iterdir() if path.is_dir())
    if len(tissues) != TISSUES:
        layout = DATASETS["colorectal_histology"].layout
        raise InputError(f"expected in {folder} {layout}; found {len(tissues)} folders in {home}")
    return read_folders(tissues, shape)


IDX = "{train,t10k}-images-idx3-ubyte and {train,t10k}-labels-idx1-ubyte, plain or with .gz"

DATASETS: dict[str, ImageSet] = {
    "mnist": ImageSet(
        (28, 28, 1), 128, 10, read_mnist, IDX, Drawing((28, 28, 1), 10, -0.25, 10, 0.3, 10_000, 2000), 3, 128
    ),
    "fashion_mnist": ImageSet(
        (28, 28, 1), 128, 10, read_mnist, IDX, Drawing((28, 28, 1), 10, -0.1, 24, 0.3, 10_000, 2000), 3, 128
    ),
    "smallnorb": ImageSet(
        (96, 96, 1), 1024, 5, read_smallnorb,
        " and ".join(f"{start}-{{dat,cat}}.mat" for start in NORB.values()) + ", plain or with .gz",
        Drawing((96, 96, 1), 5, 0.6, 16, 0.3, 4000, 1000), 2, 128,
    ),
    "colorectal_histology": ImageSet(
        (150, 150, 3), 1024, 8, read_histology,
        f"{HISTOLOGY}/ (or itself) with the folders 01_TUMOR … 08_EMPTY of 150×150 colour images, "
        "or colorectal_histology.npz with images (N×150×150×3 bytes) and labels (0 … 7)",
        Drawing((150, 150, 3), 8, 0.6, 16, 0.3, 2000, 500), 2, 128,
    ),
}  # fmt: skip
"""By the names of tensorflow_datasets, as the paper has them."""
