"""Every method at every rank: loss, size and seconds, and the spectrum that makes such weights easy.

That is section 4 of Woodruff & Yasuda: Table 2 and Figures 1 and 5 (the spectrum), Figures 2 and 3 and Tables 3 to 5
(loss and seconds by rank), Figure 4 (loss by iteration, from several starts).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval

from wlra_dist.inputs.numbers import Rank, Seed
from wlra_dist.instances import Instance, alone
from wlra_dist.instances.from_files import FileWeights
from wlra_dist.scenario.options import InstanceOptions
from wlra_dist.solvers import SOLVERS, Approximation, LowRank, Solution
from wlra_dist.solvers.enclosing import optimum
from wlra_dist.solvers.methods import Solvers
from wlra_dist.studies.experiments.method import Method, Stated
from wlra_dist.studies.experiments.options import Threads, Trials, require_each_once
from wlra_dist.studies.experiments.refinement import refinement
from wlra_dist.studies.experiments.spectrum import coarse, spectrum
from wlra_dist.studies.experiments.tables import FLOAT_BYTES, Row, Rows, Tell
from wlra_dist.weights import DenseWeights, SparseWeights, Weights
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.weighing import dense, weigh


@dataclass(frozen=True, eq=False)
class RankSweepResult:
    """What was found.

    Attributes:
        facts: of the first trial's instance, as the rest but `losses`.
        F: W∘W, coarsely: for its picture.
        spectrum: index, and of F = W∘W and of W the singular value over the first and the share of ‖·‖_F² up to there.
        losses: a row for each method and rank.
        refinement: a row for each iterate of the methods that were followed, at rank k.
        optimum: a row for each rank: between which losses the best possible one lies; none if it was not asked for.
    """

    facts: Row
    F: np.ndarray
    spectrum: Rows
    losses: Rows
    refinement: Rows
    optimum: Rows = field(default_factory=list)

    @property
    def tables(self) -> dict[str, Rows]:
        """By the names of their files."""
        found = {"losses": self.losses, "spectrum": self.spectrum, "refinement": self.refinement}
        return found | ({"optimum": self.optimum} if self.optimum else {})


@dataclass(frozen=True)
class RankSweep:
    """[experiment] kind = "rank_sweep".

    Args:
        ranks: to solve for; at most the instance's k.
        methods: that are compared.
        refine: methods that are followed from iterate to iterate, at rank k.
        trials: an instance made anew, its network trained anew, where it follows from a seed, and a solution of each
            kind, all with seeds of their own; the loss is the mean, the seconds the median.
        enclose: seconds, at most, in which the optimum of each rank is enclosed (`solvers.enclosing`); 0: it is not.
        threads: of BLAS.
        seed: of the first trial's solutions; the instance has its own.
    """

    ranks: list[Rank]
    methods: list[Stated]
    refine: list[Stated] = field(default_factory=list)
    trials: Trials = 5
    enclose: Annotated[float, Interval(ge=0, le=86_400)] = 0.0
    threads: Threads = 1
    seed: Seed = 0

    def __post_init__(self) -> None:
        require_each_once(ranks=self.ranks, methods=self.methods)

    @property
    def stated(self) -> list[Stated]:
        """All methods."""
        return [*self.methods, *self.refine]

    def run(self, input: InstanceOptions, tell: Tell, solvers: Solvers = SOLVERS) -> RankSweepResult:
        """Opens the instances and does all of it, by methods of these names."""
        tell("making or opening A and W")
        instance = input.open(alone)
        A, W, entries = problem(instance)
        tell("spectrum of W")
        found = spectrum(entries)
        n, d = instance.shape
        facts: dict[str, Any] = {"n": n, "d": d, "k": instance.k, "fisher_mass": found[0]["mass_F"], **instance.facts}
        F, losses = coarse(np.square(entries)), self._losses(A, W, input, tell, solvers)
        enclosed = self._enclosed(A, W, tell) if self.enclose else []
        return RankSweepResult(facts, F, found, losses, self._refinement(A, W, instance.k, tell, solvers), enclosed)

    def _losses(self, A: np.ndarray, W: Weights, input: InstanceOptions, tell: Tell, solvers: Solvers) -> Rows:
        """Trials come outermost: what slows the machine for a while slows all methods."""
        found: dict[tuple[str, int], list[Solution]] = defaultdict(list)
        for trial in range(self.trials):
            if trial and (anew := of_trial(input, trial)):
                tell(f"trial {trial + 1} of {self.trials}: making A and W anew")
                A, W, _ = problem(anew.open(alone))
            for method in (Method.of(stated, solvers) for stated in self.methods):
                tell(f"trial {trial + 1} of {self.trials}: {method.label}")
                for k in self.ranks:
                    found[method.label, k].append(method(A, W, k, self.seed + trial))
        return over_best([loss_row(label, k, trials) for (label, k), trials in found.items()])

    def _enclosed(self, A: np.ndarray, W: Weights, tell: Tell) -> Rows:
        """Of the first trial's instance."""
        rows: Rows = []
        energy = float(np.square(dense(weigh(W, A))).sum()) or 1.0
        for k in self.ranks:
            tell(f"the optimum of rank {k}, enclosed")
            found = optimum(A, W, k, seconds=self.enclose, rng=self.seed)
            shares = {"relative_lower": found.lower / energy, "relative_upper": found.upper / energy}
            how = {"lower_by": found.how["lower"], "upper_by": found.how["upper"]}
            rows.append({"rank": k, "lower": found.lower, "upper": found.upper, **shares, "gap": found.gap, **how})
        return rows

    def _refinement(self, A: np.ndarray, W: Weights, k: int, tell: Tell, solvers: Solvers) -> Rows:
        rows: Rows = []
        for method in (Method.of(stated, solvers) for stated in self.refine):
            tell(f"iterates of {method.label} at rank {k}")
            rows += refinement(A, W, k, method, self.seed)
        return rows


