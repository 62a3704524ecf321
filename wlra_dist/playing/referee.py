"""The audience: it sees A, W and the output, and says what the run proves; it is no party, and nobody hears it.

It sits on every rank, each weighs the blocks that are there, and rank 0 adds what they found in the order of the
servers: the same sums, to the last digit, on any number of ranks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from wlra_dist.game import PerParty
from wlra_dist.instances import Instance
from wlra_dist.linalg.blocks import energy, shape_of
from wlra_dist.linalg.matrix import Matrix, is_sparse, stored
from wlra_dist.linalg.spectral.spectrum import roundoff
from wlra_dist.optima.certificate import Certificate
from wlra_dist.optima.grounds import ProvenBound
from wlra_dist.playing.bounding import Inquiry, best_of, bound_on_the_whole, gather_bounds
from wlra_dist.playing.carried import scatter_output
from wlra_dist.weights import Weights
from wlra_dist.weights.loss import weighted_loss
from wlra_dist.weights.rank import RankFinding, examine
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.weights.weighing import weighed
from wlra_dist.world.world import World, together

FOUND = np.dtype(
    [("server", "i8"), ("proven", "?"), ("noise", "f8"), ("energy", "f8"), ("numbers", "i8"), ("bytes", "i8")]
)
"""What a rank finds of a block beside its bound: whether a server aims at that, B_i's rounding, how much A_i is."""

INDEX = 4
"""Bytes of a row's number, and of a column's count, of a sparse matrix in memory."""

LOSS = np.dtype([("server", "i8"), ("loss", "f8")])


class Original(NamedTuple):
    """What A is without any game.

    Attributes:
        energy: ‖W∘A‖_F², the loss of Ã = 0.
        nbytes: of A in memory: each entry, or of a sparse A each nonzero and where it is, in the shortest of numpy's
            types that hold its integers, or in its own.
    """

    energy: float
    nbytes: int


class Judgement(NamedTuple):
    """What the referee says of an output: what is proven, what the instance itself checks, what A was."""

    certificate: Certificate
    checks: dict[str, Any]
    original: Original


@dataclass(frozen=True, eq=False)
class Findings:
    """What is known of the input, on rank 0.

    Attributes:
        bounds: the lower bounds on OPT by number (`bounding`).
        aims_proven: whether every server has a bound on its own optimum to aim at.
        rank: what is known of rank(W) ≤ r.
        noise: the energy of the rounding of W∘A.
        original: what A is.
    """

    bounds: dict[int, ProvenBound]
    aims_proven: bool
    rank: RankFinding
    noise: float
    original: Original


@dataclass(frozen=True, eq=False)
class Referee:
    """One who judges any number of outputs of a game.

    Attributes:
        world: the processes that it sits on.
        instance: the game's input.
        W: the weights as they were dealt.
        A: by number, the blocks of those servers that are played here.
        servers: the numbers of those that each rank plays.
        known: on rank 0, what it knows of the input; None elsewhere.
    """

    world: World
    instance: Instance
    W: PerParty[Weights]
    A: Mapping[int, Matrix]
    servers: Sequence[Sequence[int]]
    known: Findings | None

    @classmethod
    def of(
        cls,
        world: World,
        instance: Instance,
        W: PerParty[Weights],
        A: Mapping[int, Matrix],
        servers: Sequence[Sequence[int]],
        asked: Inquiry,
    ) -> "Referee":
        """The referee of a game (collective).

        Args:
            world, instance, W, A, servers: see the attributes.
            asked: how the lower bounds on OPT come about.

        Raises:
            ValueError: what is stated of the bounds is of other blocks.
        """
        bounds, rows = together(world, partial(_found, instance, W, A, asked))
        found, bounds = _gathered(world, rows), gather_bounds(world, bounds)
        numbers = None if found is None else int(found["numbers"].sum())
        whole = bound_on_the_whole(world, instance, W, A, numbers, asked)
        if found is None or bounds is None:
            return cls(world, instance, W, A, servers, None)
        proven, noise = bool(found["proven"].all()), float(sum(found["noise"].tolist()))
        original = Original(float(sum(found["energy"].tolist())), int(found["bytes"].sum()))
        known = Findings(whole | bounds, proven, examine(instance.weights, instance.r), noise, original)
        return cls(world, instance, W, A, servers, known)

    def judge(self, solution: ReweightedSolution | None) -> Judgement | None:
        """What is proven of rank 0's output Ã; None elsewhere (collective)."""
        blocks = scatter_output(self.world, solution, self.W, self.servers)
        ends = np.cumsum([0, *(W_i.shape[1] for W_i in self.W)])
        apart = [(i, weighted_loss(self.A[i], blocks[i], _first(blocks[i].shape[1], ends, i))) for i in self.A]
        losses = _gathered(self.world, np.array(apart, LOSS))
        if losses is None or solution is None or self.known is None:
            return None
        best, rank = best_of(self.known.bounds), self.known.rank
        certificate = Certificate(
            float(sum(losses["loss"].tolist())), best.value, best.name, rank.claim, self.known.noise, rank.off,
            rank.refuted, self.known.aims_proven, blocks=best.blocks, whole=best.whole,
        )  # fmt: skip
        checks = self.instance.check(solution.entries) if self.instance.check else {}
        return Judgement(certificate, checks, self.known.original)


def _first(width: int, ends: np.ndarray, i: int) -> int:
    """Where server i's columns begin in a block of this width: its own, or that of all."""
    return 0 if width == ends[i + 1] - ends[i] else int(ends[i])


def _found(
    instance: Instance, W: PerParty[Weights], A: Mapping[int, Matrix], asked: Inquiry
) -> tuple[dict[int, ProvenBound], np.ndarray]:
    """The bounds on the blocks that are here, and FOUND."""
    bounds: dict[int, ProvenBound] = {}
    rows: list[tuple[Any, ...]] = []
    for i, A_i in A.items():
        known, B = asked.floor(i + 1, A_i, W.pieces[i], instance.r, instance.k), weighed(W.pieces[i], A_i)
        bounds[i + 1] = known.bound
        whole = energy(B)
        noise = roundoff(B.dtype, max(instance.shape)) ** 2 * whole
        rows.append((i, known.proven, noise, whole, stored(A_i), _nbytes(instance, A_i)))
    return bounds, np.array(rows, FOUND)


def _nbytes(instance: Instance, A: Matrix) -> int:
    """Of a block in memory (see Original)."""
    exact = instance.integer and instance.bound is not None
    entry = np.min_scalar_type(-instance.bound).itemsize if exact and instance.bound else A.dtype.itemsize
    return A.size * entry if not is_sparse(A) else A.nnz * (entry + INDEX) + INDEX * shape_of(A)[1]


def _gathered(world: World, rows: np.ndarray) -> np.ndarray | None:
    """All ranks' rows in the order of the servers, on rank 0; None elsewhere (collective)."""
    parts = world.gather(rows.tobytes())
    if parts is None:
        return None
    everything = np.frombuffer(b"".join(parts), rows.dtype)
    return everything[np.argsort(everything["server"])]
