"""A block as its sender sees it, and what the sender may say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from wlra_dist.linalg.blocks import column_energies, dense_columns, energy
from wlra_dist.linalg.matrix import Matrix, columns_of
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.weights import Weights
from wlra_dist.weights.loss import weighted_loss
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.support import support_sizes


@dataclass(frozen=True, eq=False)
class Sent:
    """A (n×d), the public W, and B = W∘A."""

    A: Matrix
    W: Weights
    B: Matrix

    def loss(self, block: ReweightedBlock) -> float:
        """The loss of what the receiver would make; the sender knows it since it plays the receiver."""
        return weighted_loss(self.A, block)

    def exact_columns(self, columns: np.ndarray) -> tuple[Matrix, float]:
        """B on these columns, in float64, and its energy."""
        part = columns_of(self.B, columns) if isinstance(self.B, OnDemand) else dense_columns(self.B, columns)
        return part, float(np.square(part).sum()) if isinstance(part, np.ndarray) else energy(part)

    @cached_property
    def is_full(self) -> bool:
        """Whether W has no zeros, so that bounds by Pythagoras are the loss itself."""
        return bool((support_sizes(self.W, slice(None)) == self.W.shape[0]).all())

    @cached_property
    def energies(self) -> np.ndarray:
        """‖b_j‖² of each column of B."""
        return column_energies(self.B)


class Proposal(NamedTuple):
    """About how many bits a description will take, and how to find it; None if there turns out to be none."""

    bits: float
    describe: Callable[[], Any]


@runtime_checkable
class Foreseen(Protocol):
    """A form that tells about how many bits descriptions take before it finds them."""

    def proposals(self, block: Sent, S: np.ndarray, goal: float) -> list[Proposal]:
        """What may be said, to be found where it may be the shortest."""
        ...
