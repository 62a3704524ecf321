"""scikit-learn's 1797 handwritten digits, 8×8 pixels of 0 … 16, and the integer game on them."""

import gzip
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Interval

from wlra_dist.errors import InputError
from wlra_dist.inputs.numbers import Rank
from wlra_dist.instances.instance import Columns, Instance, Share, require_ranks
from wlra_dist.weights import LowRankWeights

PIXELS = 64
"""Of an image of 8×8."""
IMAGES = 1797
"""As many as scikit-learn has."""
LARGEST_PIXEL = 16
"""Pixels are whole numbers from 0 to this."""

RING = np.minimum.outer([1, 2, 3, 4, 4, 3, 2, 1], [1, 2, 3, 4, 4, 3, 2, 1]).ravel()
"""Of each pixel, its distance from the border: 1 there, 4 in the middle."""

CONFUSED = (3, 8, 9)
"""The digits that classifiers confuse most often."""

CONFUSED_BONUS = 4
"""Added to the weights of all pixels of their images."""

RANK = 2
"""Of W: a sum of a row's and a column's part."""

Images = Annotated[int, Interval(ge=1, le=IMAGES)]


def read_digits() -> dict[str, np.ndarray]:
    """`images` (1797×64, 0 … 16) and `labels` (1797, 0 … 9) as uint8; InputError without scikit-learn.

    Read from the file inside the package: `import sklearn` would cost each process two seconds.
    """
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        raise InputError('the digits come with scikit-learn, which is missing: pip install "wlra-dist[data]"')
    path = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    table = read_table(path) if path.is_file() else load_table()
    return {"images": table[:, :PIXELS], "labels": table[:, PIXELS]}


def read_table(path: Path) -> np.ndarray:
    """The CSV's rows: 64 pixels and the label."""
    with gzip.open(path, "rt") as lines:
        return np.loadtxt(lines, delimiter=",").astype(np.uint8)


def load_table() -> np.ndarray:
    """The same through the library, for a version that keeps its file elsewhere."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return np.column_stack([images, labels]).astype(np.uint8)


@dataclass(frozen=True)
class DigitsPixels:
    """A = the digits as they are, 64 pixels × images, an integer game under weights of rank 2.

    W_ij = the pixel's ring, counted from the border (1 … 4), plus 4 where image j shows a 3, 8 or 9, the
    digits most often confused: what is in the middle counts more, and so does what is hard to tell apart.

    Args:
        k: target rank.
        images: how many of the 1797 images, from the first.
    """

    k: Rank
    images: Images = IMAGES

    def __post_init__(self) -> None:
        require_ranks(self.k, RANK, PIXELS, self.images)

    def open(self, share: Share) -> Instance:
        """InputError if scikit-learn is missing."""
        digits = share(read_digits)
        A = np.ascontiguousarray(digits["images"][: self.images].T)
        bonus = CONFUSED_BONUS * np.isin(digits["labels"][: self.images], CONFUSED)

        def block(columns: Columns) -> np.ndarray:
            return np.array(A[:, columns], dtype=float, order="C")

        return Instance(
            shape=(PIXELS, self.images),
            k=self.k,
            r=RANK,
            weights=ring_plus(bonus),
            block=block,
            integer=True,
            bound=LARGEST_PIXEL,
            sparsity=int(np.count_nonzero(A, axis=0).max()),
        )


def ring_plus(bonus: np.ndarray) -> LowRankWeights:
    """W_ij = ring of pixel i + bonus of image j."""
    U = np.stack([RING, np.ones(PIXELS)], axis=1)
    V = np.stack([np.ones(len(bonus)), bonus])
    return LowRankWeights(U, V)
