"""What a server does in `rounded`: show how large its numbers are, then round them, finer and finer."""

from dataclasses import dataclass, replace

import numpy as np

from wlra_dist.codecs.base.grid import FINENESS, LEAST, MOST, exponent_below
from wlra_dist.linalg.blocks import energy
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.scale import largest, power_of, times_power
from wlra_dist.protocols.parts import Deal
from wlra_dist.protocols.rounded.grids import Finer, First, Grid, coarse, digits_of


@dataclass(frozen=True, eq=False)
class HeldNumbers:
    """A server's numbers of a part (t×c), how they are rounded, and what was last sent of it.

    Attributes:
        message: None if nothing was asked.
    """

    X: np.ndarray
    grid: Grid | None = None
    message: First | Finer | None = None


def places(deal: Deal, i: int) -> list[np.ndarray]:
    """Of each part that server i holds columns of, where W has weight (n_p×d_ip)."""
    return [deal.W[i].rows(part.place.rows).dense(own) > 0 for part, own in deal.held(i)]


def shapes(deal: Deal, i: int) -> list[tuple[int, int]]:
    """Of the numbers that server i holds of each part: a matrix, or one long column where W has zeros."""
    return [place.shape if place.all() else (int(place.sum()), 1) for place in places(deal, i)]


def hold(B: Matrix, i: int, *, deal: Deal) -> list[HeldNumbers]:
    """The numbers of server i, part by part."""
    held = zip(deal.blocks(B, i), places(deal, i), shapes(deal, i), strict=True)
    return [HeldNumbers(block[place].reshape(shape)) for block, place, shape in held]


def scales(held: list[HeldNumbers]) -> list[int]:
    """Of each part the exponent of a step below the root mean square, LEAST where that is 0."""
    return [_scale(own.X) for own in held]


def _scale(X: np.ndarray) -> int:
    power = power_of(largest(X))
    rms = np.linalg.norm(times_power(X, -power)) / np.sqrt(X.size)
    return int(np.clip(exponent_below(rms) + FINENESS * power, LEAST, MOST)) if rms else LEAST


def first(held: list[HeldNumbers], exponents: list[int]) -> list[HeldNumbers]:
    """The numbers on coarse grids."""
    return [_first(own, exponent) for own, exponent in zip(held, exponents, strict=True)]


def _first(own: HeldNumbers, exponent: int) -> HeldNumbers:
    grid = coarse(own.X, exponent)
    return replace(own, grid=grid, message=First(grid.whole, energy(own.X - grid.numbers)))


def finer(held: list[HeldNumbers], factors: list[int | None]) -> list[HeldNumbers]:
    """The numbers on grids that are so many times finer, where that is asked for."""
    return [_finer(own, factor) for own, factor in zip(held, factors, strict=True)]


def _finer(own: HeldNumbers, factor: int | None) -> HeldNumbers:
    if factor is None:
        return replace(own, message=None)
    assert own.grid is not None, "a grid is made finer that there is"
    digits = digits_of(own.X, own.grid, factor)
    grid = own.grid.finer(digits, factor)
    return replace(own, grid=grid, message=Finer(factor, digits, energy(own.X - grid.numbers)))
