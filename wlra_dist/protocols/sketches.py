"""What servers tell of their blocks in `sketch_qrcp`: sketches with common coins, part of supp(W) by part.

With B_i = QY + E, where QY is the best matrix of rank p, EYᵀ = 0: the E_i of all servers together are orthogonal to
what is told, and ‖B − P[Q_iY_i]‖² = Σ_i‖E_i‖² + ‖(I − P)[Q_iY_i]‖² for every projection P. So little is lost when noise
stays at home. Q is turned so that its first directions are those of the block's longest columns, one after the other:
where columns fall into groups, Y is then nearly 0 outside of a column's own group, and takes few bits.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from wlra_dist.bounds import check_rows, sketch_rows
from wlra_dist.codecs import Codec
from wlra_dist.codecs.block_sketch import BlockSketch, BlockSketchCode, sizes
from wlra_dist.codecs.compound import Each
from wlra_dist.codecs.grid import GRID_BOUND, exponent_below, step
from wlra_dist.game.located import PerParty
from wlra_dist.linalg.blocks import energy, gram, shape_of
from wlra_dist.linalg.pivoted import leading_pivots
from wlra_dist.linalg.sketch import count_sketch
from wlra_dist.linalg.spectrum import EPS
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Matrix, Weights
from wlra_dist.weights.components import Component, components
from wlra_dist.weights.rank import examine

SHARE, LEFT_SHARE = 0.3, 0.6
"""Of ε·‖E‖²: what the rounding of Y may cost, and that of SQ."""

PLAIN_SHARE = 0.15
"""Of ‖E‖²: what the rounding of a sketch of the columns themselves may cost."""

CHECK_SHARE = 0.1
"""Of ‖E‖²: what the rounding of the check may add to it; it is taken off again."""

FINEST = 2.0**-44
"""The step of real numbers whose noise nobody knows, as a part of their root mean square."""


@dataclass(frozen=True, eq=False)
class Part:
    """One part of supp(W), and how it is sketched.

    Attributes:
        place: its rows, and its columns among all.
        K: the rank that W∘A' may have there for an A' of rank k.
        rows: ℓ; 0 where a sketch would be no shorter than the columns, which are then sent themselves.
        checks: the sums with signs that are held against the outcome.
        number: of the part, for its coins.
    """

    place: Component
    K: int
    rows: int
    checks: int
    number: int

    def sketch(self, B: Matrix, seed: int) -> np.ndarray:
        """SB for columns of the part, on its rows (ℓ×d)."""
        return count_sketch(B, self.rows, np.random.default_rng([seed, self.number, 0]))

    def check(self, B: Matrix, seed: int) -> np.ndarray:
        """Sums of the rows with random signs (checks×d), other ones than those of S."""
        coins = np.random.default_rng([seed, self.number, 1])
        signs = coins.choice(np.array([-1.0, 1.0]), (self.checks, len(self.place.rows)))
        return np.ascontiguousarray((B.T @ signs.T).T)


@dataclass(frozen=True, eq=False)
class Plan:
    """What is public of the sketches."""

    W: PerParty[Weights]
    terms: Terms

    @cached_property
    def parts(self) -> list[Part]:
        return [self._part(number, place) for number, place in enumerate(components(self.W.whole))]

    @property
    def sketched(self) -> list[Part]:
        return [part for part in self.parts if part.rows]

    @cached_property
    def tails(self) -> bool:
        """Whether ‖B_{−rk}‖_F² bounds OPT: it does only where rank(W) ≤ r is known."""
        return examine(self.W.whole, self.terms.r).off is not None

    @cached_property
    def starts(self) -> list[int]:
        """Where each server's columns begin among all, and d at the end."""
        return [0, *accumulate(W_i.shape[1] for W_i in self.W)]

    def own(self, part: Part, i: int) -> np.ndarray:
        """The columns of a part that server i holds, counted within its block."""
        columns = part.place.columns
        return columns[(self.starts[i] <= columns) & (columns < self.starts[i + 1])] - self.starts[i]

    def held(self, i: int) -> list[tuple[Part, np.ndarray]]:
        """The sketched parts of which server i holds columns, and these columns."""
        return [(part, own) for part in self.sketched if len(own := self.own(part, i))]

    @property
    def coded(self) -> bool:
        """Whether all takes the fewest bits, or plain numbers as the theorem counts them."""
        return self.terms.code == "auto" and not self.terms.columns

    def codes(self) -> PerParty[Codec[list[BlockSketch]]]:
        """The code of what each server tells."""
        width = None if self.coded else 32 if self.terms.code == "float32" else 64
        return PerParty(
            [
                Each(
                    [
                        BlockSketchCode(part.rows, part.checks, _rank(part, len(own)), len(own), width)
                        for part, own in held
                    ]
                )
                for held in map(self.held, range(len(self.W)))
            ]
        )

    def _part(self, number: int, place: Component) -> Part:
        K = min(self.W.whole.block(place.columns).rank, self.terms.r) * self.terms.k
        integer = self.terms.bound is not None
        d = self.W.whole.shape[1]
        rows = sketch_rows(K, self.terms.epsilon, d, integer=integer)
        return Part(place, K, rows if rows < len(place.rows) else 0, check_rows(d), number)


