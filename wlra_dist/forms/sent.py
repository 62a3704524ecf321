"""A block as its sender sees it, and what the sender may say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from wlra_dist.linalg.blocks import column_energies
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.weights import Weights
from wlra_dist.weights.loss import weighted_loss
from wlra_dist.weights.reweighted import ReweightedBlock


@dataclass(frozen=True, eq=False)
class Sent:
    """A (n×d), the public W, and B = W∘A."""

    A: Matrix
    W: Weights
    B: Matrix

    def loss(self, block: ReweightedBlock) -> float:
        """The loss of what the receiver would make; the sender knows it since it plays the receiver."""
        return weighted_loss(self.A, block)

    @cached_property
    def is_full(self) -> bool:
        """Whether W has no zeros, so that bounds by Pythagoras are the loss itself."""
        return bool((self.W.dense(slice(None)) > 0).all())

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
