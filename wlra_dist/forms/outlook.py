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
from wlra_dist.linalg.blocks import inner, shape_of
from wlra_dist.linalg.matrix import Matrix, dense
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.linalg.oriented_basis import oriented_basis
from wlra_dist.linalg.rows.tall import triangle_on_demand
from wlra_dist.weights.weighing import others

_NEWTON = 4
"""Steps of the search for the exponent that has the goal's loss."""

_LEVEL = FINENESS // 4
"""Steps of the grid to a level of the tables."""

_UNSURE, _UNSURE_SMALL = 0.015, 0.06
"""By so much the model may be wrong: of all entries, and where they are few."""

_SEEN = 1 << 20
"""Entries of a left factor by which a model is made, where no more is held of it."""

_DEPENDENT = 1e-13
"""A column that keeps no more of its length outside those before it ends a survey without Q."""

MOST_TRIED = 2
"""For so many numbers of columns, factors are found."""


class Factored(NamedTuple):
    """What is to be rounded: a left factor, and the columns of B that Y tells; S and a prior as in `RoundedFactors`.

    Attributes:
        energy: ‖·‖_F² of the columns that Y tells.
    """

    left: Matrix
    rest: Matrix
    energy: float
    S: np.ndarray
    prior: PixelPrior | None = None

    @property
    def at_hand(self) -> "Factored":
        """The same with the left factor as an array."""
        return self._replace(left=dense(self.left))


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
        n, c = shape_of(self.of.left)
        return n * c + c * shape_of(self.of.rest)[1]


