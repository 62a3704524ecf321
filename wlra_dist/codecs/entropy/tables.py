"""Which distributions groups of rows are coded with: one of the mixtures each, or the histogram of all together."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.digits import Spread
from wlra_dist.codecs.entropy.entropy import PRECISION, Model, shares, weighted
from wlra_dist.codecs.entropy.histogram import Histogram, histogram_model, rounded_counts
from wlra_dist.codecs.entropy.mixtures import LEVELS, SHAPES, cell_bits, masses, two_sided

_MIXTURES, _HISTOGRAM = 0, 1  # a bit before a table says of which kind it is


@dataclass(frozen=True, eq=False)
class Mixtures:
    """A shape and a level for each group."""

    shapes: np.ndarray
    levels: np.ndarray

    def models(self, top: int) -> tuple[list[Model], np.ndarray]:
        """The models that occur, and which of them each group has."""
        names, of_group = np.unique(self.shapes * LEVELS + self.levels, return_inverse=True)
        tables = (masses()[divmod(name, LEVELS)] for name in names.tolist())
        return [weighted(two_sided(table, top)) for table in tables], of_group


@dataclass(frozen=True, eq=False)
class Pooled:
    """One histogram, as weights, for all of `groups` groups."""

    groups: int
    weights: np.ndarray

    def models(self, top: int) -> tuple[list[Model], np.ndarray]:  # noqa: ARG002  the weights know it
        """The only model, and that each group has it."""
        return [histogram_model(self.weights)], np.zeros(self.groups, dtype=np.int64)


@dataclass(frozen=True)
class Tables:
    """The code of what `groups` ≥ 1 groups of symbols −top … top are coded with."""

    groups: int
    top: int

    def write(self, value: Mixtures | Pooled, out: BitWriter) -> None:
        match value:
            case Mixtures(shapes, levels):
                out.uint(_MIXTURES, 1)
                Spread(self.groups, len(SHAPES) - 1).write(shapes, out)
                Spread(self.groups, LEVELS - 1).write(levels, out)
            case Pooled(_, weights):
                out.uint(_HISTOGRAM, 1)
                self._histogram.write(weights, out)

    def read(self, bits: BitReader) -> Mixtures | Pooled:
        if bits.uint(1) == _HISTOGRAM:
            return Pooled(self.groups, self._histogram.read(bits))
        shapes = Spread(self.groups, len(SHAPES) - 1).read(bits)
        return Mixtures(shapes, Spread(self.groups, LEVELS - 1).read(bits))

    def shortest(self, counts: np.ndarray) -> Mixtures | Pooled:
        """The choice that takes the fewest bits for groups with these counts of symbols (groups×(2·top+1))."""
        pooled = counts.sum(axis=0)
        weights = rounded_counts(pooled)
        bits = self._histogram.bits(pooled) - pooled @ np.log2((shares(weights) + 1) / 2**PRECISION)
        best_bits, mixtures = self._best_mixtures(counts)
        return Pooled(self.groups, weights) if bits < best_bits else mixtures

    @property
    def _histogram(self) -> Histogram:
        return Histogram(2 * self.top + 1)

    def _best_mixtures(self, counts: np.ndarray) -> tuple[float, Mixtures]:
        """(bits, choice): a shape for each group, or one for all, each group at its best level."""
        bits = self._mixture_bits(counts)
        level_bits = bits.min(axis=2)
        each, common = level_bits.argmin(axis=1), int(level_bits.sum(axis=0).argmin())
        each_bits = level_bits.min(axis=1).sum() + self.groups * np.log2(np.ptp(each) + 1)
        is_common = bool(level_bits[:, common].sum() <= each_bits)
        shapes = np.full(self.groups, common) if is_common else each
        levels = bits[np.arange(self.groups), shapes].argmin(axis=1)
        naming = self.groups * np.log2(np.ptp(levels) + 1)
        return min(float(level_bits[:, common].sum()), float(each_bits)) + float(naming), Mixtures(shapes, levels)

    def _mixture_bits(self, counts: np.ndarray) -> np.ndarray:
        """What each group would take with each table (groups×shapes×levels)."""
        one_side = counts[:, self.top :].copy()
        one_side[:, 1:] += counts[:, : self.top][:, ::-1]
        table = cell_bits()[..., : self.top + 1].reshape(len(SHAPES) * LEVELS, -1)
        known = table.shape[1]
        bits = one_side[:, :known] @ table.T + PRECISION * one_side[:, known:].sum(axis=1, keepdims=True)
        return bits.reshape(-1, len(SHAPES), LEVELS)
