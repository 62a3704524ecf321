"""The parts of supp(W), and who holds which of their columns; all of it public.

On each part the problem is one of its own (`weights.components`), so each has its own rank, scale and sketch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple, TypeVar

import numpy as np

from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.compound import Each
from wlra_dist.game import PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.components import Component, components
from wlra_dist.weights.rank import examine

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Part:
    """One part of supp(W).

    Attributes:
        place: its rows, and its columns among all.
        K: the rank that W∘A' may have there for an A' of rank k.
        number: of the part, for its coins.
    """

    place: Component
    K: int
    number: int

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.place.rows), len(self.place.columns)

    @property
    def probe_rows(self) -> int:
        """Rows of a first sketch."""
        return min(self.shape[0], max(3 * self.K, self.K + 10))

    @property
    def suits(self) -> bool:
        """Whether a sketch and a few columns are much less than all of it."""
        n, d = self.shape
        return 2 * self.probe_rows < n and d > 2 * self.K

    def coins(self, seed: int, *purpose: int) -> np.random.Generator:
        """Coins of the part, others for each purpose."""
        return np.random.default_rng([seed, self.number, *purpose])


class Width(NamedTuple):
    """How many columns of a part a server holds."""

    part: Part
    d: int


@dataclass(frozen=True, eq=False)
class Deal:
    """Some parts, and the servers that hold their columns."""

    W: PerParty[Weights]
    parts: Sequence[Part]

    @cached_property
    def starts(self) -> list[int]:
        """Where each server's columns begin among all, and d at the end."""
        return [0, *accumulate(W_i.shape[1] for W_i in self.W)]

    def held(self, i: int) -> list[tuple[Part, np.ndarray]]:
        """The parts of which server i holds columns, and these, counted within its block."""
        return [(part, self._own(part, i)) for part in self.parts if len(self._own(part, i))]

    @cached_property
    def widths(self) -> PerParty[list[Width]]:
        """For each server the parts of which it holds columns, and how many."""
        return PerParty([[Width(part, len(own)) for part, own in self.held(i)] for i in range(len(self.W))])

    @cached_property
    def holders(self) -> list[list[tuple[int, slice]]]:
        """For each part the servers that hold its columns, and which, counted within the part."""
        return [self._holders(part) for part in self.parts]

    def blocks(self, B: Matrix, i: int) -> list[np.ndarray]:
        """What server i holds of each part (n_p×d_ip float64)."""
        assert isinstance(B, np.ndarray)
        return [B[np.ix_(part.place.rows, own)].astype(float) for part, own in self.held(i)]

    def by_part(self, of_servers: Sequence[Sequence[T]]) -> list[list[T]]:
        """What each server has of each part that it holds, part by part."""
        turns = [iter(of_parts) for of_parts in of_servers]
        return [[next(turns[i]) for i, _ in holders] for holders in self.holders]

    def by_server(self, of_parts: Sequence[Sequence[T]]) -> list[list[T]]:
        """The same, the other way round."""
        found: list[list[T]] = [[] for _ in self.W]
        for holders, items in zip(self.holders, of_parts, strict=True):
            for (i, _), item in zip(holders, items, strict=True):
                found[i].append(item)
        return found

    def everywhere(self, of_parts: Sequence[T]) -> list[list[T]]:
        """The same for all servers of a part."""
        return self.by_server([[item] * len(runs) for item, runs in zip(of_parts, self.holders, strict=True)])

    def _own(self, part: Part, i: int) -> np.ndarray:
        first, end = np.searchsorted(part.place.columns, self.starts[i : i + 2])
        return part.place.columns[first:end] - self.starts[i]

    def _holders(self, part: Part) -> list[tuple[int, slice]]:
        ends = np.searchsorted(part.place.columns, self.starts).tolist()
        return [(i, slice(ends[i], ends[i + 1])) for i in range(len(self.W)) if ends[i] < ends[i + 1]]


def codes(of_servers: PerParty[list[S]], code: Callable[[S], Codec[T]]) -> PerParty[Codec[list[T]]]:
    """What each server says or hears, one after the other, of what it has of each part."""
    return PerParty([Each([code(item) for item in items]) for items in of_servers])


def all_parts(W: PerParty[Weights], terms: Terms) -> list[Part]:
    """The parts of supp(W), with their ranks."""
    return [
        Part(place, min(W.whole.block(place.columns).rank, terms.r) * terms.k, number)
        for number, place in enumerate(components(W.whole))
    ]


def no_own_tails(W: PerParty[Weights], terms: Terms) -> bool:
    """Whether no server has more than K columns of a part, and so no tail of its own, but the whole may have one."""
    held = [each for widths in Deal(W, all_parts(W, terms)).widths for each in widths]
    return all(each.d <= each.part.K for each in held) and examine(W.whole, terms.r).off is not None
