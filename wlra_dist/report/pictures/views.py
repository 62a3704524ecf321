"""Matrices as pictures: A, W, what became of A, and the weighted error; of large ones some rows and columns.

The pixels of an image are the rows of some matrices: their columns are images then, and are shown as such.
"""

from math import isqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from wlra_dist.linalg.matrix import dense
from wlra_dist.report.pictures.canvas import titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wlra_dist.instances import Instance
    from wlra_dist.weights.reweighted import ReweightedSolution

MOST, ENTRIES = 240, 1 << 22
"""Rows and columns of a picture at most, and entries of A that are looked at for it."""

COLOURED = 0.995
"""The share of entries whose size the colors tell apart; larger ones have the last color."""

IMAGES = 6
"""Columns that are shown as images."""

OF_PIXELS = ("digits_pixels", "digits_fisher", "idx_fisher")
"""The kinds of instances whose rows are the pixels of square images."""


class Views(NamedTuple):
    """Some rows and columns of A, W and Ã; NaN in A and Ã where W is 0 and there is no entry.

    Attributes:
        of: the shape of all of A.
        side: of the images that columns are, in pixels; 0 if they are none.
        images: some whole columns of A, then those of Ã; of no column where these are no images.
    """

    A: np.ndarray
    W: np.ndarray
    output: np.ndarray
    of: tuple[int, int]
    side: int
    images: tuple[np.ndarray, np.ndarray]


def views(instance: "Instance", solution: "ReweightedSolution", kind: str) -> Views:
    """What is to be seen of a game's input and output."""
    n, d = instance.shape
    columns = _some(d, min(MOST, max(1, ENTRIES // n)))
    rows = _some(n, MOST)
    W = np.asarray(instance.weights.dense(columns))
    A, output = (np.where(W > 0, M, np.nan) for M in (dense(instance.columns(columns)), solution.columns(columns)))
    side = isqrt(n) if kind in OF_PIXELS and isqrt(n) ** 2 == n else 0
    busiest = np.sort(np.argsort(-np.nansum(np.square(W * A), axis=0), kind="stable")[: IMAGES if side else 0])
    return Views(A[rows], W[rows], output[rows], (n, d), side, (A[:, busiest], output[:, busiest]))


def _some(length: int, most: int) -> np.ndarray:
    """Indices from the first to the last, evenly."""
    return np.unique(np.linspace(0, length - 1, min(length, most)).astype(int))


def draw_views(panels: "list[Axes]", seen: Views) -> None:
    """Into four panels: A, Ã in the same colors, W, and the weighted error in the colors of W∘A."""
    n, d = seen.of
    part = "" if seen.A.shape == seen.of else ", thinned"
    _image(panels[0], seen.A, seen.A, f"A, {n:,} × {d:,}{part}")
    _image(panels[1], seen.output, seen.A, "Ã, what became of A")
    _image(panels[2], seen.W, seen.W, "W, where errors count")
    _image(panels[3], seen.W * (seen.A - seen.output), seen.W * seen.A, "W∘(A − Ã), what is lost")


def draw_images(panels: "list[Axes]", seen: Views) -> None:
    """Into two panels: columns of A as images, and below the same ones of Ã."""
    for panel, columns, title in zip(panels, seen.images, ("A: columns as images", "Ã: the same columns"), strict=True):
        tiles = [np.pad(column.reshape(seen.side, seen.side), 1, constant_values=np.nan) for column in columns.T]
        _image(panel, np.hstack(tiles), seen.images[0], title, aspect="equal")


def _image(axes: "Axes", M: np.ndarray, scale: np.ndarray, title: str, aspect: str = "auto") -> None:
    """In colors from 0 up, or to both sides of 0, as far as `scale` goes; grey where there is no entry."""
    from matplotlib import colormaps

    sizes = np.abs(scale[np.isfinite(scale)])
    top = float(np.quantile(sizes, COLOURED)) if sizes.size else 0.0
    top = top or float(sizes.max(initial=0.0)) or 1.0
    signed = bool((scale < 0).any())
    colors = colormaps["RdBu_r" if signed else "cividis"].with_extremes(bad="0.85")
    axes.imshow(M, cmap=colors, vmin=-top if signed else 0.0, vmax=top, aspect=aspect, interpolation="nearest")  # pyright: ignore[reportArgumentType]
    axes.set_xticks([])
    axes.set_yticks([])
    titled(axes, title, grid=None)
