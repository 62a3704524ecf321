"""What factors of so many columns will take, before they are rounded: bits and error of each entry by tables.

An entry of size |y| in steps, at the level that its row and column have, takes so many bits and errs so much on average
(`tables.expected`). Over thousands of entries that tells bits within one or two percent, for a few lookups; so the
number of columns is chosen by it, and the step begun with.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.grid import FINENESS, exponent_below, in_steps, step
from wlra_dist.codecs.base.integers import Indices
from wlra_dist.codecs.pixels import PRIOR, PixelPrior
from wlra_dist.codecs.trellis.lattice import LARGEST, SMALL, RoundedEntries
from wlra_dist.codecs.trellis.scale_fit import expected_bits, fitted, side_bits, tried
from wlra_dist.codecs.trellis.scales import Hints
from wlra_dist.forms.rounded_code import FINEST, RoundedCode
from wlra_dist.forms.search import GROWTH, ROOM
from wlra_dist.forms.sent import Sent
from wlra_dist.linalg.blocks import dense_columns, inner
from wlra_dist.linalg.oriented_basis import oriented_basis
from wlra_dist.weights.weighing import others

_NEWTON = 4
"""Steps of the search for the exponent that has the goal's loss."""

_LEVEL = FINENESS // 4
"""Steps of the grid to a level of the tables."""

_UNSURE, _UNSURE_SMALL = 0.015, 0.06
"""By so much the model may be wrong: of all entries, and where they are few."""

MOST_TRIED = 2
"""For so many numbers of columns, factors are found."""


class Factored(NamedTuple):
    """What is to be rounded: a left factor, the columns of B that Y tells, S and a prior, as in `RoundedFactors`."""

    left: np.ndarray
    rest: np.ndarray
    S: np.ndarray
    prior: PixelPrior | None = None


@dataclass(frozen=True, eq=False)
class Outlook:
    """Factors with so many columns.

    Attributes:
        of: what is to be rounded.
        finer: by how many steps each column of L has a finer one.
        exponent: of the step that has about the goal's loss.
        bits: about what it will take.
        tail: what of ‖B‖² no factors with so many columns could have.
    """

    of: Factored
    finer: np.ndarray
    exponent: int
    bits: float
    tail: float

    @property
    def size(self) -> int:
        return self.of.left.size + self.of.left.shape[1] * self.of.rest.shape[1]


def outlooks(
    block: Sent, left: np.ndarray, S: np.ndarray, goal: float, code: RoundedCode, prior: PixelPrior | None
) -> list[Outlook]:
    """For the numbers of leading columns of `left` (n×K) that may be best, the best first.

    `S` are the columns of B that they are, if any. Numbers are tried from the fewest whose span leaves room in the
    goal, until twice in a row it takes more bits. The first tells whether to go by the prior.
    """
    survey = _ColumnSurvey.of(block, left, S, (None, prior) if prior else (None,))
    found: list[Outlook] = []
    least, worse = np.inf, 0
    for c in survey.lengths(goal):
        outlook = survey.outlook(c, goal, code)
        if outlook is None:
            continue
        survey = replace(survey, priors=(outlook.of.prior,))
        found.append(outlook)
        worse = worse + 1 if outlook.bits >= least else 0
        least = min(least, outlook.bits)
        if worse == 2:
            break
    found.sort(key=lambda outlook: outlook.bits)
    unsure = _UNSURE_SMALL if found and found[0].size <= SMALL else _UNSURE
    return [outlook for outlook in found[:MOST_TRIED] if outlook.bits <= least * (1 + unsure)]


