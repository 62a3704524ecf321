"""What is public of the sketches in `sketch_qrcp`: the parts of supp(W), and how each server's columns are sketched.

With B_i = QY + E, where QY is the best matrix of rank p, EYᵀ = 0: the E_i of all servers together are orthogonal to
the QY that are sent, and ‖B − C X‖² = Σ_i‖E_i‖² + ‖[Q_iY_i] − C X‖² for every X whose rows are combinations of Y's, if
nothing is masked or rounded. So little is lost if E is not sent, and only a matrix of low rank is left to be checked.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.compound import Each
from wlra_dist.game.located import PerParty
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.linalg.sketch import count_sketch
from wlra_dist.protocols.bounds import check_rows, sketch_rows, turned_rows
from wlra_dist.protocols.sketched.block_sketch import BlockSketch, BlockSketchCode
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.components import LARGEST, Component, components
from wlra_dist.weights.rank import examine


@dataclass(frozen=True, eq=False)
class PlannedPart:
    """One part of supp(W), and how it is sketched.

    Attributes:
        place: its rows, and its columns among all.
        K: the rank that W∘A' may have there for an A' of rank k.
        rows: ℓ; 0 where a sketch would be no shorter than the columns, which are then sent themselves.
        checks: the sums with signs of columns that are held against the outcome.
        turned: those of directions in place of columns; 0 if the outcome is rounded to integers or has zeros of W.
        number: of the part, for its coins.
    """

    place: Component
    K: int
    rows: int
    checks: int
    turned: int
    number: int

    def coins(self, seed: int, *purpose: int) -> np.random.Generator:
        """Coins of the part, others for each purpose."""
        return np.random.default_rng([seed, self.number, *purpose])

    def of(self, B: Matrix, own: np.ndarray) -> Matrix:
        """Columns of a server's block, on the rows of the part."""
        if not is_sparse(B):
            return B[np.ix_(self.place.rows, own)]
        return B[:, own].tocsr()[self.place.rows].tocsc()

    def sketch(self, B: Matrix, seed: int) -> np.ndarray:
        """SB for columns of the part, on its rows (ℓ×d)."""
        return count_sketch(B, self.rows, self.coins(seed, 0))

    def check(self, B: Matrix, seed: int, i: int, count: int) -> np.ndarray:
        """So many sums of the rows with random signs, other ones than those of S, and at each server i others.

        Errors of one server's columns have directions in common, and their estimates deviate together; those of many
        servers do not.
        """
        signs = self.coins(seed, 1, i).choice(np.array([-1.0, 1.0]), (count, len(self.place.rows)))
        return np.ascontiguousarray((B.T @ signs.T).T)

    def rank_of(self, d: int) -> int:
        """p = K where directions with coefficients are fewer numbers than a sketch of all d columns; else 0."""
        return self.K if 0 < self.K < d and 2 * self.K * (self.rows + d) <= self.rows * d else 0


@dataclass(frozen=True, eq=False)
class SketchPlan:
    """What is public of the sketches."""

    W: PerParty[Weights]
    terms: Terms

    @cached_property
    def parts(self) -> list[PlannedPart]:
        return [self._part(number, place) for number, place in enumerate(components(self.W.whole))]

    @property
    def sketched(self) -> list[PlannedPart]:
        return [part for part in self.parts if part.rows]

    @cached_property
    def off(self) -> float | None:
        """How far W is from rank r, entry by entry; None where that is not known, and ‖B_{−rk}‖_F² is no bound."""
        return examine(self.W.whole, self.terms.r).off

    @cached_property
    def starts(self) -> list[int]:
        """Where each server's columns begin among all, and d at the end."""
        return [0, *accumulate(W_i.shape[1] for W_i in self.W)]

    def own(self, part: PlannedPart, i: int) -> np.ndarray:
        """The columns of a part that server i holds, counted within its block."""
        columns = part.place.columns
        return columns[(self.starts[i] <= columns) & (columns < self.starts[i + 1])] - self.starts[i]

    def held(self, i: int) -> list[tuple[PlannedPart, np.ndarray]]:
        """The parts of which server i holds columns, and these columns."""
        return [(part, own) for part in self.parts if len(own := self.own(part, i))]

    def sketched_of(self, i: int) -> list[tuple[PlannedPart, np.ndarray]]:
        """Those of `held` that are sketched."""
        return [(part, own) for part, own in self.held(i) if part.rows]

    @property
    def coded(self) -> bool:
        """Whether all takes the fewest bits, or plain numbers as the theorem counts them."""
        return self.terms.code == "auto" and not self.terms.columns

    def codes(self) -> PerParty[Codec[list[BlockSketch]]]:
        """The code of each server's sketches."""
        width = None if self.coded else 32 if self.terms.code == "float32" else 64
        return PerParty(
            [
                Each(
                    [
                        BlockSketchCode(part.rows, part.checks, part.turned, part.rank_of(len(own)), len(own), width)
                        for part, own in self.sketched_of(i)
                    ]
                )
                for i in range(len(self.W))
            ]
        )

    def _part(self, number: int, place: Component) -> PlannedPart:
        K = min(self.W.whole.block(place.columns).rank, self.terms.r) * self.terms.k
        integer = self.terms.bound is not None
        d = self.W.whole.shape[1]
        rows = sketch_rows(K, self.terms.epsilon, d, integer=integer)
        turned = 0 if integer or not self._full(place) else turned_rows(K, len(self.W))
        return PlannedPart(place, K, rows if rows < len(place.rows) else 0, check_rows(d), turned, number)

    def _full(self, place: Component) -> bool:
        """Whether W has no zeros in a part; False, too, if that would take too long to find out."""
        W = self.W.whole.block(place.columns)
        _, first = np.unique(W.groups, return_index=True)
        return len(place.rows) * len(first) <= LARGEST and bool((W.rows(place.rows).dense(first) > 0).all())
