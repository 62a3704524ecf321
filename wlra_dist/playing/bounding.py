"""The referee's lower bounds on OPT: on each server's block, and on the whole where one process may hold all of A.

Σ_i OPT_i ≤ OPT, since the best A' of rank k has rank at most k on each block: so the blocks' bounds, added up, are one
on the whole. That on the whole itself may be larger, since one A' must do for all blocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from wlra_dist.game import PerParty
from wlra_dist.game.parcel import pack_arrays, unpack_arrays
from wlra_dist.instances import Instance
from wlra_dist.linalg.matrix import Matrix, side_by_side
from wlra_dist.optima import QUICK, Effort
from wlra_dist.optima.certificate import NONE, Floor, floor
from wlra_dist.optima.grounds import ProvenBound, bound_again
from wlra_dist.optima.packed import NAMES, packed, unpacked
from wlra_dist.playing.carried import gather_blocks
from wlra_dist.weights import Weights
from wlra_dist.world.world import World

WHOLE = 2**24
"""Numbers of A up to which rank 0 looks at all of it; of more, no process holds all."""

ON_THE_WHOLE = 0
"""The bound on the whole stands under this number, those on the blocks under their servers' from 1 on."""


@dataclass(frozen=True, eq=False)
class Inquiry:
    """How bounds come about.

    Attributes:
        effort: what they may cost.
        keep: whether multipliers are kept, so that one evaluation is enough to compute a bound again.
        stated: bounds by number that are computed again from what they rest on, in place of looking for any.
    """

    effort: Effort
    keep: bool = False
    stated: Mapping[int, ProvenBound] | None = None

    def floor(self, number: int, A: Matrix, W: Weights, r: int, k: int) -> Floor:
        """The best bound on a part of the input, and the loss to aim at; ValueError where one is stated of another."""
        if self.stated is None:
            found = floor(A, W, r, k, self.effort)
            return found if self.keep else found._replace(bound=found.bound.without_multipliers)
        cheap, stated = floor(A, W, r, k, QUICK), self.stated.get(number, ProvenBound(NONE, 0.0))
        if stated.grounds is None:
            return cheap
        again = stated._replace(value=bound_again(A, W, k, stated.grounds))
        return Floor(again, again.value) if again.value > cheap.bound.value else cheap


class Best(NamedTuple):
    """The best bound on OPT by name and value; the blocks' sum and that on the whole, where there are any."""

    name: str
    value: float
    blocks: float | None
    whole: float | None


def best_of(bounds: Mapping[int, ProvenBound]) -> Best:
    """The best of the blocks' bounds, added up, and of that on the whole; a single server's block is the whole."""
    blocks = [bound for number, bound in bounds.items() if number != ON_THE_WHOLE]
    whole = bounds.get(ON_THE_WHOLE, blocks[0] if len(blocks) == 1 else ProvenBound(NONE, 0.0))
    proven = len(blocks) > 1 and any(bound.name != NONE for bound in blocks)
    added = ProvenBound("blocks", float(sum(bound.value for bound in blocks))) if proven else ProvenBound(NONE, 0.0)
    best = max(whole, added, key=lambda bound: bound.value)
    return Best(best.name, best.value, *(None if bound.name == NONE else bound.value for bound in (added, whole)))


def gather_bounds(world: World, found: Mapping[int, ProvenBound]) -> dict[int, ProvenBound] | None:
    """All servers' bounds by number, on rank 0; None elsewhere (collective)."""
    parcels = world.gather(pack_arrays(packed(found).values()))
    if parcels is None:
        return None
    bounds: dict[int, ProvenBound] = {}
    for data in parcels:
        bounds |= unpacked(dict(zip(NAMES, unpack_arrays(data), strict=True)))
    return dict(sorted(bounds.items()))


def bound_on_the_whole(
    world: World, instance: Instance, W: PerParty[Weights], A: Mapping[int, Matrix], numbers: int | None, asked: Inquiry
) -> dict[int, ProvenBound]:
    """The bound on the whole under its number, on rank 0, if several blocks have few numbers together (collective)."""
    few = world.broadcast(None if numbers is None else bytes([numbers <= WHOLE]))
    blocks = gather_blocks(world, A) if len(W) > 1 and few[0] else None
    if blocks is None:
        return {}
    if instance.shape[0] * instance.shape[1] > asked.effort.multiplied:  # rank 0 would work alone for too long
        asked = replace(asked, effort=QUICK)
    whole = side_by_side([blocks[i] for i in range(len(blocks))])
    return {ON_THE_WHOLE: asked.floor(ON_THE_WHOLE, whole, W.whole, instance.r, instance.k).bound}
