"""Each component of supp(W) described by itself, in whichever form suits it.

Where W falls into blocks the problem does, too: a basis of all rows would be r times as high as the columns that it
spans, and coefficients on the columns of other blocks would all be 0. What is sent is what as many servers with a
component each would send.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.choice import Choice, Which
from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.compound import Each
from wlra_dist.forms.sent import Sent
from wlra_dist.forms.shortest import one_of, shortest
from wlra_dist.linalg.basis import most_columns, orthonormal_basis, residual_energy
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix, side_by_side
from wlra_dist.weights import Weights
from wlra_dist.weights.components import Component, components
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.weighing import others

if TYPE_CHECKING:
    from wlra_dist.forms import Form

MOST = 64
"""Components of a block; of more, each is so small that what names its form would be most of it."""


def by_component(forms: "Sequence[Form]", W: Weights) -> "list[ByComponent]":
    """That form, first with all components alike, then with any, of a block that has several; none of another."""
    places = components(W)
    return [ByComponent(forms, places, alike) for alike in (True, False)] if 1 < len(places) <= MOST else []


@dataclass(frozen=True, eq=False)
class ByComponent:
    """A description of each of the places by itself, in the shortest of these forms; where `alike`, all in the same."""

    forms: "Sequence[Form]"
    places: Sequence[Component]
    alike: bool

    def code(self, W: Weights) -> Codec[list[Choice]]:
        weights = [_weights(W, place) for place in self.places]
        return Alike(self.forms, weights) if self.alike else Each([one_of(self.forms, each) for each in weights])

    def descriptions(self, block: Sent, S: np.ndarray, goal: float) -> Iterator[list[Choice]]:
        """With those of the columns S that a component has; the loss is dealt by how many numbers it takes."""
        if len(S) <= most_columns(block.B):
            parts, columns = self.parts(block), [_within(S, place) for place in self.places]
            yield from self.together(block, columns, _goals(parts, columns, goal), goal)

    def parts(self, block: Sent) -> list[Sent]:
        """What there is to describe of each component."""
        return [_part(block, place) for place in self.places]

    def together(
        self, block: Sent, columns: Sequence[np.ndarray], goals: Sequence[float], goal: float
    ) -> Iterator[list[Choice]]:
        """By these columns of each component, within these losses: the description, if all of it is within the goal."""
        found = [shortest(self.forms, *each) for each in zip(self.parts(block), columns, goals, strict=True)]
        description = [each for each in found if each is not None]
        if len(description) == len(found) and block.loss(self.block(description, block.W)) <= goal:
            yield description

    def block(self, description: list[Choice], W: Weights) -> ReweightedBlock:
        """Ã_i = W_i^{∘-1}∘(LX), where L and X have a block for each component."""
        alone = [
            self.forms[which].block(value, _weights(W, place))
            for place, (which, value) in zip(self.places, description, strict=True)
        ]
        pairs = [factors(each) for each in alone]
        X = np.zeros((sum(len(each.X) for each in pairs), W.shape[1]))
        for place, each, end in zip(self.places, pairs, accumulate(len(each.X) for each in pairs), strict=True):
            X[end - len(each.X) : end, place.columns] = each.X
        L = [_on_rows(each.L, place.rows, W.shape[0]) for place, each in zip(self.places, pairs, strict=True)]
        rounded = any(each.rounded for each in alone)
        return ReweightedBlock(W, np.zeros(0, dtype=np.int64), side_by_side(L), X, rounded, weighted=True)


@dataclass(frozen=True, eq=False)
class Alike:
    """Choices of one form for all: which, then what it writes of each."""

    forms: "Sequence[Form]"
    weights: Sequence[Weights]

    @property
    def limit(self) -> int:
        return self._which.limit + max(self._values(which).limit for which in range(len(self.forms)))

    def bits(self, value: list[Choice]) -> int:
        return self._which.bits(value[0].which) + self._values(value[0].which).bits([each.value for each in value])

    def write(self, value: list[Choice], out: BitWriter) -> None:
        self._which.write(value[0].which, out)
        self._values(value[0].which).write([each.value for each in value], out)

    def read(self, bits: BitReader) -> list[Choice]:
        which = self._which.read(bits)
        return [Choice(which, value) for value in self._values(which).read(bits)]

    def _values(self, which: int) -> Each[Any]:
        return Each([self.forms[which].code(W) for W in self.weights])

    @property
    def _which(self) -> Which:
        return Which(len(self.forms))


def are_alike(description: Sequence[Choice]) -> bool:
    """Whether all components are in the same form."""
    return len({which for which, _ in description}) == 1


class PairOfFactors(NamedTuple):
    """L (n×c) and X (c×d) of a block: W∘Ã = LX."""

    L: Matrix
    X: np.ndarray


def factors(block: ReweightedBlock) -> PairOfFactors:
    """Those of a block that is not plain, with a column of X for each of its own."""
    X = np.zeros((shape_of(block.L)[1], block.shape[1]))
    X[np.arange(len(block.S)), block.S] = 1
    X[:, others(block.S, block.shape[1])] = block.X
    return PairOfFactors(block.L, X)


def _on_rows(L: Matrix, rows: np.ndarray, n: int) -> Matrix:
    """L on these of n rows, 0 on the others."""
    if isinstance(L, np.ndarray):
        tall = np.zeros((n, L.shape[1]))
        tall[rows] = L
        return tall
    from scipy.sparse import csc_array

    sparse: Any = L
    return csc_array((sparse.data, rows[sparse.indices], sparse.indptr), shape=(n, sparse.shape[1]))


def _weights(W: Weights, place: Component) -> Weights:
    return W.block(place.columns).rows(place.rows)


def _part(block: Sent, place: Component) -> Sent:
    A, B = (_cut(M, place) for M in (block.A, block.B))
    return Sent(A, _weights(block.W, place), B)


def _cut(M: Matrix, place: Component) -> Matrix:
    own: Any = M[:, place.columns]
    return own[place.rows]


def _within(S: np.ndarray, place: Component) -> np.ndarray:
    """Those of the columns S that the component has, in their order, counted within it."""
    own = S[np.isin(S, place.columns)]
    return np.searchsorted(place.columns, own)


def _goals(parts: Sequence[Sent], columns: Sequence[np.ndarray], goal: float) -> list[float]:
    """The loss for each: what its columns leave, and of the rest as much for every number of its factors.

    At equal slopes the rounding of every number costs the same (`Rounded`).
    """
    left = [residual_energy(part.B, orthonormal_basis(part.B[:, S])) for part, S in zip(parts, columns, strict=True)]
    numbers = [len(S) * (sum(part.W.shape) - len(S)) for part, S in zip(parts, columns, strict=True)]
    spare = max(goal - sum(left), 0.0) / max(sum(numbers), 1)
    return [each + spare * count for each, count in zip(left, numbers, strict=True)]