def describe(B: Matrix, i: int, seed: int, *, plan: Plan) -> list[BlockSketch]:
    """The sketches of server i, part by part."""
    rows = B if isinstance(B, np.ndarray) else B.tocsr()
    told: list[BlockSketch] = []
    for part, own in plan.held(i):
        block = rows[part.place.rows][:, own]
        told.append(_told(block if isinstance(block, np.ndarray) else block.tocsc(), part, seed, plan))
    return told


def _rank(part: Part, d: int) -> int:
    """p = K where directions with coefficients are fewer numbers than a sketch of all columns; else 0."""
    return part.K if 0 < part.K < d and part.K * (part.rows + d) <= part.rows * d else 0


def _told(B: Matrix, part: Part, seed: int, plan: Plan) -> BlockSketch:
    d = shape_of(B)[1]
    SB, check = part.sketch(B, seed), part.check(B, seed)
    none = np.zeros((part.rows, 0), dtype=np.int64)
    nothing = np.zeros(1 + part.checks)
    if not plan.coded:
        return BlockSketch(nothing, np.zeros(3, dtype=np.int64), none, SB, check)
    values, V = (each[..., ::-1] for each in np.linalg.eigh(gram(B)))
    p = min(part.K, d)
    missed = float(np.maximum(values[p:], 0.0).sum())
    if missed <= sum(shape_of(B)) * EPS * energy(B):
        missed = 0.0
    check_step = _step(check, CHECK_SHARE * missed / d)
    checked = _indices(check, check_step)
    if not (missed and _rank(part, d)):
        exponent = _step(SB, PLAIN_SHARE * missed / (d * part.rows))
        return BlockSketch(nothing, np.array([0, exponent, check_step]), none, _indices(SB, exponent), checked)
    Y, SQ = _turned(SB, values[:p], V[:, :p])
    allowed = min(plan.terms.epsilon, 0.5) * missed / d
    right_step = _step(Y, SHARE * allowed / p)
    right = _indices(Y, right_step)
    scaled = SQ * sizes(right, right_step)
    exponents = np.array([_step(scaled, LEFT_SHARE * allowed / (p * part.rows)), right_step, check_step])
    left = _indices(scaled, exponents[0])
    unseen = np.square(check - (check @ V[:, :p]) @ V[:, :p].T).sum(axis=1)
    return BlockSketch(np.array([missed, *unseen]), exponents, left, right, checked)


def _turned(SB: np.ndarray, values: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Y (p×d) and SQ (ℓ×p) for B ≈ QY, from the p largest eigenvalues of BᵀB and their vectors."""
    sigma = np.sqrt(values)
    M = sigma[:, None] * V.T
    pivots, _ = leading_pivots(M, len(M))
    turn, _ = np.linalg.qr(np.hstack([M[:, pivots], np.eye(len(M))]))
    return turn.T @ M, ((SB @ V) / sigma) @ turn


def _step(numbers: np.ndarray, noise: float) -> int:
    """The exponent of a step whose rounding adds so much to a number's square; 1 where integers shall be exact."""
    largest = float(np.abs(numbers).max(initial=0.0))
    if not largest:
        return 0
    finest = max(FINEST * float(np.sqrt(np.square(numbers).mean())), 2 * largest / GRID_BOUND)
    wanted = max(np.sqrt(12 * noise), finest)
    if wanted <= 1 and largest < GRID_BOUND and np.array_equal(numbers, np.rint(numbers)):
        return 0
    return exponent_below(wanted)


def _indices(numbers: np.ndarray, exponent: int) -> np.ndarray:
    return np.rint(numbers / step(exponent)).astype(np.int64)
