"""Rows that are pixels: the same basis on every machine, and fewer bits where neighbours are alike."""

from math import sqrt

import numpy as np
import pytest

from tests.linalg.test_jacobi import by_the_rule
from wlra_dist.codecs.base.codec import decode, encode
from wlra_dist.codecs.base.grid import step
from wlra_dist.codecs.pixels import SWEEPS, PixelPrior, likely_prior, pixel_basis
from wlra_dist.codecs.trellis.scales import quarters
from wlra_dist.forms import Rounded, Sent
from wlra_dist.forms.rounded_code import RoundedCode, RoundedFactors
from wlra_dist.linalg.blocks import energy
from wlra_dist.weights import DenseWeights

GRID = 9, 8
"""Of which tiles are 5 high and 4 wide: the last row of tiles has a row too many."""

rng = np.random.default_rng(0)
PIXELS = rng.permutation(72)[:60]
SIZES = rng.integers(0, 30, 60)


def smooth(rho: float, seed: int, columns: int) -> np.ndarray:
    """Pixels of images (72×columns) whose covariance is ρ^distance."""
    y, x = np.divmod(np.arange(72), 8)
    distance = np.hypot(np.subtract.outer(y, y), np.subtract.outer(x, x))
    draws = np.random.default_rng(seed).standard_normal((72, columns))
    return np.linalg.cholesky(rho**distance + 1e-9 * np.eye(72)) @ draws


def power(base: float, exponent: float) -> float:
    """Digit by digit of the exponent, cut to 20 binary places."""
    digits, root, result = int(exponent * 2**20), base, base**0
    for _ in range(digits >> 20):
        result *= base
    for place in range(19, -1, -1):
        root = sqrt(root)
        result *= root if digits >> place & 1 else 1.0
    return result


def test_every_bit_of_a_basis_is_that_of_the_rule():
    basis = pixel_basis(GRID, PIXELS, SIZES, PixelPrior(12, 11))
    rho, share = 25 / 32, 12 / 16
    scales = {p: float(step(8 * (int(s) - int(SIZES.max())))) for p, s in zip(PIXELS.tolist(), SIZES, strict=True)}
    for tile in range(4):
        corner = tile // 2 * 5, tile % 2 * 4
        places = [(corner[0] + i, corner[1] + j) for i in range(5) for j in range(4)]
        own = [scales.get(8 * y + x, 0.0) if y < 9 else 0.0 for y, x in places]
        M = [
            [
                (1.0 if p == q else share * power(rho, sqrt((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2))) * (s * t)
                for q, t in zip(places, own, strict=True)
            ]
            for p, s in zip(places, own, strict=True)
        ]
        values, U = by_the_rule(M, SWEEPS)
        assert basis.vectors[tile].tolist() == U
        due = quarters(np.array(values) * 2.0**60)
        for (y, x), size in zip(places, due.tolist(), strict=True):
            found = basis.sizes[np.isin(PIXELS, 8 * y + x)].tolist()
            assert found in ([size], [])


def test_a_basis_is_taken_and_given_back_in_a_fixed_order():
    basis = pixel_basis(GRID, PIXELS, SIZES, PixelPrior(14, 15))
    rows = rng.standard_normal((60, 3))
    assert basis.restored(basis.turned(rows)) == pytest.approx(rows, abs=1e-12)
    spread = np.zeros((4, 20, 3))
    spread.reshape(-1, 3)[basis.places] = rows
    due = [
        [sum((U[i][j] * tile[j][c] for j in range(20)), 0.0) for c in range(3)]
        for U, tile in zip(basis.vectors.tolist(), spread.tolist(), strict=True)
        for i in range(20)
    ]
    assert basis.restored(rows).tolist() == np.array(due)[basis.places].tolist()


@pytest.mark.parametrize("rho", [0.6, 0.9])
def test_a_sender_finds_how_alike_pixels_are(rho: float):
    images = smooth(rho, 1, 200) * step(8 * np.resize(SIZES, 72))[:, None]
    prior = likely_prior(GRID, np.arange(72), np.resize(SIZES, 72), images)
    assert prior is not None
    assert (2 * prior.decay + 1) / 32 == pytest.approx(rho, abs=0.08)
    assert prior.share >= 13
    board = (-1.0) ** np.add(*np.divmod(np.arange(72), 8))[:, None]
    assert likely_prior(GRID, np.arange(72), 0 * np.arange(72), board) is None


@pytest.mark.parametrize("seed", range(8))
def test_a_prior_is_found_from_pixels_one_and_two_apart(seed: int):
    """Pair by pair: near = share·ρ and far = share·ρ², in units of the mean square of each column."""
    rows = smooth(0.8, seed, 5)[PIXELS] * step(8 * SIZES)[:, None] * [1.0, 8.0, 0.1, 1.0, 3.0]
    scaled = rows / step(8 * SIZES)[:, None]
    scaled /= np.sqrt((scaled**2).mean(axis=0))
    at = {divmod(int(pixel), 8): row for pixel, row in zip(PIXELS, scaled, strict=True)}
    near, far = (
        np.mean([at[y, x] * at[z] for y, x in at for z in ((y + apart, x), (y, x + apart)) if z in at])
        for apart in (1, 2)
    )
    rho, share = far / near, near * near / far
    prior = likely_prior(GRID, PIXELS, SIZES, rows)
    assert prior is not None
    assert prior.decay == np.abs((2 * np.arange(16) + 1) / 32 - rho).argmin()
    assert prior.share == np.abs((np.arange(16) + 1) / 16 - share).argmin()


def weights_of(images: np.ndarray) -> DenseWeights:
    """Of each pixel."""
    return DenseWeights(np.exp(np.random.default_rng(2).standard_normal((72, 1))) * np.ones(images.shape[1]))


def described(images: np.ndarray, grid: tuple[int, int] | None) -> tuple[int, RoundedFactors]:
    """(bits, description) with this grid or none; what is read is what was written, within the goal."""
    W = weights_of(images)
    sent, form = Sent(images, W, W.dense(slice(None)) * images), Rounded(False, grid)
    goal = energy(np.asarray(sent.B)) / 50
    description = next(form.descriptions(sent, np.arange(24), goal))
    code = form.code(W)
    written = encode(code, description)
    assert written.bits <= code.limit
    read, _ = decode(code, written.payload(), written.bits)
    assert np.array_equal(code.left_factor(read), code.left_factor(description))
    assert sent.loss(form.block(read, W)) <= goal
    return written.bits, read


def test_pixels_that_are_alike_take_fewer_bits_and_others_a_bit_more():
    images = smooth(0.95, 3, 24)
    plain, _ = described(images, None)
    bits, description = described(images, GRID)
    assert description.prior is not None
    assert bits < 0.85 * plain
    noise = np.random.default_rng(4).standard_normal((72, 24))
    plain, description = described(noise, None)
    assert described(noise, GRID)[0] <= plain + 1
    assert RoundedCode(weights_of(noise), GRID).bits(description) == plain + 1
    assert described(noise, (8, 8))[0] == plain  # no image of these rows


@pytest.mark.parametrize(("grid", "fits"), [((128, 128), True), ((129, 128), False)])
def test_of_more_pixels_no_basis_is_looked_for(grid: tuple[int, int], fits: bool):
    n = grid[0] * grid[1]
    prior = RoundedCode(DenseWeights(np.ones((n, 1))), grid).likely_prior(np.ones((n, 1)))
    assert (prior is not None) == fits
