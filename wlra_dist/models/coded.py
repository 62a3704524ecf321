"""Matrices of integers as bits: the one place where models meet the coder, so that a better code is taken up at once.

A matrix goes in runs of whole columns, each a message of `codecs.trellis.factor`. Columns of the runs before tell the
receiver how large the entries of each row are, and nobody has to say it again.
"""

from collections.abc import Iterator

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.trellis.factor import Factor
from wlra_dist.codecs.trellis.scales import Hints, quarters

CODE = 1
"""The version of the messages; goes up with whatever changes them, so that older files are named as such."""

ENTRIES = 1 << 13
"""Of a run, about: so many that its header is next to nothing, so few that errors are made good soon after."""

PRICE = 0.25
"""What a bit may cost, in squared steps (`forms.trellised`)."""

BOUND = (1 << 40) - 1
"""No integer is larger in absolute value."""

FEW = 1 << 11
"""Entries of which every way to code them is tried; of more the trellis has always been the shortest."""

_LARGE = 1 << 20
"""Entries count as no larger in what they tell of others."""


def runs(shape: tuple[int, int]) -> Iterator[slice]:
    """The columns of each message of a matrix, n×d."""
    width = max(1, round(ENTRIES / max(1, shape[0])))
    yield from (slice(start, min(start + width, shape[1])) for start in range(0, shape[1] if shape[0] else 0, width))


class RowEnergies:
    """The energy of each row of a matrix, in the runs so far."""

    def __init__(self, rows: int) -> None:
        self._energies = np.zeros(rows, np.int64)

    def add(self, V: np.ndarray) -> None:
        """A run (n×w) has been coded."""
        self._energies += np.square(np.clip(V, -_LARGE, _LARGE)).sum(axis=1)

    def code(self, width: int) -> Factor:
        """How the transpose of the next run, of so many columns, goes."""
        rows = np.asarray(quarters(self._energies), np.int64)
        return Factor(Hints(np.zeros(width, np.int64), rows), BOUND)


def nearest(x: np.ndarray, energies: RowEnergies) -> np.ndarray:
    """Integers (n×w) near x that take few bits."""
    found = energies.code(x.shape[1]).trellis.nearest(np.ascontiguousarray(x.T), PRICE)
    return np.rint(np.clip(x, -BOUND, BOUND)).astype(np.int64) if found is None else found.T


def write_integers(V: np.ndarray, out: BitWriter) -> None:
    """V (n×d), of absolute values up to BOUND."""
    energies = RowEnergies(len(V))
    for run in runs(V.shape):
        _write_run(np.ascontiguousarray(V[:, run].T), energies.code(run.stop - run.start), out)
        energies.add(V[:, run])


def read_integers(shape: tuple[int, int], bits: BitReader) -> np.ndarray:
    """The integers (int64, n×d) that were written; DecodeError for bits that are no such message."""
    V, energies = np.empty(shape, np.int64), RowEnergies(shape[0])
    for run in runs(shape):
        V[:, run] = energies.code(run.stop - run.start).read(bits).T
        energies.add(V[:, run])
    return V


def _write_run(value: np.ndarray, code: Factor, out: BitWriter) -> None:
    trellised = code.trellis.written(value) if value.size > FEW else None
    if trellised is None:
        code.write(value, out)
    else:
        out.uint(0, 1)  # as `Factor` says that it is trellis-coded
        out.packed(trellised.payload(), trellised.bits)