def of_trial(input: InstanceOptions, trial: int) -> InstanceOptions | None:
    """The same instance with the seed of another trial; None where it follows from none, such as files."""
    options: Any = input
    seed = getattr(options, "seed", None)
    return None if seed is None else replace(options, seed=seed + trial)


def problem(instance: Instance) -> tuple[np.ndarray, Weights, np.ndarray]:
    """A, W as the solvers want it, and W entry by entry (n×d).

    Where W lies in a file, which would be read at every look, the solvers get the entries.
    """
    weights, entries = instance.weights, instance.weights.dense(slice(None))
    W = DenseWeights(entries, claimed_rank=instance.r) if isinstance(weights, FileWeights | SparseWeights) else weights
    return np.ascontiguousarray(dense(instance.columns(slice(None)))), W, entries


def loss_row(label: str, k: int, trials: Sequence[Solution]) -> Row:
    """`relative_loss` is the mean of loss/‖W∘A‖_F².

    `parameters` and `bytes` do not count W, which reweighted solutions need.
    """
    losses = np.array([solution.loss for solution in trials])
    relative = losses / [solution.energy or 1.0 for solution in trials]
    parameters = max(solution.parameters for solution in trials)
    return {
        "method": label,
        "rank": k,
        "stored_rank": stored_rank(trials[0].approximation),
        "trials": len(trials),
        "loss": float(losses.mean()),
        "relative_loss": float(relative.mean()),
        "relative_loss_deviation": float(relative.std()),
        "seconds": float(np.median([solution.seconds for solution in trials])),
        "parameters": parameters,
        "bytes": FLOAT_BYTES * parameters,
    }


def over_best(rows: Rows) -> Rows:
    """The rows, each with its loss over the least that is stored in factors of this rank; None without a rival."""
    of_rank: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        of_rank[row["stored_rank"]].append(row["loss"])
    least = {rank: min(losses) if len(losses) > 1 else 0.0 for rank, losses in of_rank.items()}
    return [row | {"over_best": row["loss"] / best if (best := least[row["stored_rank"]]) else None} for row in rows]


def stored_rank(approximation: Approximation) -> int:
    """The columns of the left factor: k, or rk where a matrix of that rank is divided by W."""
    match approximation:
        case LowRank(V=V):
            return len(V)
        case ReweightedBlock(X=X):
            return len(X)
    raise TypeError(f"expected factors, found {type(approximation).__name__}")
