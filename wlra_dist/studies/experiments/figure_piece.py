"""One network: trained, its layer solved for by every method and rank.

Of the first network there is also what the paper shows of one: its weights and their spectrum (Figures 1 and 5), and
losses from iterate to iterate (Figure 4); and between which losses the best possible one lies.
"""

from dataclasses import dataclass
from time import process_time

import numpy as np

from wlra_dist.instances import ImagesFisher, alone
from wlra_dist.solvers.enclosing import optimum
from wlra_dist.solvers.loss import weighted_energy
from wlra_dist.solvers.methods import Solvers
from wlra_dist.studies.experiments.method import Method, Stated
from wlra_dist.studies.experiments.rank_sweep import problem
from wlra_dist.studies.experiments.refinement import refinement
from wlra_dist.studies.experiments.spectrum import coarse, spectrum
from wlra_dist.studies.experiments.tables import Row, Rows, Tell
from wlra_dist.weights import Weights

WATCHED, MOST_TIMES = 0.05, 5
"""Seconds that are enough to time a solver by, and how often it is timed at most."""

SIDE = 96
"""Rows and columns of the picture of F, at most."""


@dataclass(frozen=True)
class NetworkPiece:
    """All that a piece follows from, beside files and threads.

    Attributes:
        layer: of the network; its k is the largest rank.
        ranks, methods: to solve for, and by which.
        refine: methods to follow from iterate to iterate.
        enclose: seconds for the optimum of each rank.
        pictured: whether it is the network that pictures are of.
    """

    layer: ImagesFisher
    ranks: list[int]
    methods: list[Stated]
    refine: list[Stated]
    enclose: float
    pictured: bool


def made(asked: NetworkPiece, solvers: Solvers, tell: Tell) -> Row:
    """The piece, as JSON values; InputError for damaged data."""
    begun, layer = process_time(), asked.layer
    instance = layer.open(alone)
    (n, d), known = instance.shape, instance.facts
    facts = {"set": layer.images, "drawn": layer.data is None, "seed": layer.seed, "n": n, "d": d}
    facts |= {"accuracy": known["test_accuracy"], "fisher_mass": known["fisher_mass"]}
    A, W, entries = problem(instance)
    methods = [Method.of(stated, solvers) for stated in asked.methods]
    # methods come innermost: what slows the machine for a while slows all of them at a rank
    losses = [solved(A, W, k, method, layer.seed, tell) for k in asked.ranks for method in methods]
    first = pictured(asked, A, W, entries, solvers, tell) if asked.pictured else {}
    return {**facts, "losses": losses, **first, "cpu_seconds": process_time() - begun}


def solved(A: np.ndarray, W: Weights, k: int, method: Method, seed: int, tell: Tell) -> Row:
    """Loss over ‖W∘A‖², seconds and numbers stored, of one solution; what is quick is timed again, the least counts."""
    tell(f"{method.label}, rank {k}")
    solution = method(A, W, k, seed)
    seconds = [solution.seconds]
    while sum(seconds) < WATCHED and len(seconds) < MOST_TIMES:
        seconds.append(method(A, W, k, seed).seconds)
    relative = solution.loss / (solution.energy or 1.0)
    facts = {"relative_loss": relative, "seconds": min(seconds), "parameters": solution.parameters}
    return {"method": method.label, "rank": k, **facts}


def pictured(asked: NetworkPiece, A: np.ndarray, W: Weights, entries: np.ndarray, solvers: Solvers, tell: Tell) -> Row:
    """What is seen of one network: F, spectrum, iterates, and the optimum of each rank."""
    layer, iterates = asked.layer, []
    for method in (Method.of(stated, solvers) for stated in asked.refine):
        tell(f"iterates of {method.label}")
        iterates += refinement(A, W, layer.k, method, layer.seed)
    F = coarse(np.square(entries), SIDE)
    rounded = [[float(f"{value:.3g}") for value in row] for row in F / (F.max() or 1.0)]
    enclosed = enclosures(A, W, asked, tell) if asked.enclose else []
    return {"F": rounded, "spectrum": spectrum(entries), "refinement": iterates, "optimum": enclosed}


def enclosures(A: np.ndarray, W: Weights, asked: NetworkPiece, tell: Tell) -> Rows:
    """For each rank between which losses, over ‖W∘A‖², the best possible one lies, certified.

    A higher rank loses no more: what is proven of it holds for the lower ones, and what these reach for it.
    """
    energy, ranks, ends = weighted_energy(A, W) or 1.0, sorted(asked.ranks), []
    for k in ranks:
        tell(f"the optimum of rank {k}, enclosed")
        found = optimum(A, W, k, seconds=asked.enclose, rng=asked.layer.seed)
        ends.append((found.lower / energy, found.upper / energy))
    lower, upper = np.array(ends).T
    lower, upper = np.maximum.accumulate(lower[::-1])[::-1], np.minimum.accumulate(upper)
    return [
        {"rank": k, "relative_lower": float(low), "relative_upper": float(high)}
        for k, low, high in zip(ranks, lower, upper, strict=True)
    ]
