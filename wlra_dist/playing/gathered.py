"""The blocks of A, brought to the audience: by arrays, beside the game."""

from collections.abc import Sequence

import numpy as np

from wlra_dist.game.parcel import pack_arrays, unpack_arrays
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.world.world import World


def show(world: World, A: dict[int, Matrix]) -> dict[int, Matrix] | None:
    """All blocks of A on rank 0, for the audience (collective)."""
    heard = world.gather(b"" if world.rank == 0 else pack_arrays(_taken_apart(A)))
    if heard is None:
        return None
    shown = dict(A)
    for data in heard[1:]:
        shown |= _put_together(list(unpack_arrays(data)))
    return shown


def _taken_apart(blocks: dict[int, Matrix]) -> Sequence[np.ndarray]:
    """For each block its number, then itself or its three arrays and shape."""
    arrays: list[np.ndarray] = []
    for i, block in blocks.items():
        if isinstance(block, np.ndarray):
            arrays += [np.array([i]), block]
        else:
            arrays += [np.array([i, *shape_of(block)]), block.data, block.indices, block.indptr]
    return arrays


def _put_together(arrays: list[np.ndarray]) -> dict[int, Matrix]:
    blocks: dict[int, Matrix] = {}
    while arrays:
        number, *shape = (int(part) for part in arrays.pop(0))
        if shape:
            from scipy.sparse import csc_array

            blocks[number] = csc_array((arrays.pop(0), arrays.pop(0), arrays.pop(0)), shape=tuple(shape))
        else:
            blocks[number] = arrays.pop(0)
    return blocks
