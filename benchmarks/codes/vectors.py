"""Test vectors of the codes that docs/format.md describes: public facts, a value, and the bits that tell it.

`benchmarks.vectors` writes them to tests/vectors/codes.json; the package and verifier/verify.py are held to them.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from wlra_dist.codecs.base.codec import Codec, encode, received
from wlra_dist.codecs.base.digits import Digits, Spread
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.integers import Count, Indices, Integers
from wlra_dist.codecs.base.universal import Natural
from wlra_dist.codecs.columns.integer_columns import IntegerColumns
from wlra_dist.codecs.entropy.histogram import Counted, Histogram
from wlra_dist.codecs.entropy.quantised import Quantised
from wlra_dist.codecs.entropy.subset import Subset
from wlra_dist.codecs.trellis.factor import Factor
from wlra_dist.codecs.trellis.lattice import RoundedEntries, RoundingTask, rounded
from wlra_dist.codecs.trellis.scales import Hints
from wlra_dist.weights import BlockMask, DenseWeights

Vector = tuple[str, list[Any], Codec[Any], Any]
"""The code's name on the page, its public facts there, the package's own code, and a value."""

GRID = 2**50


def vectors() -> Iterator[Vector]:
    """Small values of each code, in each of its ways."""
    rng = np.random.default_rng(22)
    for most, value in ((0, 0), (5, 3), (2**70, 2**69 + 1)):
        yield "count", [most], Count(most), value
    yield "indices", [4, 9], Indices(4, 9), np.array([0, 8, 3, 5])
    yield "integers", [5, 100], Integers(5, 100), np.array([-3, 7, 0, 12, -1])
    for value in (0, 2, 6, 1000, 2**63 - 2):
        yield "natural", [], Natural(), value
    for value in (0.0, 1.5, 2.0**-1022, 1e300):
        yield "energy", [], Energy(), float(np.uint64(int(np.float64(value).view(np.uint64)) >> 32 << 32).view(float))
    for size, base in ((9, 3), (100, 3), (70, 4096), (50, 100_003), (3, 1)):
        yield "digits", [size, base], Digits(size, base), rng.integers(0, base, size)
    yield "spread", [40, 1000], Spread(40, 1000), rng.integers(300, 330, 40)
    for size, below in ((0, 9), (4, 100), (7, 1000), (900, 1000), (3, 10**6), (40, 200)):
        yield "subset", [size, below], Subset(size, below), np.sort(rng.choice(below, size, replace=False))
    yield "histogram", [6], Histogram(6), np.array([0, 31, 0, 34, 1, 0])
    for symbols in (np.array([0, 4, 2]), np.minimum(rng.geometric(0.7, 300) - 1, 9)):
        yield "counted", [len(symbols), 10], Counted(len(symbols), 10), symbols
    for scale, shape in ((0.6, (3, 40)), (40.0, (5, 90)), (1e6, (2, 64)), (2.0, (1, 3))):
        rows = np.rint(scale * rng.standard_normal(shape)).astype(np.int64)
        yield "quantised", [*shape, GRID], Quantised(shape, GRID), rows
    wide = np.rint(rng.standard_t(1, (2, 300)) * 30).astype(np.int64)
    yield "quantised", [*wide.shape, GRID], Quantised(wide.shape, GRID), wide
    yield from factors(rng)
    yield from columns(rng)


def factors(rng: np.random.Generator) -> Iterator[Vector]:
    """Plain multiples, and paths of both machines, with raw bits and without."""
    hints = Hints(np.array([0, 4, 1]), np.arange(30) // 10)
    code = Factor(hints, GRID)
    for scale, machine in ((1.5, 0), (1.5, 1), (3000.0, 1)):
        (path,) = rounded([RoundingTask(scale * rng.standard_normal((3, 30)), hints)], machine)
        yield "factor", [hints.rows, hints.columns], code, path
    yield "factor", [hints.rows, hints.columns], code, RoundedEntries.plainly(rng.integers(-3, 4, (3, 30)))


def columns(rng: np.random.Generator) -> Iterator[Vector]:
    """Integer columns that each mode tells in the fewest bits, under a mask and under weights without zeros."""
    mask, full = BlockMask.even(24, 6, 2), DenseWeights(np.ones((24, 6)))
    S, sparse = np.arange(6), rng.random((24, 6)) < 0.2
    runs = np.repeat(rng.integers(0, 2, (24, 1)), 6, axis=1)
    for W, bound, C in (
        (mask, 1, rng.integers(0, 2, (24, 6))),
        (mask, 1000, rng.integers(-1000, 1001, (24, 6)) * (np.arange(24) % 12 < 3)[:, None]),
        (full, 9, np.where(rng.random((24, 1)) < 0.2, rng.integers(-9, 10, (24, 6)), 0)),
        (full, 40, np.where(sparse, rng.integers(-40, 41, (24, 6)), 0)),
        (full, 1, np.where(rng.random((24, 6)) < 0.05, 1 - runs, runs)),
    ):
        value = np.where(W.dense(S) > 0, C, 0).astype(float)
        yield "integer_columns", [W.dense(S), W.groups, bound], IntegerColumns(W, S, bound, sparse=False), value


def listed() -> list[dict[str, Any]]:
    """The vectors as JSON values."""
    return [_listed(*vector) for vector in vectors()]


def _listed(name: str, facts: list[Any], code: Codec[Any], value: Any) -> dict[str, Any]:
    written, value = encode(code, value), received(code, value)
    plain = [fact.tolist() if isinstance(fact, np.ndarray) else fact for fact in facts]
    entries = value.v if isinstance(value, RoundedEntries) else value
    number = entries.tolist() if isinstance(entries, np.ndarray) else entries
    return {"code": name, "facts": plain, "value": number, "bits": written.bits, "payload": written.payload().hex()}
