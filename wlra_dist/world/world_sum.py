"""The processes of a `World` as those that share a truncated SVD.

Sums go over the world's control channel: they are nobody's messages in a game, and nobody counts them.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.world.world import World


@dataclass(frozen=True)
class WorldSum:
    """A world as a `partitioned.Together`: rank 0 adds in the order of the ranks, and sends the sum to all."""

    world: World

    @property
    def rank(self) -> int:
        return self.world.rank

    @property
    def size(self) -> int:
        return self.world.size

    def sum(self, array: np.ndarray) -> np.ndarray:
        """The sum of everybody's arrays of one shape and type; the same bits on every rank (collective)."""
        if self.size == 1:
            return array
        arrays = self.world.gather(np.ascontiguousarray(array).tobytes())
        total = None if arrays is None else _added(arrays, array.dtype)
        sent = self.world.broadcast(None if total is None else total.tobytes())
        return np.frombuffer(sent, array.dtype).reshape(array.shape)


def _added(parts: list[bytes], dtype: np.dtype) -> np.ndarray:
    total = np.frombuffer(parts[0], dtype).copy()
    for part in parts[1:]:
        total += np.frombuffer(part, dtype)
    return total
