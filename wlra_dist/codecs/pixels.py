"""Rows that are pixels of an image: neighbours are alike, and what they have in common is told once.

Two entries of a column of L, at pixels p and q of a tile, are taken to have the covariance s_p·s_q·C_pq, where s are
the scales that W tells and C_pq = share·ρ^|p−q|, or 1 if p = q. In the basis U of that matrix's eigenvectors entries
are independent, and most of them small: UᵀL travels in place of L, with the eigenvalues as its scales. The receiver
finds U from W, ρ and share, with + − × / and √ alone and in a fixed order, and so does the sender.
"""

from functools import lru_cache
from math import sqrt
from typing import NamedTuple, TypeAlias

import numpy as np

from wlra_dist.codecs.base.compound import Fields, Maybe
from wlra_dist.codecs.base.grid import FINENESS, step
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.trellis.scales import quarters
from wlra_dist.linalg.jacobi import nearly_diagonal

Grid: TypeAlias = tuple[int, int]
"""Rows and columns of an image; its pixels are counted row by row."""

SIDE = 7
"""A tile is at most so high and so wide."""

SWEEPS = 3
"""Of Jacobi's method: more would take no bits away."""

MOST_PIXELS = 1 << 14
"""Of more pixels no basis is found: it would take seconds."""

_HALVINGS = 20
"""Binary digits of the fraction of a distance."""

_UNIT = 2.0**60
"""Eigenvalues are told apart down to its inverse."""


class PixelPrior(NamedTuple):
    """How alike pixels are: ρ = (2·decay + 1)/32, and share = (share + 1)/16; both are 0 … 15."""

    decay: int
    share: int


PRIOR = Maybe(Fields(PixelPrior, (Count(15), Count(15))))
"""The code of a prior, or of none."""


class PixelBasis(NamedTuple):
    """What rows travel by.

    Attributes:
        places: of each row, among all places of all tiles (n').
        vectors: U of each tile (tiles×m×m).
        sizes: of each row of UᵀL, in quarters of an octave (n').
    """

    places: np.ndarray
    vectors: np.ndarray
    sizes: np.ndarray

    def turned(self, rows: np.ndarray) -> np.ndarray:
        """Uᵀ·rows (n'×c)."""
        return self._flat(self.vectors.transpose(0, 2, 1) @ self._by_tile(rows))

    def restored(self, rows: np.ndarray) -> np.ndarray:
        """U·rows, added up in a fixed order."""
        turned = self._by_tile(rows)
        found = np.zeros(turned.shape)
        for j in range(turned.shape[1]):
            found += self.vectors[:, :, j, None] * turned[:, j, None]
        return self._flat(found)

    def _by_tile(self, rows: np.ndarray) -> np.ndarray:
        tiles, m, _ = self.vectors.shape
        spread = np.zeros((tiles * m, rows.shape[1]))
        spread[self.places] = rows
        return spread.reshape(tiles, m, -1)

    def _flat(self, spread: np.ndarray) -> np.ndarray:
        return spread.reshape(-1, spread.shape[-1])[self.places]


def pixel_basis(grid: Grid, pixels: np.ndarray, sizes: np.ndarray, prior: PixelPrior) -> PixelBasis:
    """The basis for these pixels of an image, whose scales are `sizes` quarters of an octave (both n')."""
    return _basis(grid, pixels.astype("<i8").tobytes(), sizes.astype("<i8").tobytes(), prior)


@lru_cache(maxsize=16)  # of the last few servers: a sender and a receiver ask for it some times each
def _basis(grid: Grid, pixels: bytes, sizes: bytes, prior: PixelPrior) -> PixelBasis:
    shape, places = _tiled(grid, np.frombuffer(pixels, dtype="<i8"))
    own = np.frombuffer(sizes, dtype="<i8")
    tiles = -(-grid[0] // shape[0]) * -(-grid[1] // shape[1])
    scales = np.zeros((tiles, shape[0] * shape[1]))
    scales.flat[places] = step((own - own.max(initial=-(2**40))) * (FINENESS // 4))
    values, vectors = nearly_diagonal(_likenesses(shape, prior) * (scales[:, :, None] * scales[:, None, :]), SWEEPS)
    return PixelBasis(places, vectors, quarters(values.ravel()[places] * _UNIT))


def _tiled(grid: Grid, pixels: np.ndarray) -> tuple[Grid, np.ndarray]:
    """How high and wide tiles are, and the place of each pixel: tile by tile, row by row."""
    height, width = (-(-size // -(-size // SIDE)) for size in grid)
    y, x = np.divmod(pixels, grid[1])
    tile = y // height * -(-grid[1] // width) + x // width
    return (height, width), tile * (height * width) + y % height * width + x % width


def _likenesses(shape: Grid, prior: PixelPrior) -> np.ndarray:
    """C of a tile (m×m)."""
    rho, share = (2 * prior.decay + 1) / 32, (prior.share + 1) / 16
    y, x = np.divmod(np.arange(shape[0] * shape[1]), shape[1])
    down, across = np.abs(np.subtract.outer(y, y)), np.abs(np.subtract.outer(x, x))
    alike = np.array([[share * _power(rho, sqrt(i * i + j * j)) for j in range(shape[1])] for i in range(shape[0])])
    alike[0, 0] = 1.0
    return alike[down, across]


def _power(base: float, exponent: float) -> float:
    """base^exponent, the exponent cut to `_HALVINGS` binary digits, by products and square roots."""
    whole = int(exponent)
    power, root, rest = 1.0, base, exponent - whole
    for _ in range(whole):
        power *= base
    for _ in range(_HALVINGS):
        root, rest = sqrt(root), 2 * rest
        if rest >= 1:
            power, rest = power * root, rest - 1
    return power


def likely_prior(grid: Grid, pixels: np.ndarray, sizes: np.ndarray, rows: np.ndarray) -> PixelPrior | None:
    """How alike neighbours are in these rows (n'×c), and those at twice the distance; None if they are not."""
    image = np.zeros((*grid, rows.shape[1]))
    there = np.zeros(grid, dtype=bool)
    scaled = rows / step(sizes * (FINENESS // 4))[:, None]
    image[np.divmod(pixels, grid[1])] = scaled / np.maximum(np.sqrt(np.square(scaled).mean(axis=0)), 1e-300)
    there[np.divmod(pixels, grid[1])] = True
    near, far = (_alike(image, there, distance) for distance in (1, 2))
    if not (near > 0 and far > 0):
        return None
    decay, share = 16 * far / near - 0.5, 16 * near * near / far - 1
    return PixelPrior(*(int(np.clip(np.rint(each), 0, 15)) for each in (decay, share)))


def _alike(image: np.ndarray, there: np.ndarray, distance: int) -> float:
    """The mean product of entries so far apart, down and across; entries are 1 in the mean of squares."""
    products, pairs = 0.0, 0
    for along, seen in ((image, there), (image.swapaxes(0, 1), there.T)):
        products += float((along[distance:] * along[:-distance]).sum())
        pairs += int((seen[distance:] & seen[:-distance]).sum())
    return products / max(pairs * image.shape[2], 1)
