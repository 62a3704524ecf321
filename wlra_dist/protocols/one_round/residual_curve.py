"""What a server sends of its block before the loss is divided: a lower bound, and what its first columns leave."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.grid import FINENESS, step
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.entropy.quantised import Quantised

_STEPS = 4
"""Steps to an octave: the curve is for comparing servers, and promises nothing."""

_LARGEST = 1000 * _STEPS
"""The first energy is between 2^-1000 and 2^1000, or 0; energies below 2^-1000 times the first are sent as 0."""

_DROP = 2 * _LARGEST


class ResidualCurve(NamedTuple):
    """A server's lower bound, and the energy outside the span of its first columns.

    Attributes:
        bound: LB_i ≤ OPT_i.
        entries: the nonzeros of a chosen column, on average.
        residuals: ‖B_i − C_c C_c⁺ B_i‖² for the first c = 0, 1, … of the columns chosen, in the order of the choice.
    """

    bound: float
    entries: int
    residuals: np.ndarray


@dataclass(frozen=True)
class CurveCode:
    """A ResidualCurve of an n×d block: the bound rounded down, residuals to quarters of an octave."""

    n: int
    d: int

    @property
    def limit(self) -> int:
        most = min(self.n, self.d)
        counts = Count(self.n).limit + Count(most).limit + Count(_DROP).limit
        return Energy().limit + counts + max(Quantised((1, c), _DROP).limit for c in (0, most))

    def bits(self, value: ResidualCurve) -> int:
        return encode(self, value).bits

    def write(self, value: ResidualCurve, out: BitWriter) -> None:
        with out.part("lower bound"):
            Energy().write(value.bound, out)
        with out.part("residual curve"):
            Count(self.n).write(value.entries, out)
            heights = np.minimum.accumulate(_heights(value.residuals))
            Count(min(self.n, self.d)).write(len(heights) - 1, out)
            Count(_DROP).write(int(heights[0]), out)
            Quantised((1, len(heights) - 1), _DROP).write(-np.diff(heights)[None], out)
        out.count(1 + len(heights))

    def read(self, bits: BitReader) -> ResidualCurve:
        with bits.part("lower bound"):
            bound = Energy().read(bits)
        with bits.part("residual curve"):
            entries, columns = Count(self.n).read(bits), Count(min(self.n, self.d)).read(bits)
            first = Count(_DROP).read(bits)
            drops = Quantised((1, columns), _DROP).read(bits)[0]
        heights = first - np.concatenate([[0], np.cumsum(drops)])
        if drops.min(initial=0) < 0 or heights[-1] < first - _LARGEST:
            raise DecodeError("a residual curve was due, and what came is none")
        bits.count(1 + len(heights))
        return ResidualCurve(bound, entries, step((heights - _LARGEST) * (FINENESS // _STEPS)))


def _heights(residuals: np.ndarray) -> np.ndarray:
    """The energies as whole steps above the least; drops depend on ratios alone, so 2·B has the same drops as B."""
    positive = residuals > 0
    shares, octaves = np.frexp(np.where(positive, residuals, 1.0))
    heights = np.rint(_STEPS * np.log2(shares)).astype(np.int64) + _STEPS * octaves.astype(np.int64)
    heights = np.clip(heights, -_LARGEST, _LARGEST) + _LARGEST
    first = heights[0] if positive[0] else 0
    return np.where(positive, np.maximum(heights, first - _LARGEST), first - _LARGEST * bool(positive[0]))
