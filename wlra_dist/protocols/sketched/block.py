"""A server's sketches of its block in `sketch_qrcp`, part by part, rounded as the level of noise allows.

Q is turned so that its first directions are those of the block's longest columns, one after the other. If columns fall
into groups, Y is then nearly 0 outside of a column's own group, and takes few bits.
"""

from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.grid import GRID_BOUND, exponent_below, step
from wlra_dist.linalg.blocks import energy, gram, shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.pivoted import leading_pivots
from wlra_dist.linalg.spectral.decompositions import eigen
from wlra_dist.linalg.spectral.spectrum import EPS, VISIBLE
from wlra_dist.protocols.sketched.block_sketch import BlockSketch, sizes
from wlra_dist.protocols.sketched.sketches import PlannedPart, SketchPlan

SHARE, LEFT_SHARE, TURNED_SHARE = 0.15, 0.1, 0.1
"""Of ε times the level: what the rounding of Y may cost, that of SQ, and that of GQ."""

PLAIN_SHARE = 0.15
"""Of the level: what the rounding of a sketch of the columns themselves may cost."""

CHECK_SHARE = 0.1
"""Of the level: what the rounding of the check may add to it; the receiver subtracts it again."""

FINEST = 2.0**-44
"""The finest step of real numbers, as a part of their root mean square."""


class PartBlock(NamedTuple):
    """A server's columns of one part.

    Attributes:
        i: the server's number.
        noise: the level, column by column: the energy of the noise of one.
    """

    B: Matrix
    part: PlannedPart
    i: int
    seed: int
    noise: float = 0.0

    @property
    def SB(self) -> np.ndarray:
        """Under the sketch that all servers have in common, ℓ×d."""
        return self.part.sketch(self.B, self.seed)

    def GB(self, rows: int) -> np.ndarray:
        """Under random signs, rows×d."""
        return self.part.check(self.B, self.seed, self.i, rows)


def describe(B: Matrix, i: int, seed: int, levels: list[int], *, plan: SketchPlan) -> list[BlockSketch]:
    """The sketches of server i, part by part; each level is the exponent of the root of a column's noise."""
    return [
        _sketched(PartBlock(part.of(B, own), part, i, seed, float(step(level)) ** 2), plan.terms.epsilon)
        for (part, own), level in zip(plan.held(i), levels, strict=True)
        if part.rows
    ]


def plainly(B: Matrix, i: int, seed: int, *, plan: SketchPlan) -> list[BlockSketch]:
    """The sketches of server i as numbers that are not rounded to any level."""
    blocks = [PartBlock(part.of(B, own), part, i, seed) for part, own in plan.sketched_of(i)]
    exponents = np.zeros(3, dtype=np.int64)
    return [
        BlockSketch(np.zeros(3), exponents, no_directions(block.part.rows), block.SB, block.GB(block.part.checks))
        for block in blocks
    ]


def _sketched(block: PartBlock, epsilon: float) -> BlockSketch:
    B, p = block.B, block.part.rank_of(shape_of(block.B)[1])
    if not p:
        return _columns(block)
    values, V = (each[..., ::-1] for each in eigen(gram(B)))
    missed = float(np.maximum(values[p:], 0.0).sum())
    if VISIBLE * missed <= sum(shape_of(B)) * EPS * energy(B):  # lost in the rounding of the Gram matrix
        return _columns(block)
    return _directions(block, min(epsilon, 0.5) * block.noise, values[:p], V[:, :p], [missed, float(values[p])])


def _columns(block: PartBlock) -> BlockSketch:
    part, SB, GB = block.part, block.SB, block.GB(block.part.checks)
    exponents = np.array(
        [0, step_of(SB, PLAIN_SHARE * block.noise / part.rows), step_of(GB, CHECK_SHARE * block.noise)]
    )
    none = no_directions(part.rows)
    return BlockSketch(np.zeros(3), exponents, none, indices(SB, exponents[1]), indices(GB, exponents[2]))


def _directions(
    block: PartBlock, allowed: float, values: np.ndarray, V: np.ndarray, missed: list[float]
) -> BlockSketch:
    """Y on its grid, and SQ and GQ for the directions Q in which the columns have the coefficients Y."""
    part, p = block.part, len(values)
    Y, turn = _turned(values, V)
    right_step = step_of(Y, SHARE * allowed / p)
    right = indices(Y, right_step)
    to_directions = turn * sizes(right, right_step)
    SQ = block.SB @ to_directions
    sums = block.GB(part.turned) @ to_directions if part.turned else block.GB(part.checks)
    check_noise = TURNED_SHARE * allowed / p if part.turned else CHECK_SHARE * block.noise
    left_step, check_step = step_of(SQ, LEFT_SHARE * allowed / (p * part.rows)), step_of(sums, check_noise)
    lost = float(np.square(Y - right * step(right_step)).sum())
    exponents = np.array([left_step, right_step, check_step])
    return BlockSketch(np.array([*missed, lost]), exponents, indices(SQ, left_step), right, indices(sums, check_step))


def no_directions(rows: int) -> np.ndarray:
    """The SQ of a block whose columns are sketched themselves."""
    return np.zeros((rows, 0), dtype=np.int64)


def _turned(values: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Y (p×d) for B ≈ QY, and T (d×p) with Q = BT, from the p largest eigenvalues of BᵀB and their vectors."""
    sigma = np.sqrt(values)
    M = sigma[:, None] * V.T
    pivots, _ = leading_pivots(M, len(M))
    turn, _ = np.linalg.qr(np.hstack([M[:, pivots], np.eye(len(M))]))
    return turn.T @ M, V / sigma @ turn


def step_of(numbers: np.ndarray, noise: float, finest: float = FINEST) -> int:
    """The exponent of a step whose rounding adds `noise` to a number's square; 0 where integers shall be exact."""
    largest = float(np.abs(numbers).max(initial=0.0))
    if not largest:
        return 0
    least = max(finest * float(np.sqrt(np.square(numbers).mean())), 2 * largest / GRID_BOUND)
    wanted = max(np.sqrt(12 * noise), least)
    if wanted <= 1 and largest < GRID_BOUND and np.array_equal(numbers, np.rint(numbers)):
        return 0
    return exponent_below(wanted)


def indices(numbers: np.ndarray, exponent: int) -> np.ndarray:
    """The numbers in steps."""
    return np.rint(numbers / step(exponent)).astype(np.int64)
