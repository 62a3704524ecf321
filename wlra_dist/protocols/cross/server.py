"""What a server does in `cross`: turn its columns, show how large they are, round what it is asked for."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.grid import FINENESS, LEAST, MOST, exponent_below
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.scale import largest, power_of, times_power
from wlra_dist.protocols.bins import Bins
from wlra_dist.protocols.cross.cosets import LEVELS, Cosets, modulus
from wlra_dist.protocols.cross.dither import indices
from wlra_dist.protocols.cross.fresh_rows import fresh_rows, gaussian
from wlra_dist.protocols.cross.offsets import at, usual
from wlra_dist.protocols.cross.requests import CrossAnswer, Request, SentNumbers
from wlra_dist.protocols.cross.turning import turn
from wlra_dist.protocols.parts import Deal, Part

PROBE, COLUMNS, ROWS, FRESH = 1, 2, 3, 8
"""Purposes of the coins of a dither; those of a look are followed by its number."""


@dataclass(frozen=True, eq=False)
class HeldColumns:
    """A server's columns of a part, and what the coordinator knows of them.

    Attributes:
        X: the columns in the public basis (n×d).
        i: the server's number.
        rows: t, how many rows have been asked for.
        free: which columns have not.
        exponent: of the probe's step.
    """

    part: Part
    X: np.ndarray
    i: int
    seed: int
    rows: int
    free: np.ndarray
    exponent: int = LEAST


class Rounding(NamedTuple):
    """The answers of a server, and what it holds after them."""

    answers: list[CrossAnswer | None]
    held: list[HeldColumns]


def hold(B: Matrix, i: int, seed: int, *, deal: Deal) -> list[HeldColumns]:
    """The columns of server i, part by part."""
    return [
        HeldColumns(part, turn(block, part, seed), i, seed, 0, np.ones(block.shape[1], dtype=bool))
        for (part, _), block in zip(deal.held(i), deal.blocks(B, i), strict=True)
    ]


def sizes(held: list[HeldColumns]) -> list[int]:
    """Of each part the exponent of a step below ‖B_i‖_F, LEAST where that is 0."""
    return [size_of(own.X) for own in held]


def size_of(X: np.ndarray) -> int:
    """The exponent of the largest step that is at most ‖X‖_F; LEAST where that is 0."""
    power = power_of(largest(X))
    length = float(np.linalg.norm(times_power(X, -power)))
    return int(np.clip(exponent_below(length) + FINENESS * power, LEAST, MOST)) if length else LEAST


def dither(part: Part, seed: int, i: int, shape: tuple[int, int], *purpose: int) -> np.ndarray:
    """Public coins in [0, 1) for numbers of server i."""
    return part.coins(seed, purpose[0], i, *purpose[1:]).random(shape)


def with_step(held: list[HeldColumns], offsets: list[int]) -> list[HeldColumns]:
    """What is held, once the steps of the probes are known."""
    return [
        replace(own, exponent=at(offset, usual(size_of(own.X), *own.X.shape)))
        for own, offset in zip(held, offsets, strict=True)
    ]


def probe(held: list[HeldColumns]) -> list[np.ndarray]:
    """The first rows of each part, rounded."""
    return [_probe(own, 0) for own in held]


def _probe(own: HeldColumns, digits: int) -> np.ndarray:
    """In steps of 2^-digits of the first one: the digits that are sent first stay what they were."""
    rows = own.X[: own.part.probe_rows]
    coins = dither(own.part, own.seed, own.i, rows.shape, PROBE)
    return indices(rows, own.exponent - FINENESS * digits, np.ldexp(coins, digits))


def probed(held: list[HeldColumns]) -> list[HeldColumns]:
    """What is held once the probe is over."""
    return [replace(own, rows=own.part.probe_rows) for own in held]


def refine(held: list[HeldColumns], finer: list[int], *, before: int, digits: int) -> list[np.ndarray | None]:
    """So many binary digits of the probe after those `before`, where they are asked for."""
    return [
        _probe(own, before + digits) & ((1 << digits) - 1) if asked else None
        for own, asked in zip(held, finer, strict=True)
    ]


def fresh(held: list[HeldColumns], exponents: list[int]) -> list[np.ndarray]:
    """Gaussian combinations of the rows of each part, rounded to these steps."""
    return [_fresh(own, exponent) for own, exponent in zip(held, exponents, strict=True)]


def _fresh(own: HeldColumns, exponent: int) -> np.ndarray:
    rows = gaussian(own.part, own.seed, fresh_rows(own.part)) @ own.X
    return indices(rows, exponent, dither(own.part, own.seed, own.i, rows.shape, FRESH))


def answer(held: list[HeldColumns], requests: list[Request | None], *, look: int) -> Rounding:
    """What each part is asked for."""
    found = [_answer(own, asked, look) for own, asked in zip(held, requests, strict=True)]
    return Rounding([answer for answer, _ in found], [after for _, after in found])


def _answer(own: HeldColumns, asked: Request | None, look: int) -> tuple[CrossAnswer | None, HeldColumns]:
    if asked is None:
        return None, own
    free = own.free.copy()
    free[asked.columns] = False
    columns = _rounded(own, own.X[own.rows :, asked.columns], asked, 0, (COLUMNS, look))
    rows = _rounded(own, own.X[own.rows : asked.rows, free], asked, 1, (ROWS, look))
    return CrossAnswer(columns, rows), replace(own, rows=asked.rows, free=free)


def _rounded(own: HeldColumns, X: np.ndarray, asked: Request, which: int, purpose: tuple[int, int]) -> SentNumbers:
    """The indices, or their residues where that is shorter."""
    index = indices(X, at(asked.offset, own.exponent), dither(own.part, own.seed, own.i, X.shape, *purpose))
    level = asked.levels[which]
    if level < LEVELS and index.size:
        M = modulus(level)
        if Cosets(index.shape, M).limit < Bins(index.shape).bits(index):
            return SentNumbers(np.mod(index, M), level)
    return SentNumbers(index)
