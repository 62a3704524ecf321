"""Distributions of trellis-coded values, as `benchmarks/trellis/tables.py` found them by playing; all of it integers.

For both machines, four shapes (Gaussian, variance Gamma(2), Laplace, variance Gamma(½)), and levels of σ = 2^((l−12)/4)
steps: how often a value has which magnitude, by the class of the state, and what small values stand for. They are part
of the message format and shipped, never computed anew: every machine has the same.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

SHAPES = 4  # those above, of which a matrix takes one

LEVELS = 30
"""σ from 1/8 to 19 steps; above, low bits are as good as random, and travel raw."""

FIRST = 12
"""The level of σ = 1 step."""

MAGNITUDES = 256
"""Of a value v, |v| >> 1: even values from 0 on, odd ones from ±1 on."""

SIXTEENTHS = 16  # to a step: what means are counted in

PRICE = 0.33
"""Of a bit, in squared steps, where nobody says otherwise: what the tables were made for."""

CENTRED = 4
"""Values up to here stand for the mean of what is rounded to them, in sixteenths of a step; others for themselves."""

PRECISION = 24  # bits of a probability, as the coder has them


class TrellisTables(NamedTuple):
    """Of a machine.

    Attributes:
        masses: of magnitudes on one side (shapes × classes × levels × MAGNITUDES).
        points: of the values 0 … CENTRED, in sixteenths of a step (shapes × levels × (CENTRED + 1)).
    """

    masses: np.ndarray
    points: np.ndarray

    @property
    def bits(self) -> np.ndarray:
        """What a value takes, with its sign, of a magnitude: for a sender to choose by, not to code with."""
        p = self.masses / one_side(self.masses)
        return -np.log2(np.maximum(p, 2.0**-PRECISION)).astype(np.float32)


def one_side(masses: np.ndarray) -> np.ndarray:
    """What masses of one side add up to on both: 0 is there once, ±1 are two."""
    total = 2.0 * masses.sum(axis=-1, keepdims=True)
    total[:, :2] -= masses[:, :2, :, :1]
    return np.maximum(total, 1.0)


BINS = 96
"""Of sizes in steps: 32 of ⅛ up to 4, then 8 an octave."""


def binned(y: np.ndarray) -> np.ndarray:
    """The bin of each size |y| in steps."""
    size = np.abs(y)
    far = 32 + 8 * np.log2(np.maximum(size, 4.0) / 4)
    return np.minimum(np.where(size < 4, 8 * size, far), BINS - 1).astype(np.int64)


class ExpectedCost(NamedTuple):
    """What a sender expects of a number without playing, by its level and bin (levels×BINS): bits, squared error."""

    bits: np.ndarray
    error: np.ndarray


@cache
def expected(machine: int) -> ExpectedCost:
    """Of the machine of that number; for senders only."""
    with _shipped() as shipped:
        return ExpectedCost(shipped[f"bits_{machine}"].astype(float), shipped[f"error_{machine}"].astype(float))


@cache
def tables(machine: int) -> TrellisTables:
    """Of the machine of that number."""
    with _shipped() as shipped:
        return TrellisTables(
            shipped[f"masses_{machine}"].astype(np.int64), shipped[f"points_{machine}"].astype(np.int64)
        )


@contextmanager
def _shipped() -> Iterator[Mapping[str, np.ndarray]]:
    with files("wlra_dist.codecs.trellis").joinpath("tables.npz").open("rb") as file, np.load(file) as shipped:
        yield shipped


@cache
def costs(machine: int) -> np.ndarray:
    """`TrellisTables.bits` of a machine, a shape after the other (classes × shapes·levels × MAGNITUDES)."""
    return np.concatenate(tables(machine).bits, axis=1)


@cache
def costs_by_shape(machine: int) -> np.ndarray:
    """The same, all shapes' beside each other (classes·levels·MAGNITUDES × shapes)."""
    return np.ascontiguousarray(tables(machine).bits.reshape(SHAPES, -1).T)