@dataclass(frozen=True, eq=False)
class _ColumnSurvey:
    """One look at B for all numbers of columns: left = QR, and Y = QᵀB.

    Attributes:
        tails: ‖B − Q_c Q_cᵀB‖² for c = 1, 2, …
        priors: of rows that are pixels, those to try.
    """

    block: Sent
    left: np.ndarray
    S: np.ndarray
    R: np.ndarray
    Y: np.ndarray
    tails: np.ndarray
    priors: tuple[PixelPrior | None, ...]

    @classmethod
    def of(cls, block: Sent, left: np.ndarray, S: np.ndarray, priors: tuple[PixelPrior | None, ...]) -> "_ColumnSurvey":
        left = left[:, : min(left.shape)]
        Q, R = oriented_basis(left)
        Y = inner(Q, block.B)
        tails = float(block.energies.sum()) - np.cumsum(np.square(Y).sum(axis=1))
        return cls(block, left, S, R, Y, tails, priors)

    def lengths(self, goal: float) -> list[int]:
        """From the fewest columns whose span leaves room in the goal to all, each try a few more than before."""
        most = len(self.tails)
        enough = np.flatnonzero(self.tails <= ROOM * goal)
        tries = [int(enough[0]) + 1 if len(enough) else most]
        while tries[-1] < most:
            tries.append(min(most, max(tries[-1] + 1, round(tries[-1] * GROWTH))))
        return tries

    def outlook(self, c: int, goal: float, code: RoundedCode) -> Outlook | None:
        """None where the first c columns are dependent."""
        R, S, d = self.R[:c, :c], self.S[:c], self.block.W.shape[1]
        if not R.diagonal().all():
            return None
        rest = others(S, d)
        Y = self.Y[:c, rest]
        spread = np.square(np.linalg.solve(R, Y)).sum(axis=1) + (1.0 if len(S) else 0.0)
        finer = np.rint(FINENESS * np.log2(np.sqrt(np.maximum(spread, 1e-300) / max(spread.min(), 1e-300))))
        finer = np.clip(finer, 0, FINEST).astype(np.int64)
        of = Factored(self.left[:, :c], dense_columns(self.block.B, rest), S)
        tail = max(float(self.tails[c - 1]), 0.0)
        room = max(goal - tail, goal * (1 - ROOM))
        tries = [of._replace(prior=prior) for prior in self.priors]
        stepped = [(*_stepped(each, Y, finer, room, code), each) for each in tries]
        exponent, bits, of = min(stepped, key=lambda each: each[1])
        return Outlook(of, finer, exponent, bits + Indices(len(S), d).limit, tail)


def _stepped(of: Factored, Y: np.ndarray, finer: np.ndarray, room: float, code: RoundedCode) -> tuple[int, float]:
    """The exponent of the step whose errors cost about so much, and the bits then."""
    left = code.travelling(of.left, of.prior)
    start = exponent_below(np.sqrt(4 * room / (left.size + Y.size)))
    L = in_steps(left, start - finer)
    v = np.rint(np.clip(L, -(2.0**40), 2.0**40)).astype(np.int64)
    factors = [
        (code.left(len(finer), of.prior).hints, L),
        (code.right(RoundedEntries.plainly(v), finer, of.S).hints, in_steps(Y, start)),
    ]
    models = [_LevelModel.of(hints, x, sparing=code.grid is not None) for hints, x in factors if x.size]
    exponent, bits = start, 0.0
    for _ in range(_NEWTON):
        bits, errors = np.sum([model.at(exponent - start) for model in models], axis=0)
        loss = errors * float(step(exponent)) ** 2
        move = round(FINENESS / 2 * np.log2(room / max(loss, room * 2.0**-60)))
        exponent += int(np.clip(move, -4 * FINENESS, 4 * FINENESS))
        if abs(move) <= 1:
            break
    plain = 0.0 if max(left.size, Y.size) <= LARGEST else (left.size + Y.size) / 8
    named = 0 if of.prior is None else PRIOR.limit
    return exponent, float(bits) + plain + named


@dataclass(frozen=True, eq=False)
class _LevelModel:
    """A matrix at a step to begin with: sizes in steps, the level of each, and what its scales take."""

    sizes: np.ndarray
    levels: np.ndarray
    side: float

    @classmethod
    def of(cls, hints: Hints, x: np.ndarray, *, sparing: bool) -> "_LevelModel":
        """With terms for rows and columns; if `sparing`, only where they pay: in a basis of pixels few do."""
        scales = tried([hints], x[None], 1)[0][0] if sparing else fitted(hints, x)
        return cls(np.abs(x).ravel(), scales.absolute(hints), side_bits(scales, hints))

    def at(self, coarser: int) -> tuple[float, float]:
        """(bits, errors in squared steps) with a step that is coarser by so many of the grid."""
        levels = np.maximum(self.levels - round(coarser / _LEVEL), 0)
        bits, errors = expected_bits(in_steps(self.sizes, coarser), levels)
        return float(bits) + self.side, float(errors)
