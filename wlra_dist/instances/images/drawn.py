"""Stand-ins: images of any shape, drawn so that a network must learn something, for a machine without the data.

A class is some spots, each with a place, a width and a colour; other classes have them nearby. In an image spots are
moved a little, are brighter or darker, and lie under noise. What solvers do on a layer that has learned from such
images is what they do on a trained network's layer; of the paper's data sets it says nothing.
"""

from dataclasses import dataclass, replace

import numpy as np

from wlra_dist.instances.mlp import Data
from wlra_dist.linalg.blocks import runs

WHITE = 255
"""The largest pixel, of a byte."""

TESTED = 5
"""Where few images are asked for, a test image for so many to learn from."""

APART, WANDER = 0.08, 0.06
"""How far a spot is from that of another class, and how far it moves from image to image, over the side."""


@dataclass(frozen=True)
class Drawing:
    """How a set looks.

    Args:
        shape: height, width, channels.
        classes: of images.
        ground: brightness where there is no spot; below 0 it is black there.
        spots: of a class.
        noise: of a pixel; brightness is from 0 to 1.
        learning, test: images.
    """

    shape: tuple[int, int, int]
    classes: int
    ground: float
    spots: int
    noise: float
    learning: int
    test: int

    def at_most(self, most: int | None) -> "Drawing":
        """The same with so few images."""
        few = replace(self, learning=min(self.learning, most or 0), test=min(self.test, (most or 0) // TESTED))
        return few if most else self

    def draw(self, seed: int) -> tuple[Data, Data]:
        """Images to learn from and to be tested on, of the same classes."""
        rng = np.random.default_rng([seed, *self.shape])
        height, width, channels = self.shape
        places = rng.uniform(0.2, 0.8, (2, 1, self.spots)) + rng.uniform(-APART, APART, (2, self.classes, self.spots))
        widths = rng.uniform(0.05, 0.15, self.spots)
        colours = rng.uniform(-1 if self.ground > 0 else 0, 1, (self.spots, channels))

        def images(count: int) -> Data:
            labels = rng.integers(0, self.classes, count)
            pixels = np.empty((count, height, width, channels), np.uint8)
            for run in runs(count, height * width * channels):
                chosen = labels[run]
                y, x = places[:, chosen] + rng.uniform(-WANDER, WANDER, (2, len(chosen), self.spots))
                strength = colours * rng.uniform(0.5, 1.0, (len(chosen), self.spots, 1))
                rows, columns = _profile(y, widths, height), _profile(x, widths, width)
                light = np.einsum("isy,isx,isc->iyxc", rows, columns, strength, optimize=True)
                light += self.ground + self.noise * rng.uniform(-1, 1, light.shape)
                pixels[run] = WHITE * np.clip(light, 0, 1)
            return Data(pixels.reshape(count, -1), labels, WHITE)

        return images(self.learning), images(self.test)


def _profile(centres: np.ndarray, widths: np.ndarray, side: int) -> np.ndarray:
    """The brightness of each spot (images×spots×side) along one side: 1 at its centre, 1/4 a width away from it."""
    distance = (np.arange(side) + 0.5) / side - centres[..., None]
    return 1 / np.square(1 + np.square(distance / widths[:, None]))
