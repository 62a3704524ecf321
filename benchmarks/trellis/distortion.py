"""How far the trellis is above the rate-distortion function: Gaussians, rows of different scales, Laplace.

    python -m benchmarks.trellis.distortion [--rates .5 1 2 4] [--seeds 3]

A line for each source and size, bits an entry above R(D) with all that is said beside, at each rate, for 32 and 8
states. R(D) is that of the true variances (reverse water-filling), and of a Laplace source by Blahut and Arimoto's
algorithm on a grid. Steps are tried a quarter of an octave apart; between the two nearest to a rate the gap is
interpolated, and those above the lower convex hull of (error, bits) are left out.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.codec import encode
from wlra_dist.codecs.trellis.factor import Factor
from wlra_dist.codecs.trellis.lattice import RoundingTask, rounded
from wlra_dist.codecs.trellis.scales import Hints
from wlra_dist.codecs.trellis.tables import SIXTEENTHS

GRID, REACH, TURNS = 0.04, 12.0, 400
"""Of Blahut and Arimoto: between points, the largest point in standard deviations, and turns."""

PRICES = 0.25, 0.33, 0.45

Point = tuple[float, float]


class Source(NamedTuple):
    """Numbers, and the bits an entry that their mean squared error takes at least."""

    name: str
    x: np.ndarray
    rate: Callable[[float], float]


def sources(seed: int) -> Iterator[Source]:
    rng = np.random.default_rng(seed)
    for shape in ((20, 784), (64, 2000), (20, 60)):
        yield Source(f"Gauss {shape}", rng.standard_normal(shape), lambda D: max(0.0, -0.5 * np.log2(D)))
    sizes = 2.0 ** rng.uniform(-2, 2, (64, 1))
    yield Source(
        "rows scaled (64, 784)", rng.standard_normal((64, 784)) * sizes, lambda D: filled(sizes.ravel() ** 2, D)
    )
    yield Source("Laplace (20, 784)", rng.laplace(0, np.sqrt(0.5), (20, 784)), laplace_rate)


def filled(variances: np.ndarray, D: float) -> float:
    """Reverse water-filling (Cover & Thomas 2006, Thm 10.3.3)."""
    level = low = 0.0
    high = float(variances.max())
    for _ in range(100):
        level = (low + high) / 2
        low, high = (level, high) if np.minimum(variances, level).mean() < D else (low, level)
    return float(np.maximum(0, 0.5 * np.log2(variances / level)).mean())


def laplace_rate(D: float) -> float:
    found = np.array(laplace_table())
    return float(np.interp(np.log2(D), found[:, 0], found[:, 1]))


@cache
def laplace_table() -> list[Point]:
    """(log2 D, R) of a Laplace source of variance 1, by rising D (Blahut 1972, Arimoto 1972)."""
    x = np.arange(-REACH, REACH + GRID / 2, GRID)
    p = np.exp(-np.sqrt(2) * np.abs(x))
    p /= p.sum()
    squares = np.square(x[:, None] - x)
    found = []
    for slope in 2.0 ** np.arange(-1.5, 7.6, 0.5):
        kernel, q = np.exp(-slope * squares), p
        for _ in range(TURNS):
            q = q * (kernel.T @ (p / (kernel @ q)))
            q /= q.sum()
        mass = kernel @ q
        D = float(p / mass @ (kernel * squares) @ q)
        found.append((np.log2(D), (-slope * D - float(p @ np.log(mass))) / np.log(2)))
    return sorted(found)


def measured(source: Source, machine: int) -> list[Point]:
    """(mean squared error, bits an entry) of a code at several steps and prices."""
    nothing = Hints(np.zeros(len(source.x), dtype=np.int64), np.zeros(source.x.shape[1], dtype=np.int64))
    found = []
    for step in 2.0 ** np.arange(-3.5, 1.3, 0.25):
        tasks = [RoundingTask(source.x / step, nothing, price) for price in PRICES]
        for value in rounded(tasks, machine):
            assert value is not None
            bits = encode(Factor(nothing, 2**50), value).bits
            found.append((float(np.square(source.x - value.grid * step / SIXTEENTHS).mean()), bits / source.x.size))
    return found


def hull(points: list[Point]) -> list[Point]:
    """The lower convex hull, by rising error."""
    kept: list[Point] = []
    for D, R in sorted(points):
        while len(kept) > 1 and (kept[-1][0] - kept[-2][0]) * (R - kept[-2][1]) <= (kept[-1][1] - kept[-2][1]) * (
            D - kept[-2][0]
        ):
            kept.pop()
        kept.append((D, R))
    return kept


def gaps(source: Source, rates: list[float], machine: int) -> np.ndarray:
    vertices = hull(measured(source, machine))
    least = np.array([source.rate(D) for D, _ in vertices])[::-1]
    above = np.array([R for _, R in vertices])[::-1] - least
    return np.interp(rates, least, above)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.5, 1.0, 2.0, 3.0, 4.0])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    print(f"{'':24}{'states':>8}" + "".join(f"{rate:>9}" for rate in options.rates))
    for kind in zip(*(sources(seed) for seed in range(options.seeds)), strict=True):
        for machine, states in ((1, 32), (0, 8)):
            mean = np.mean([gaps(source, options.rates, machine) for source in kind], axis=0)
            print(f"{kind[0].name:24}{states:8}" + "".join(f"{gap:+9.3f}" for gap in mean), flush=True)


if __name__ == "__main__":
    main()
