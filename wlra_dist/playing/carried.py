"""What is carried beside the game for the referee: blocks of A to rank 0, those of the output to where A is."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from wlra_dist.game import PerParty
from wlra_dist.game.parcel import pack_arrays, unpack_arrays
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix, arrays_of, is_sparse
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.world.world import World


def gather_blocks(world: World, A: Mapping[int, Matrix]) -> dict[int, Matrix] | None:
    """All blocks of A by server, on rank 0; None elsewhere (collective)."""
    parcel = () if world.rank == 0 else (array for i, A_i in A.items() for array in (np.array(i), *_arrays(A_i)))
    parcels = world.gather(pack_arrays(parcel))
    if parcels is None:
        return None
    blocks = dict(A)
    for data in parcels[1:]:
        arrays = unpack_arrays(data)
        blocks |= {int(i): _matrix(arrays) for i in arrays}
    return blocks


def scatter_output(
    world: World, solution: ReweightedSolution | None, W: PerParty[Weights], servers: Sequence[Sequence[int]]
) -> dict[int, ReweightedBlock]:
    """The blocks of rank 0's solution that these servers' columns lie in, by server (collective).

    Args:
        world: the processes.
        solution: on rank 0: a block a server, or one for all.
        W: the weights as they were dealt.
        servers: those that each rank plays, in rank order.
    """
    mine = servers[world.rank]
    if solution is None:
        arrays = unpack_arrays(world.scatter(None))
        whole = bool(next(arrays)) and [_block(arrays, W.whole)] * len(mine)
        return dict(zip(mine, whole or [_block(arrays, W.pieces[i]) for i in mine], strict=True))
    own = solution.blocks if len(solution.blocks) == len(W) else [solution.blocks[0]] * len(W)
    whole = own is not solution.blocks

    def parcel(theirs: Sequence[int]) -> bytes:
        sent = theirs[:1] if whole else theirs
        arrays = (array for i in sent for array in _taken_apart(own[i]))
        return pack_arrays([np.array(whole and bool(theirs)), *arrays])

    world.scatter(b"" if rank == 0 else parcel(theirs) for rank, theirs in enumerate(servers))
    return {i: own[i] for i in mine}


def _taken_apart(block: ReweightedBlock) -> list[np.ndarray]:
    return [np.array([block.rounded, block.weighted, block.plain]), block.S, block.X, *_arrays(block.C)]


def _block(arrays: Iterator[np.ndarray], W: Weights) -> ReweightedBlock:
    rounded, weighted, plain = next(arrays).tolist()
    return ReweightedBlock(
        W, next(arrays), X=next(arrays), C=_matrix(arrays), rounded=rounded, weighted=weighted, plain=plain
    )


def _arrays(A: Matrix) -> list[np.ndarray]:
    """The shape of a sparse matrix and its three arrays; nothing and itself for a dense one."""
    return [np.array(shape_of(A) if is_sparse(A) else [], np.int64), *arrays_of(A)]


def _matrix(arrays: Iterator[np.ndarray]) -> Matrix:
    shape = next(arrays).tolist()
    if not shape:
        return next(arrays)
    from scipy.sparse import csc_array

    return csc_array((next(arrays), next(arrays), next(arrays)), shape=tuple(shape))
