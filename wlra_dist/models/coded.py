"""Rounded matrices as bits: the one place where models meet the coder, so that a better code is taken up at once.

A matrix goes in runs of whole columns, each a message of `codecs.trellis.factor`, turned. The runs before tell the
receiver how large the entries of each row are, and nobody has to say it again.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.trellis import lattice
from wlra_dist.codecs.trellis.factor import Factor
from wlra_dist.codecs.trellis.scales import Hints, quarters
from wlra_dist.codecs.trellis.tables import PRICE as PRICE
from wlra_dist.codecs.trellis.tables import SIXTEENTHS

CODE = 2
"""The version of the messages; goes up with whatever changes them, so that older files are named as such."""

ENTRIES = 1 << 13
"""Of a run, about: so many that its header is next to nothing, so few that errors are made good soon after."""

LEAST_WIDTH, LEAST_RUNS = 16, 4
"""Columns of a run, if there are as many; runs of a matrix that is wider than that."""

MACHINE = 0
"""Eight states: 32 take a hundredth of a bit less and four times as long."""

BOUND = (1 << 40) - 1
"""No multiple of a step is larger in absolute value."""

Run = lattice.RoundedEntries
"""A run of columns, turned, as the receiver has it."""

_LARGE = 1 << 20
"""Entries count as no larger in what they say of others."""


def runs(shape: tuple[int, int]) -> Iterator[slice]:
    """The columns of each message of a matrix, n×d."""
    width = min(max(1, round(ENTRIES / max(1, shape[0]))), max(LEAST_WIDTH, -(-shape[1] // LEAST_RUNS)))
    yield from (slice(start, min(start + width, shape[1])) for start in range(0, shape[1] if shape[0] else 0, width))


def values(run: Run) -> np.ndarray:
    """The entries of a run (n×w), in steps."""
    return run.grid.T / SIXTEENTHS


class RowEnergies:
    """The energy of each row of a matrix, in the runs so far."""

    def __init__(self, rows: int) -> None:
        self._energies = np.zeros(rows, np.int64)

    def add(self, run: Run) -> None:
        """A run has been coded."""
        self._energies += np.square(np.clip(run.v, -_LARGE, _LARGE)).sum(axis=0)

    def hints(self, width: int) -> Hints:
        """What is known of the next run, of so many columns, turned."""
        return Hints(np.zeros(width, np.int64), np.asarray(quarters(self._energies), np.int64))


def nearest(x: np.ndarray, energies: RowEnergies) -> Run:
    """Entries near x (n×w, in steps) that take few bits."""
    turned = np.ascontiguousarray(x.T)
    (found,) = lattice.rounded([lattice.RoundingTask(turned, energies.hints(x.shape[1]))], MACHINE)
    return found or Run.plainly(np.rint(np.clip(turned, -BOUND, BOUND)).astype(np.int64))


def write_runs(coded: Sequence[Run], out: BitWriter) -> None:
    """All runs of a matrix, in order."""
    energies = RowEnergies(coded[0].v.shape[1] if coded else 0)
    for run in coded:
        Factor(energies.hints(len(run.v)), BOUND).write(run, out)
        energies.add(run)


def read_runs(shape: tuple[int, int], bits: BitReader) -> list[Run]:
    """The runs of a matrix, n×d; DecodeError for bits that are no such message."""
    energies, coded = RowEnergies(shape[0]), []
    for run in runs(shape):
        coded.append(Factor(energies.hints(run.stop - run.start), BOUND).read(bits))
        energies.add(coded[-1])
    return coded


def write_integers(v: np.ndarray, out: BitWriter) -> None:
    """Integers (1-d), exactly."""
    _exactly(len(v)).write(Run.plainly(v[None]), out)


def read_integers(size: int, bits: BitReader) -> np.ndarray:
    """The integers that were written."""
    return _exactly(size).read(bits).v[0]


def _exactly(size: int) -> Factor:
    return Factor(Hints(np.zeros(1, np.int64), np.zeros(size, np.int64)), BOUND)
