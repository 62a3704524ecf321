"""How many rows and columns to ask for next: the fewest bits for which the predicted loss is within the target.

A column z that is known with noise λ leaves tr(M ZZᵀ), M = (I + Z_J Z_Jᵀ/λ)⁻¹, of the directions Z: columns are taken
one by one, each where that falls most (an A-optimal design). t rows leave Σ s²v/(s² + v) of the coefficients, with s
the singular values and v the noise of a coefficient. Where there are several parts, a unit of loss costs the same bits
in each.
"""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from wlra_dist.protocols.cross.fit import directions
from wlra_dist.protocols.cross.judge import Judged

SHARE = 0.8
"""Of the noise of an entry: what rounding adds to it."""

_GROWTH = 1.06
"""Numbers of rows that are tried, each over the one before."""

_FIRST_FACTOR, _FACTORS = 1.2, (0.4, 3.0)
"""Of the predicted excess: at first, and within which bounds it is fitted to what is seen later."""

_FIRST_DEVIATION = 0.15
"""Of what is left of a row, before any is: its standard deviation as a part of it."""

_LEAST_TAIL = 2.0**-100
"""Of the energy: no tail is less."""

_ROUNDING_BITS = 2.0
"""Bits that a coset must save an entry to count on it from the first."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The choices of a part.

    Attributes:
        order: columns in the order in which they would be asked for.
        rows: numbers of rows (ts).
        losses: by number of new columns and number of rows.
        bits: likewise.
        step: of all that is asked for.
        cosets: whether residues pay from the first.
    """

    judged: Judged
    order: list[int]
    rows: np.ndarray
    losses: np.ndarray
    bits: np.ndarray
    step: float
    cosets: bool

    def at(self, price: float) -> tuple[int, int]:
        """The choice that takes the fewest bits where a unit of loss costs so many."""
        columns, rows = np.unravel_index(int((self.bits + price * self.losses).argmin()), self.bits.shape)
        return int(columns), int(rows)


class ColumnOrder(NamedTuple):
    """Columns in the order in which they would be asked for, and what each number of them leaves of the directions."""

    order: list[int]
    left: np.ndarray


def design(Z: np.ndarray, held: np.ndarray, free: np.ndarray, noise: float, most: int) -> ColumnOrder:
    """At most so many of the free columns, one by one, beside those that are held."""
    M, scatter, free = np.eye(len(Z)), Z @ Z.T, free.copy()
    for j in held:
        M = _with(M, Z[:, j], noise)
    order: list[int] = []
    left = [float(np.vdot(M, scatter))]
    for _ in range(min(int(free.sum()), most)):
        P = M @ Z
        gains = np.einsum("ij,ij->j", P, scatter @ P) / (noise + np.einsum("ij,ij->j", Z, P))
        j = int(np.where(free, gains, -1.0).argmax())
        M, free[j] = _with(M, Z[:, j], noise), False
        order.append(j)
        left.append(float(np.vdot(M, scatter)))
    return ColumnOrder(order, np.array(left))


def _with(M: np.ndarray, z: np.ndarray, noise: float) -> np.ndarray:
    """(M⁻¹ + zzᵀ/noise)⁻¹."""
    Mz = M @ z
    return M - np.outer(Mz, Mz) / (noise + z @ Mz)


def plan(judged: Judged, epsilon: float, quantile: float) -> Plan:
    """The choices of a part that has been judged; a loss counts with its quantile of so many standard deviations."""
    known, first = judged.known, judged.empty
    (n, d), t, K = known.part.shape, known.t, known.part.K
    Z, tail = directions(known, np.arange(t))
    variance = entry_variance(judged)
    most = max(6 * K, int(3 * K / epsilon) + 8) if first else max(2 * K, len(known.J))
    chosen = design(Z, known.J, known.free, n * variance * (1 + SHARE), min(most, d))
    rows = _numbers_of_rows(t, n if first else min(2 * t, n))
    columns = np.arange(len(chosen.left)) + len(known.J)
    unknown = np.maximum(1 - columns[:, None] / d / (1 + SHARE), 0) * np.maximum(1 - rows / n / (1 + SHARE), 0)
    excess = chosen.left[:, None] + _left_by_rows(Z, rows, n, variance)
    factor, deviation = _FIRST_FACTOR, _FIRST_DEVIATION
    if not first:
        factor = _ratio(judged.loss / max(float(unknown[0, 0]), 1e-9) - tail, float(excess[0, 0]), _FACTORS)
        deviation = _ratio(sqrt(judged.variance(1 + epsilon) * t), judged.loss, (0.0, 1.0))
    losses = (tail + factor * excess) * unknown * (1 + quantile * deviation / np.sqrt(rows))
    step = sqrt(12 * SHARE * variance)
    by_row, by_column, cosets = _entry_bits(float(np.square(known.T).mean()), step, first)
    asked = columns[:, None] - len(known.J)
    bits = asked * (n - t) * by_column + (rows - t) * (d - columns[:, None]) * by_row
    return Plan(judged, chosen.order, rows, losses, bits, step, cosets)


def entry_variance(judged: Judged) -> float:
    """Of an entry of what is beyond the directions that the rows show."""
    known = judged.known
    tail = directions(known, np.arange(known.t)).tail
    n, d = known.part.shape
    return max(tail, 0.3 * judged.bound, _LEAST_TAIL * known.energy) / (n * d)


def _left_by_rows(Z: np.ndarray, rows: np.ndarray, n: int, variance: float) -> np.ndarray:
    """What coefficients that are told by so many rows leave, of each number of rows."""
    energies, d = np.square(Z).sum(axis=1), Z.shape[1]
    noises = np.maximum(n * d * variance * ((1 + SHARE) / rows - 1 / n), 0.0)
    return np.array([float((energies * noise / (energies + noise)).sum()) for noise in noises])


def _numbers_of_rows(t: int, most: int) -> np.ndarray:
    """From t on, each some percent more, to at most `most`."""
    steps = np.arange(int(np.ceil(np.log(max(most / t, 1.0)) / np.log(_GROWTH))) + 1)
    return np.unique(np.minimum(np.round(t * _GROWTH**steps).astype(int), most))


def _ratio(seen: float, of: float, bounds: tuple[float, float]) -> float:
    """seen/of, within bounds."""
    return float(np.clip(seen / max(of, float(np.finfo(float).tiny)), *bounds))


def _entry_bits(square: float, step: float, first: bool) -> tuple[float, float, bool]:
    """About the bits of an entry of a row and of a column, and whether cosets are counted on."""
    by_row, by_column = (max(0.5 * np.log2(2 * np.pi * np.e * each * square / step**2 + 1), 0.3) for each in (1, 2))
    coset = float(np.log2(max(2.0, np.ceil(7.4 * sqrt((2 + SHARE) / (12 * SHARE))))))
    pays = by_column > coset + _ROUNDING_BITS
    if pays or not first:
        return min(by_row, coset), min(by_column, coset), pays
    return by_row, by_column, pays
