"""Plays the trellis on known sources and writes what its values are like: wlra_dist/codecs/trellis/tables.npz.

    python -m benchmarks.trellis.tables [--out FILE]

The tables are part of the message format: this is run when the format changes, on one machine, and never at play. A
table is what it makes of itself: values are chosen by the bits that it says they take, at a price of a third of a
squared step a bit, and counted. Where little was counted, masses of the rounded source stand beside.

Beside the tables stands what a sender expects without playing: bits and squared error of a number, by size and level.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np

import wlra_dist.codecs.trellis as trellis
from wlra_dist.codecs.trellis.machine import CLASSES, MACHINES, Machine
from wlra_dist.codecs.trellis.tables import (
    BINS,
    CENTRED,
    FIRST,
    LEVELS,
    MAGNITUDES,
    PRECISION,
    PRICE,
    SHAPES,
    SIXTEENTHS,
    TrellisTables,
    binned,
)
from wlra_dist.codecs.trellis.viterbi import Prices, nearest, points

ENTRIES, ROUNDS, COUNTED = 1 << 15, 8, 4
"""Entries of a level in a round, the rounds, and how many of the last are counted."""

WEIGHT = 40.0
"""Entries' worth of the rounded source."""

SIGMA = 2.0 ** ((np.arange(LEVELS) - FIRST) / 4)


def draw(shape: int, rng: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
    """Numbers of mean 0 and variance 1."""
    normal = partial(rng.standard_normal, size)
    variance = {0: lambda: 1.0, 1: partial(rng.gamma, 2.0, 0.5, size), 3: partial(rng.gamma, 0.5, 2.0, size)}
    return rng.laplace(0, np.sqrt(0.5), size) if shape == 2 else normal() * np.sqrt(variance[shape]())


def magnitudes(v: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """How often which magnitude occurs, on one side (classes×levels×MAGNITUDES), for v by levels."""
    level = np.broadcast_to(np.arange(LEVELS)[:, None], v.shape)
    keys = (classes * LEVELS + level) * MAGNITUDES + np.minimum(np.abs(v) >> 1, MAGNITUDES - 1)
    found = np.bincount(keys.ravel(), minlength=CLASSES * LEVELS * MAGNITUDES).reshape(CLASSES, LEVELS, MAGNITUDES)
    halved = found / 2.0
    halved[:2, :, 0] *= 2
    return halved


def rounded_source(shape: int, rng: np.random.Generator) -> np.ndarray:
    """The masses of the source when each number is rounded to the nearest value of its class (they add up to 1)."""
    x = draw(shape, rng, (1, 1 << 18)) * SIGMA[:, None]
    masses = np.stack([magnitudes(2 * np.rint((x - odd) / 2).astype(np.int64) + odd, np.full(x.shape, c))[c]
                       for c, odd in enumerate((0, 0, 1))])  # fmt: skip
    return masses / one_sided(masses)


def one_sided(masses: np.ndarray) -> np.ndarray:
    total = 2.0 * masses.sum(axis=-1, keepdims=True)
    total[:2] -= masses[:2, :, :1]
    return np.maximum(total, 1e-12)


def bits(masses: np.ndarray) -> np.ndarray:
    p = masses / one_sided(masses)
    return -np.log2(np.maximum(p, 2.0**-PRECISION)).astype(np.float32)


def trained(machine: Machine, shape: int) -> TrellisTables:
    """The tables of one shape."""
    rng = np.random.default_rng(shape)
    source = rounded_source(shape, rng)
    counts, centroids = source * ENTRIES, np.tile(np.arange(CENTRED + 1) * SIXTEENTHS, (LEVELS, 1))
    kept = np.zeros_like(counts)
    rows = np.broadcast_to(np.arange(LEVELS)[:, None], (LEVELS, ENTRIES))
    for turn in range(ROUNDS):
        y = draw(shape, rng, (LEVELS, ENTRIES)) * SIGMA[:, None]
        prices = Prices(bits(counts + WEIGHT * source), centroids)
        v, classes = nearest(machine, y, rows, np.zeros_like(rows), prices, np.full(LEVELS, PRICE))
        counts = magnitudes(v, classes)
        kept += counts if turn >= ROUNDS - COUNTED else 0
        centroids = means(y, v, centroids)
    masses = kept + WEIGHT * source
    whole = np.ceil(masses / one_sided(masses) * 2**PRECISION * (masses > 0))
    return TrellisTables(whole.astype(np.int64), centroids)


def means(y: np.ndarray, v: np.ndarray, before: np.ndarray) -> np.ndarray:
    """What is rounded to the values 1 … CENTRED, on average, in sixteenths of a step; as before where it is little."""
    after = before.copy()
    for level, value in np.ndindex(LEVELS, CENTRED):
        here = np.abs(v[level]) == value + 1
        if here.sum() > 50:
            after[level, value + 1] = np.rint(SIXTEENTHS * (np.sign(v[level, here]) * y[level, here]).mean())
    return after


def expected(machine: Machine, tables: TrellisTables) -> tuple[np.ndarray, np.ndarray]:
    """Bits and squared error of a number of each bin, by level, in steps; nearest values where none was seen."""
    rng, seen, bins = np.random.default_rng(9), np.zeros((3, LEVELS, BINS)), np.arange(BINS)
    rows = np.broadcast_to(np.arange(LEVELS)[:, None], (LEVELS, ENTRIES))
    prices = Prices(bits(tables.masses), tables.points)
    for shape in (0, 0, 2, 3):
        y = draw(shape, rng, (LEVELS, ENTRIES)) * SIGMA[:, None]
        v, classes = nearest(machine, y, rows, np.zeros_like(rows), prices, np.full(LEVELS, PRICE))
        error = np.square(y - points(v, rows, np.zeros_like(rows), tables.points) / SIXTEENTHS)
        taken = prices.bits[classes, rows, np.minimum(np.abs(v) >> 1, MAGNITUDES - 1)]
        keys = (rows * BINS + binned(y)).ravel()
        for each, weight in zip(seen, (np.ones(y.shape), taken, error), strict=True):
            each += np.bincount(keys, weight.ravel(), LEVELS * BINS).reshape(LEVELS, BINS)
    counted = seen[0] > 20
    rate, loss = (np.divide(each, seen[0], where=counted, out=np.zeros((LEVELS, BINS))) for each in seen[1:])
    for level in range(LEVELS):  # what is far out for a level was hardly seen: a line through what was
        known = np.flatnonzero(counted[level])
        loss[level] = np.interp(bins, known, loss[level, known])
        rate[level] = np.interp(bins, known, rate[level, known])
        beyond, last = bins > known[-1], known[-1]
        rate[level, beyond] += (bins[beyond] - last) * max(rate[level, last] - rate[level, last - 1], 0.0)
    return rate, loss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(trellis.__path__[0]) / "tables.npz")
    made: dict[str, np.ndarray] = {}
    for number, machine in enumerate(MACHINES):
        found = [trained(machine, shape) for shape in range(SHAPES)]
        made[f"masses_{number}"] = np.stack([each.masses for each in found]).astype(np.int32)
        made[f"points_{number}"] = np.stack([each.points for each in found]).astype(np.int8)
        made |= dict(
            zip(
                (f"bits_{number}", f"error_{number}"),
                (each.astype(np.float32) for each in expected(machine, found[0])),
                strict=True,
            )
        )
    np.savez_compressed(parser.parse_args().out, **made)  # pyright: ignore[reportArgumentType]  no name is a keyword


if __name__ == "__main__":
    main()
