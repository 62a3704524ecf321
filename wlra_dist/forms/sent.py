"""A block as its sender sees it."""

from dataclasses import dataclass

from wlra_dist.linalg.matrix import Matrix
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock, weighted_loss


@dataclass(frozen=True, eq=False)
class Sent:
    """A (n×d), the public W, and B = W∘A."""

    A: Matrix
    W: Weights
    B: Matrix

    def loss(self, block: ReweightedBlock) -> float:
        """The loss of what the receiver would make; the sender knows it since it plays the receiver."""
        return weighted_loss(self.A, block)
