"""How much of B is noise: from coarse probes the coordinator computes how finely all servers shall round.

A server cannot know: its own tail is 0 if it holds K columns or fewer. So each sends a short sketch of some of its
columns; the energy beyond the K leading directions of these, scaled up to all columns, is the level. Only the bits
depend on it, and it proves nothing: ‖B_{−K}‖_F² of some columns is at most their share of the whole on average.
"""

from collections.abc import Sequence

import numpy as np

from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.compound import Each
from wlra_dist.codecs.base.grid import LEAST, Exponent, exponent_below
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.sketch import count_sketch
from wlra_dist.linalg.spectral.decompositions import singular_values
from wlra_dist.protocols.sketched.block import indices, step_of
from wlra_dist.protocols.sketched.block_sketch import BlockSketch, BlockSketchCode
from wlra_dist.protocols.sketched.sketches import PlannedPart, SketchPlan
from wlra_dist.protocols.sketched.tail import scale

SPARE = 2
"""Rows of a probe beyond K."""

COARSE = 2.0**-20
"""The step of a probe, as a part of the root mean square of its numbers."""


def common_levels(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    B: Faceted[Matrix],
    bounds: Located[list[float]],
    seeds: Faceted[int],
    plan: SketchPlan,
) -> Faceted[list[int]]:
    """For each server: of each part in which it has columns, the exponent of a step.

    The step's square is the noise of a column. Where no noise is found, it is the least step that there is.
    """
    probes = [_probed(plan, i) for i in range(len(servers))]
    probed = game.each(servers, _probe, B, PerParty(probes), seeds)
    sketches = game.gather(probed, coordinator, PerParty([_code(probe) for probe in probes]), "probe")
    levels = game.at(coordinator, _levels, sketches, bounds, plan=plan)
    exponents = game.at(coordinator, _exponents, levels, plan=plan)
    codes: list[Codec[list[int]]] = [Each([Exponent()] * len(plan.held(i))) for i in range(len(servers))]
    return game.scatter(exponents, servers, PerParty(codes), "level")


def _probed(plan: SketchPlan, i: int) -> list[tuple[PlannedPart, np.ndarray]]:
    """The parts of which server i has columns for the probe, and these; of each part there are 2(K + SPARE) at most."""
    found: list[tuple[PlannedPart, np.ndarray]] = []
    for part in plan.parts:
        columns = part.place.columns
        some = columns[:: -(-len(columns) // (2 * (part.K + SPARE)))]
        own = some[(plan.starts[i] <= some) & (some < plan.starts[i + 1])] - plan.starts[i]
        if len(own):
            found.append((part, own))
    return found


def _code(probed: Sequence[tuple[PlannedPart, np.ndarray]]) -> Codec[list[BlockSketch]]:
    return Each([BlockSketchCode(_rows(part), 0, 0, 0, len(own), None) for part, own in probed])


def _probe(B: Matrix, probed: Sequence[tuple[PlannedPart, np.ndarray]], seed: int) -> list[BlockSketch]:
    """A server's probe."""
    return [_coarse(count_sketch(part.of(B, own), _rows(part), part.coins(seed, 2))) for part, own in probed]


def _rows(part: PlannedPart) -> int:
    return min(part.K + SPARE, len(part.place.rows))


def _coarse(SB: np.ndarray) -> BlockSketch:
    exponent = step_of(SB, 0.0, COARSE)
    none = np.zeros((len(SB), 0), dtype=np.int64)
    right = indices(SB, exponent)
    return BlockSketch(np.zeros(3), np.array([0, exponent, 0]), none, right, right[:0])


def _levels(probes: Sequence[Sequence[BlockSketch]], bounds: Sequence[float], *, plan: SketchPlan) -> dict[int, float]:
    """‖B_{−K}‖_F² of each part, about; together no less than Σ_i LB_i, and no more where rank(W) ≤ r is not known."""
    sketches: dict[int, list[BlockSketch]] = {part.number: [] for part in plan.parts}
    for i, probe in enumerate(probes):
        for (part, _), sketch in zip(_probed(plan, i), probe, strict=True):
            sketches[part.number].append(sketch)
    seen = {part.number: _seen(part, sketches[part.number]) for part in plan.parts}
    total, known = sum(seen.values()), sum(bounds)
    if total and (total < known or plan.off is None):
        return {number: level * (known / total) for number, level in seen.items()}
    return seen if total else {part.number: known * len(part.place.columns) / plan.starts[-1] for part in plan.parts}


def _seen(part: PlannedPart, sketches: Sequence[BlockSketch]) -> float:
    """The energy of the probe beyond K directions, less its rounding, scaled up to all columns of the part."""
    SB = np.hstack([sketch.columns for sketch in sketches])
    beyond = float(np.square(singular_values(SB)[part.K :]).sum())
    beyond -= sum(sketch.rounding for sketch in sketches)
    return max(beyond, 0.0) * scale(len(part.place.rows), len(SB), part.K) * len(part.place.columns) / SB.shape[1]


def _exponents(levels: dict[int, float], *, plan: SketchPlan) -> list[list[int]]:
    """The exponents for each server."""
    each = {part.number: _exponent(levels[part.number] / len(part.place.columns)) for part in plan.parts}
    return [[each[part.number] for part, _ in plan.held(i)] for i in range(len(plan.W))]


def _exponent(noise: float) -> int:
    return exponent_below(float(np.sqrt(noise))) if noise else LEAST
