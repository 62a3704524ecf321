"""What the coordinator knows of a part: some rows of all columns, all rows of some columns, and how exactly.

All is in units of a power of two near the root mean square, so that scale means nothing and nothing overflows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.grid import FINENESS, LEAST, step
from wlra_dist.protocols.cross.cosets import LEVELS, resolve
from wlra_dist.protocols.cross.dither import numbers
from wlra_dist.protocols.cross.offsets import at
from wlra_dist.protocols.cross.proof import Seen
from wlra_dist.protocols.cross.requests import CrossAnswer, Request, SentNumbers
from wlra_dist.protocols.cross.server import COLUMNS, FRESH, PROBE, ROWS, dither
from wlra_dist.protocols.parts import Part

Runs = Sequence[tuple[int, slice]]
"""The servers of a part, and their columns, counted within it."""


@dataclass(frozen=True, eq=False)
class Known:
    """A part (n×d) in the public basis.

    Attributes:
        runs: who holds what.
        energy: about ‖B‖_F², no less.
        unit: all numbers here are those of B over 2^unit.
        exponent: of the probe's step.
        X: what is known, 0 elsewhere (n×d).
        row_noise: the variance of the rounding of an entry of each known row (t).
        J: the columns that are known at full length, in the order in which they came (c).
        column_noise: the same of their other entries (c).
    """

    part: Part
    runs: Runs
    seed: int
    energy: float
    unit: int
    exponent: int
    index: np.ndarray
    X: np.ndarray
    row_noise: np.ndarray
    J: np.ndarray
    column_noise: np.ndarray

    @property
    def t(self) -> int:
        return len(self.row_noise)

    @property
    def T(self) -> np.ndarray:
        """The known rows (t×d)."""
        return self.X[: self.t]

    @property
    def C(self) -> np.ndarray:
        """The known columns (n×c)."""
        return self.X[:, self.J]

    @cached_property
    def free(self) -> np.ndarray:
        """Which columns are not known at full length."""
        free = np.ones(self.part.shape[1], dtype=bool)
        free[self.J] = False
        return free

    @property
    def rms(self) -> float:
        return float(np.sqrt(self.energy / max(self.X.size, 1)))

    # hearing

    @classmethod
    def of(cls, part: Part, runs: Runs, seed: int, exponents: Sequence[int]) -> "Known":
        """Before anything is known but the servers' exponents of ‖B_i‖_F."""
        top = max(exponents)
        unit = top // FINENESS if top > LEAST else 0
        sizes = step(np.array(exponents) - unit * FINENESS + 1) * (np.array(exponents) > LEAST)
        n, d = part.shape
        none = np.zeros(0)
        return cls(
            part, runs, seed, float(np.square(sizes).sum()), unit, 0, np.zeros((0, d), dtype=np.int64),
            np.zeros((n, d)), none, np.zeros(0, dtype=np.int64), none,
        )  # fmt: skip

    def with_probe(self, exponent: int, indices: Sequence[np.ndarray], digits: int = 0) -> "Known":
        """With the probe to so many digits below the step of this exponent."""
        index = np.hstack(indices)
        self._require(index.shape == (self.part.probe_rows, self.part.shape[1]), "a probe")
        coins = np.hstack(
            [dither(self.part, self.seed, i, (len(index), run.stop - run.start), PROBE) for i, run in self.runs]
        )
        X, place = self.X.copy(), exponent - FINENESS * (self.unit + digits)
        X[: len(index)] = numbers(index, place, np.ldexp(coins, digits))
        noise = np.full(len(index), float(step(place)) ** 2 / 12)
        return replace(self, exponent=exponent, index=index, X=X, row_noise=noise)

    def refined(self, low: Sequence[np.ndarray | None], before: int, digits: int) -> "Known":
        """With so many more digits of the probe."""
        digits_of_all = [each for each in low if each is not None]
        self._require(len(digits_of_all) == len(low), "digits of a probe")
        return self.with_probe(self.exponent, [self.index << digits | np.hstack(digits_of_all)], before + digits)

    def fresh(self, exponent: int, indices: Sequence[np.ndarray]) -> Seen:
        """Gaussian rows (s×d), in units like all else; nothing else rests on them."""
        coins = [
            dither(self.part, self.seed, i, each.shape, FRESH) for (i, _), each in zip(self.runs, indices, strict=True)
        ]
        place = exponent - FINENESS * self.unit
        return Seen(numbers(np.hstack(indices), place, np.hstack(coins)), float(step(place)))

    def with_answers(
        self,
        requests: Sequence[Request | None],
        answers: Sequence[CrossAnswer | None],
        look: int,
        predicted: np.ndarray | None,
    ) -> "Known":
        """With what the servers of the part were asked for, and answered."""
        asked = next((request for request in requests if request is not None), None)
        if asked is None:
            return self
        X, free, J = self.X.copy(), self.free.copy(), list(self.J)
        for (i, run), request, answer in zip(self.runs, requests, answers, strict=True):
            self._require((request is None) == (answer is None), "an answer")
            if request is None or answer is None:
                continue
            columns = run.start + request.columns
            free[columns] = False
            rest = np.flatnonzero(free[run]) + run.start
            for sent, rows, own, purpose in (
                (answer.columns, slice(self.t, None), columns, COLUMNS),
                (answer.rows, slice(self.t, request.rows), rest, ROWS),
            ):
                coins = dither(self.part, self.seed, i, X[rows, own].shape, purpose, look)
                X[rows, own] = self._numbers(sent, request, coins, None if predicted is None else predicted[rows, own])
            J += columns.tolist()
        variance = float(step(self._place(asked))) ** 2 / 12
        columns = np.append(self.column_noise, np.full(len(J) - len(self.J), variance))
        rows = np.append(self.row_noise, np.full(asked.rows - self.t, variance))
        return replace(self, X=X, J=np.array(J, dtype=np.int64), column_noise=columns, row_noise=rows)

    def _numbers(
        self, sent: SentNumbers, request: Request, coins: np.ndarray, predicted: np.ndarray | None
    ) -> np.ndarray:
        """The numbers of an answer; residues are told by what was predicted."""
        fits = sent.numbers.size == coins.size and (sent.level == LEVELS or predicted is not None)
        self._require(fits, "an answer to what was asked")
        exponent = self._place(request)
        index = sent.numbers.reshape(coins.shape)
        if sent.level < LEVELS and predicted is not None:
            index = resolve(index, sent.level, predicted / step(exponent) + coins - 0.5)
        return numbers(index, exponent, coins)

    def _place(self, request: Request) -> int:
        """The exponent of a request's step, in units."""
        return at(request.offset, self.exponent) - self.unit * FINENESS

    @staticmethod
    def _require(fits: bool, due: str) -> None:
        if not fits:
            raise DecodeError(f"{due} was due, and what came is none")
