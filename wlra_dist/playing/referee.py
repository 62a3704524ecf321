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
from wlra_dist.linalg.matrix import Matrix, stored
from wlra_dist.linalg.spectral.spectrum import roundoff
from wlra_dist.optima import QUICK, Effort
from wlra_dist.optima.certificate import NONE, Certificate, best_lower_bound, floor
from wlra_dist.playing.carried import gather_blocks, scatter_output
from wlra_dist.weights import Weights
from wlra_dist.weights.loss import weighted_loss
from wlra_dist.weights.rank import RankFinding, examine
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.weights.weighing import weigh
from wlra_dist.world.world import World, together

WHOLE = 2**24
"""Numbers of A up to which rank 0 looks at all of it, for a bound on the whole; of more, no process holds all."""

FOUND = np.dtype(
    [
        ("server", "i8"), ("name", "S16"), ("bound", "f8"), ("proven", "?"),
        ("noise", "f8"), ("energy", "f8"), ("numbers", "i8"), ("bytes", "i8"),
    ]
)  # fmt: skip
"""What a rank finds of a server's block before any output is known: `floor`'s, B_i's rounding, how much A_i is."""

INDEX = 4
"""Bytes of a row's number, and of a column's count, of a sparse matrix in memory."""

LOSS = np.dtype([("server", "i8"), ("loss", "f8")])


class Original(NamedTuple):
    """What A is without any game.

    Attributes:
        energy: ‖W∘A‖_F², the loss of Ã = 0.
        nbytes: of A in memory: each entry, or of a sparse A each nonzero and where it is, in the shortest of numpy's
            types that hold its integers, or in its own.

    Both are None in a record of a program that did not ask.
    """

    energy: float | None
    nbytes: int | None


class Judgement(NamedTuple):
    """What the referee says of an output: what is proven, what the instance itself checks, what A was."""

    certificate: Certificate
    checks: dict[str, Any]
    original: Original


@dataclass(frozen=True, eq=False)
class Findings:
    """What is known of the input, on rank 0.

    Attributes:
        bound: the best lower bound on OPT, by name and value.
        aims_proven: whether every server has a bound on its own optimum to aim at.
        rank: what is known of rank(W) ≤ r.
        noise: the energy of the rounding of W∘A.
        original: what A is.
    """

    bound: tuple[str, float]
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
        effort: Effort,
    ) -> "Referee":
        """The referee of a game (collective).

        Args:
            world, instance, W, A, servers: see the attributes.
            effort: what the lower bounds on OPT may cost.
        """
        found = _gathered(world, together(world, partial(_found, instance, W, A, effort)))
        known = _known(world, instance, W, A, found)
        return cls(world, instance, W, A, servers, known)

    def judge(self, solution: ReweightedSolution | None) -> Judgement | None:
        """What is proven of rank 0's output Ã; None elsewhere (collective)."""
        blocks = scatter_output(self.world, solution, self.W, self.servers)
        ends = np.cumsum([0, *(W_i.shape[1] for W_i in self.W)])
        apart = [(i, weighted_loss(self.A[i], blocks[i], _first(blocks[i].shape[1], ends, i))) for i in self.A]
        losses = _gathered(self.world, np.array(apart, LOSS))
        if losses is None or solution is None or self.known is None:
            return None
        (name, bound), rank = self.known.bound, self.known.rank
        certificate = Certificate(
            float(sum(losses["loss"].tolist())), bound, name, rank.claim, self.known.noise, rank.off, rank.refuted,
            self.known.aims_proven,
        )  # fmt: skip
        checks = self.instance.check(solution.entries) if self.instance.check else {}
        return Judgement(certificate, checks, self.known.original)


def _first(width: int, ends: np.ndarray, i: int) -> int:
    """Where server i's columns begin in a block of this width: its own, or that of all."""
    return 0 if width == ends[i + 1] - ends[i] else int(ends[i])


def _found(instance: Instance, W: PerParty[Weights], A: Mapping[int, Matrix], effort: Effort) -> np.ndarray:
    """FOUND of the blocks that are here."""
    return np.array([_found_of(instance, i, A_i, W.pieces[i], effort) for i, A_i in A.items()], FOUND)


def _found_of(instance: Instance, i: int, A: Matrix, W: Weights, effort: Effort) -> tuple[Any, ...]:
    known, B = floor(A, W, instance.r, instance.k, effort), weigh(W, A)
    whole = energy(B)
    noise = roundoff(B.dtype, max(instance.shape)) ** 2 * whole
    return i, known.name.encode(), known.bound, known.proven, noise, whole, stored(A), _nbytes(instance, A)


def _nbytes(instance: Instance, A: Matrix) -> int:
    """Of a block in memory (see Original)."""
    exact = instance.integer and instance.bound is not None
    entry = np.min_scalar_type(-instance.bound).itemsize if exact and instance.bound else A.dtype.itemsize
    return A.size * entry if isinstance(A, np.ndarray) else A.nnz * (entry + INDEX) + INDEX * shape_of(A)[1]


def _gathered(world: World, rows: np.ndarray) -> np.ndarray | None:
    """All ranks' rows in the order of the servers, on rank 0; None elsewhere (collective)."""
    parts = world.gather(rows.tobytes())
    if parts is None:
        return None
    everything = np.frombuffer(b"".join(parts), rows.dtype)
    return everything[np.argsort(everything["server"])]


def _known(
    world: World, instance: Instance, W: PerParty[Weights], A: Mapping[int, Matrix], found: np.ndarray | None
) -> Findings | None:
    """What is known of the input, from what was found of its blocks on rank 0 (collective)."""
    few = world.broadcast(None if found is None else bytes([int(found["numbers"].sum()) <= WHOLE]))
    blocks = gather_blocks(world, A) if len(W) > 1 and few[0] else None
    if found is None:
        return None
    whole = None if blocks is None else _side_by_side([blocks[i] for i in range(len(blocks))])
    proven, noise = bool(found["proven"].all()), float(sum(found["noise"].tolist()))
    original = Original(float(sum(found["energy"].tolist())), int(found["bytes"].sum()))
    return Findings(_bound(instance, whole, W, found), proven, examine(instance.weights, instance.r), noise, original)


def _bound(instance: Instance, whole: Matrix | None, W: PerParty[Weights], found: np.ndarray) -> tuple[str, float]:
    """The best bound of the whole, or the sum of the blocks' own, which is one too."""
    if len(W) == 1:
        return found["name"][0].decode(), float(found["bound"][0])
    bounds = [(NONE, 0.0)]
    if whole is not None:
        bounds.insert(0, best_lower_bound(whole, W.whole, instance.r, instance.k, QUICK))
    if (found["name"] != NONE.encode()).any():
        bounds.append(("blocks", float(sum(found["bound"].tolist()))))
    return max(bounds, key=lambda known: known[1])


def _side_by_side(A: Sequence[Matrix]) -> Matrix:
    """[A_1 … A_m]."""
    arrays = [block for block in A if isinstance(block, np.ndarray)]
    if len(arrays) == len(A):
        return np.hstack(arrays)
    from scipy.sparse import csc_array, hstack

    return csc_array(hstack(A))
