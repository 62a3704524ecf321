"""A matrix rounded so that ‖(A − Â)M^{1/2}‖² is small, for an M that only the sender knows.

Errors of columns that are rounded first are made good by those that follow. For U upper triangular with M^{-1} = UᵀU
and errors E on the first columns b alone, the rest r loses least where it is moved by E U_bb^{-1} U_br (as in GPTQ;
Frantar et al. 2022). Then an error in column j costs what M has of it beyond all that follow, and its step goes in
inverse proportion. All errors cost the same then, and the receiver needs no M but one exponent a column. What M does
not see costs nothing: such columns go to 0.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.models.coded import (
    RowEnergies,
    Run,
    nearest,
    read_integers,
    read_runs,
    runs,
    values,
    write_integers,
    write_runs,
)

RIDGE = 1e-4
"""Of the mean of M's diagonal, added to it: moments of few inputs say more of a direction than they know."""

FINENESS = 4
"""Exponents of steps in an octave."""

FAINTEST = 2.0**-40
"""Columns cost at least this part of the largest: others are as good as free."""


@dataclass(frozen=True, eq=False)
class RoundedMatrix:
    """Â_ij = v_ij·step·2^((rows_i + columns_j)/FINENESS).

    Attributes:
        coded: v, in runs of columns.
        rows, columns: exponents (n, d).
        step: of float32.
    """

    coded: list[Run]
    rows: np.ndarray
    columns: np.ndarray
    step: float

    @property
    def matrix(self) -> np.ndarray:
        v = np.hstack([np.zeros((len(self.rows), 0)), *map(values, self.coded)])
        return v * _steps(self.rows, self.columns, self.step)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.columns)

    def write(self, out: BitWriter) -> None:
        out.uint(int(np.float32(self.step).view(np.uint32)), 32)
        for exponents in (self.rows, self.columns):
            is_even = not exponents.any()
            out.uint(is_even, 1)
            if not is_even:
                write_integers(exponents, out)
        write_runs(self.coded, out)

    @classmethod
    def read(cls, shape: tuple[int, int], bits: BitReader) -> "RoundedMatrix":
        """DecodeError for bits that are no rounded matrix of this shape."""
        step = float(np.uint32(bits.uint(32)).view(np.float32))
        rows, columns = (_read_exponents(size, bits) for size in shape)
        if not np.isfinite(step):
            raise DecodeError("a step came that is no number")
        return cls(read_runs(shape, bits), rows, columns, step)


def _read_exponents(size: int, bits: BitReader) -> np.ndarray:
    exponents = np.zeros(size, np.int64) if bits.uint(1) else read_integers(size, bits)
    if np.abs(exponents).max(initial=0) > _MOST:
        raise DecodeError(f"exponents of at most {_MOST} were due, larger ones came")
    return exponents


_MOST = 2000
"""The largest exponent that a file may claim."""


@dataclass(frozen=True, eq=False)
class Costs:
    """What errors cost, and how those of a column are made good by the columns that follow.

    Attributes:
        rows: square roots of what an error costs by row (n), beside what it costs by column.
        columns: of M's diagonal (d).
        upper: U with (M + ridge)^{-1} = UᵀU; None where M is diagonal.
    """

    rows: np.ndarray
    columns: np.ndarray
    upper: np.ndarray | None = None

    @classmethod
    def of(cls, M: np.ndarray, rows: np.ndarray) -> "Costs":
        """For M (d×d) positive semidefinite up to rounding."""
        mean = float(np.trace(M)) / max(1, len(M))
        if not mean > 0:
            return cls(rows, np.zeros(len(M)))
        M = M / mean + RIDGE * np.eye(len(M))
        return cls(rows, np.sqrt(mean * M.diagonal()), inverse_root(M) / np.sqrt(mean))

    def by_column(self, shape: tuple[int, int]) -> np.ndarray:
        """What an error costs in each column (d), once those that follow its run make it good."""
        if self.upper is None:
            return self.columns
        blocks = (self.upper[run, run] for run in runs(shape))
        return np.concatenate([np.zeros(0), *(np.linalg.norm(np.linalg.inv(block), axis=1) for block in blocks)])


def inverse_root(M: np.ndarray) -> np.ndarray:
    """U, upper triangular, with M^{-1} = UᵀU, for M (d×d) with no eigenvalue near 0: `RIDGE` sees to that."""
    lower = np.linalg.cholesky(M[::-1, ::-1])
    return solve_triangular(lower, np.eye(len(M)), lower=True)[::-1, ::-1]


def rounded(A: np.ndarray, costs: Costs, step: float) -> RoundedMatrix:
    """A (n×d) rounded in steps that cost `step` each, wherever they are."""
    rows, columns = _exponents(costs.rows), _exponents(costs.by_column(A.shape))
    finest = float(np.float32(step / max(_scale(costs.rows) * _scale(costs.by_column(A.shape)), _TINY)))
    steps = _steps(rows, columns, finest)
    energies, target, coded = RowEnergies(len(A)), A / steps, []
    for run in runs(A.shape):
        coded.append(nearest(target[:, run], energies))
        energies.add(coded[-1])
        if costs.upper is not None and run.stop < A.shape[1]:
            rest = slice(run.stop, None)
            moved = (target[:, run] - values(coded[-1])) * steps[:, run]
            target[:, rest] -= moved @ np.linalg.solve(costs.upper[run, run], costs.upper[run, rest]) / steps[:, rest]
    return RoundedMatrix(coded, rows, columns, finest)


_TINY = 1e-30
"""In place of 0, to divide by."""


def _scale(costs: np.ndarray) -> float:
    """The geometric middle of costs, in whole exponents: steps are told beside it."""
    largest = float(costs.max(initial=0.0))
    if not largest > 0:
        return 1.0
    return (
        float(np.exp2(np.rint(FINENESS * np.log2(np.maximum(costs / largest, FAINTEST)).mean()) / FINENESS)) * largest
    )


def _exponents(costs: np.ndarray) -> np.ndarray:
    """Of steps in inverse proportion to costs, about 0."""
    least = FAINTEST * (float(costs.max(initial=0.0)) or 1.0)
    return np.rint(-FINENESS * np.log2(np.maximum(costs, least) / _scale(costs))).astype(np.int64)


def _steps(rows: np.ndarray, columns: np.ndarray, step: float) -> np.ndarray:
    return step * np.exp2(np.add.outer(rows, columns) / FINENESS)
