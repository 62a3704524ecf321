"""Structured weights as the arrays that they are made of, in an .npz.

| arrays | W_ij |
|---|---|
| row_blocks (n), column_blocks (d) | 1 where row and column are of the same block |
| row_blocks, column_blocks, u (n), v (d) | u_i v_j there |
| u (n), v (d) | u_i v_j |
| ends (n), u (n), v (d) | u_i v_j for j < ends_i: monotone missing data |
| shape, row, row_piece, u, column, column_piece, v | u v of the piece that has row i and column j |
| U (n×r), V (r×d) | Σ_l U_il V_lj |

With at_row, at_column and at_value beside them, all but the first and the last get these values added: W is that plus
sparse, a diagonal, blocks or bands.
"""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import readable
from wlra_dist.instances.files.sparse_npz import refuse_bomb, refuse_lies
from wlra_dist.weights import BlockMask, LowRankWeights, StructuredWeights, Weights
from wlra_dist.weights.structured import kinds

Arrays = Mapping[str, np.ndarray]

SPARSE_PART = ("at_row", "at_column", "at_value")

FORMS: dict[frozenset[str], Callable[[Arrays], Weights]] = {
    frozenset(["row_blocks", "column_blocks"]): lambda of: BlockMask(of["row_blocks"], of["column_blocks"]),
    frozenset(["row_blocks", "column_blocks", "u", "v"]): lambda of: kinds.block_diagonal(
        of["row_blocks"], of["column_blocks"], of["u"], of["v"]
    ),
    frozenset(["u", "v"]): lambda of: kinds.rank_one(of["u"], of["v"]),
    frozenset(["ends", "u", "v"]): lambda of: kinds.staircase(of["ends"], of["u"], of["v"]),
    frozenset(["shape", "row", "row_piece", "u", "column", "column_piece", "v"]): lambda of: kinds.disjoint(
        (int(of["shape"][0]), int(of["shape"][1])), kinds.numbered_pieces(of)
    ),
    frozenset(["U", "V"]): lambda of: LowRankWeights(of["U"], of["V"]),
}
"""What an archive of exactly these arrays is."""


def structured_weights(file: Path) -> Weights | None:
    """The weights in the file, if it is an .npz of one of the FORMS; InputError for numbers that make none of them."""
    if file.suffix.lower() != ".npz" or not file.is_file():
        return None
    with readable(file):
        with zipfile.ZipFile(file) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        make = FORMS.get(frozenset(members.keys() - set(SPARSE_PART)))
        if make is None:
            return None
        refuse_bomb(file, members.values())
        refuse_lies(file, members)
        with np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in members}
    try:
        return _with_sparse(make(arrays), arrays)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error


def _with_sparse(W: Weights, arrays: Arrays) -> Weights:
    present = [name for name in SPARSE_PART if name in arrays]
    if not present:
        return W
    if len(present) < len(SPARSE_PART) or not isinstance(W, StructuredWeights):
        raise InputError(f"expected at_row, at_column and at_value beside pieces u and v, found {', '.join(present)}")
    return kinds.plus_entries(W, *(arrays[name] for name in SPARSE_PART))


def fitting(W: Weights, shape: tuple[int, int], name: str) -> Weights:
    """W, if it is of this shape; InputError otherwise."""
    if W.shape != shape:
        raise InputError(f"expected W of the shape {shape} of A, found {W.shape} in {name}: is one transposed?")
    return W