def outlooks(
    block: Sent, left: np.ndarray | OnDemand, S: np.ndarray, goal: float, code: RoundedCode, prior: PixelPrior | None
) -> list[Outlook]:
    """For the numbers of leading columns of `left` (n×K) that may be best, the best first.

    `S` are the columns of B that they are, if any. Numbers are tried from the fewest whose span leaves room in the
    goal, until twice in a row it takes more bits. The first tells whether to go by the prior.
    """
    survey = _ColumnSurvey.of(block, left, S, code, (None, prior) if prior else (None,))
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
        seen: rows of `left` that stand for all, where these are many.
        tails: ‖B − Q_c Q_cᵀB‖² for c = 1, 2, …
        priors: of rows that are pixels, those to try.
    """

    block: Sent
    left: np.ndarray | OnDemand
    S: np.ndarray
    R: np.ndarray
    Y: np.ndarray
    tails: np.ndarray
    priors: tuple[PixelPrior | None, ...]
    seen: "_SeenRows | None"

    @classmethod
    def of(
        cls,
        block: Sent,
        left: np.ndarray | OnDemand,
        S: np.ndarray,
        code: RoundedCode,
        priors: tuple[PixelPrior | None, ...],
    ) -> "_ColumnSurvey":
        if isinstance(left, OnDemand):
            R, Y, seen = _surveyed(block, left, code)
            left = left.within(np.arange(len(R)))
        else:
            left, seen = left[:, : min(left.shape)], None
            Q, R = oriented_basis(left)
            Y = inner(Q, block.B)
        tails = float(block.energies.sum()) - np.cumsum(np.square(Y).sum(axis=1))
        return cls(block, left, S, R, Y, tails, priors, seen)

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
        left = self.left.within(np.arange(c)) if isinstance(self.left, OnDemand) else self.left[:, :c]
        of = Factored(left, *self.block.exact_columns(rest), S)
        tail = max(float(self.tails[c - 1]), 0.0)
        room = max(goal - tail, goal * (1 - ROOM))
        tries = [of._replace(prior=prior) for prior in self.priors]
        stepped = [(*_stepped(each, Y, finer, room, code, self.seen), each) for each in tries]
        exponent, bits, of = min(stepped, key=lambda each: each[1])
        return Outlook(of, finer, exponent, bits + Indices(len(S), d).limit, tail)


class _SeenRows(NamedTuple):
    """Rows of a left factor that stand for so many times as many: of thousands, a part tells what all will take.

    Attributes:
        left: on these rows, of those that travel.
        places: among those that travel.
        times: how many each stands for.
    """

    left: np.ndarray
    places: np.ndarray
    times: float


def _surveyed(block: Sent, left: OnDemand, code: RoundedCode) -> tuple[np.ndarray, np.ndarray, _SeenRows]:
    """R, Y and some rows, without Q: left = QR, so that Y = R⁻ᵀ(leftᵀB), to what a model needs."""
    n, K = left.shape
    R = triangle_on_demand(left)
    (dependent,) = np.nonzero(R.diagonal() <= _DEPENDENT * np.linalg.norm(R, axis=0))
    c = int(dependent[0]) if len(dependent) else K
    every = -(-n * K // _SEEN)
    product, seen = np.zeros((K, block.W.shape[1])), []
    for run, piece in left.pieces():
        product += piece.T @ block.B[run]
        seen.append(piece[-run.start % every :: every])
    place = np.full(n, -1)
    place[code.rows] = np.arange(len(code.rows))
    places, rows = place[::every], np.concatenate(seen)
    travel = places >= 0
    rows = _SeenRows(rows[travel, :c], places[travel], len(code.rows) / max(int(travel.sum()), 1))
    return R[:c, :c], np.linalg.solve(R[:c, :c].T, product[:c]), rows


def _stepped(
    of: Factored, Y: np.ndarray, finer: np.ndarray, room: float, code: RoundedCode, seen: _SeenRows | None
) -> tuple[int, float]:
    """The exponent of the step whose errors cost about so much, and the bits then."""
    hints = code.left(len(finer), of.prior).hints
    if seen is None:
        left, times = code.travelling(dense(of.left), of.prior), 1.0
    else:
        left, times, hints = seen.left[:, : len(finer)], seen.times, Hints(hints.rows[seen.places], hints.columns)
    size = left.size * times
    start = exponent_below(np.sqrt(4 * room / (size + Y.size)))
    L = in_steps(left, start - finer)
    v = np.rint(np.clip(L, -(2.0**40), 2.0**40)).astype(np.int64)
    factors = [
        (hints, L, times),
        (code.right(RoundedEntries.plainly(v), finer, of.S).hints, in_steps(Y, start), 1.0),
    ]
    sparing = code.grid is not None
    models = [_LevelModel.of(hints, x, many, sparing=sparing) for hints, x, many in factors if x.size]
    exponent, bits = start, 0.0
    for _ in range(_NEWTON):
        bits, errors = np.sum([model.at(exponent - start) for model in models], axis=0)
        loss = errors * float(step(exponent)) ** 2
        move = round(FINENESS / 2 * np.log2(room / max(loss, room * 2.0**-60)))
        exponent += int(np.clip(move, -4 * FINENESS, 4 * FINENESS))
        if abs(move) <= 1:
            break
    plain = 0.0 if max(size, Y.size) <= LARGEST else (size + Y.size) / 8
    named = 0 if of.prior is None else PRIOR.limit
    return exponent, float(bits) + plain + named


@dataclass(frozen=True, eq=False)
class _LevelModel:
    """A matrix at a step to begin with: sizes in steps, the level of each, what its scales take, how often each is."""

    sizes: np.ndarray
    levels: np.ndarray
    side: float
    times: float

    @classmethod
    def of(cls, hints: Hints, x: np.ndarray, times: float, *, sparing: bool) -> "_LevelModel":
        """With terms for rows and columns; if `sparing`, only where they pay: in a basis of pixels few do."""
        scales = tried([hints], x[None], 1)[0][0] if sparing else fitted(hints, x)
        return cls(np.abs(x).ravel(), scales.absolute(hints), side_bits(scales, hints), times)

    def at(self, coarser: int) -> tuple[float, float]:
        """(bits, errors in squared steps) with a step that is coarser by so many of the grid."""
        levels = np.maximum(self.levels - round(coarser / _LEVEL), 0)
        bits, errors = expected_bits(in_steps(self.sizes, coarser), levels)
        return (float(bits) + self.side) * self.times, float(errors) * self.times
