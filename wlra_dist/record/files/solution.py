"""solution.npz: C and X of a solution; with the public W, every entry of Ã comes back bit for bit.

A thousand servers make a dozen arrays, not thousands: the blocks stand one after the other, and `widths` and
`counts` say where each ends. Equal solutions make equal files: members carry no time.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.errors import InputError, VerificationError
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.record.files.arrays import read_arrays, write_arrays
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution

FACTS = ("rounded", "weighted", "plain")
"""The last attributes of a ReweightedBlock, in its order: a yes or no for each block."""


def write_solution(solution: ReweightedSolution, path: Path) -> None:
    """Writes an .npz that numpy.load reads; `solution_arrays` tells its arrays."""
    write_arrays(solution_arrays(solution), path)


def read_solution(path: Path, W: Sequence[Weights]) -> ReweightedSolution:
    """The solution that `write_solution` wrote, on the public weights of its blocks.

    Raises:
        InputError: the file cannot be read, is damaged, or is of other weights than W.
    """
    try:
        arrays = read_arrays(path)
        return ReweightedSolution(_blocks(arrays, W), _order(arrays, W))
    except (VerificationError, ValueError, TypeError, LookupError) as error:
        raise InputError(f"{path}: expected the solution of a game with these weights: {error}") from error


def solution_arrays(solution: ReweightedSolution) -> dict[str, np.ndarray]:
    """What a solution is made of beside W.

    `order` (which column of A each column of the blocks is; none where it is the same one), `widths`
    (columns of each block), `counts` (c_i, the columns of its C), `chosen` (how many of its own
    columns these stand for: c_i or 0), `weighted`, `plain`, `rounded` and `sparse` (see ReweightedBlock), `S` (the
    columns chosen, as indices within the block), `X` (c_i × (widths_i − chosen_i) numbers a block, row by row), `C`
    (dense blocks side by side) and the csc matrix `C_data`, `C_indices`, `C_indptr` (sparse ones side by side).
    """
    blocks = solution.blocks
    return {
        "n": np.array(solution.shape[0]),
        "order": np.zeros(0, dtype=np.int64) if solution.order is None else solution.order,
        "widths": np.array([block.shape[1] for block in blocks]),
        "counts": np.array([shape_of(block.C)[1] for block in blocks]),
        "chosen": np.array([len(block.S) for block in blocks]),
        **{name: np.array([getattr(block, name) for block in blocks]) for name in FACTS},
        "sparse": np.array([not isinstance(block.C, np.ndarray) for block in blocks]),
        "S": np.concatenate([block.S for block in blocks]).astype(np.int64),
        "X": np.concatenate([block.X.ravel() for block in blocks]),
    } | _side_by_side([block.C for block in blocks], solution.shape[0])


def _side_by_side(C: Sequence[Matrix], n: int) -> dict[str, np.ndarray]:
    """[C_1 … C_m], the dense ones and the sparse ones apart."""
    dense = [C_i for C_i in C if isinstance(C_i, np.ndarray)]
    sparse = [C_i for C_i in C if is_sparse(C_i)]
    columns = [np.diff(C_i.indptr) for C_i in sparse]
    return {
        "C": np.ascontiguousarray(np.hstack([np.zeros((n, 0)), *dense])),
        "C_data": np.concatenate([np.zeros(0), *(C_i.data for C_i in sparse)]),
        "C_indices": np.concatenate([np.zeros(0, dtype=np.int32), *(C_i.indices for C_i in sparse)]),
        "C_indptr": np.cumsum(np.concatenate([[0], *columns]), dtype=np.int64),
    }


def _blocks(arrays: Mapping[str, np.ndarray], W: Sequence[Weights]) -> list[ReweightedBlock]:
    counts, widths, chosen = arrays["counts"], arrays["widths"], arrays["chosen"]
    shapes = [(int(arrays["n"]), int(width)) for width in widths]
    if shapes != [W_i.shape for W_i in W]:
        raise ValueError(f"its {len(shapes)} blocks do not have the shapes of the {len(W)} blocks of W")
    S, C = _cut(arrays["S"], chosen), _columns(arrays, counts)
    X = _cut(arrays["X"], counts * (widths - chosen))
    if np.any(arrays["plain"] & (chosen > 0)):
        raise ValueError("a block that is a plain product was said to have columns of A")
    for S_i, width in zip(S, widths, strict=True):
        if len(np.unique(S_i)) < len(S_i) or not np.all((S_i >= 0) & (S_i < width)):
            raise ValueError("a column was chosen twice, or is none of its block")
    return [
        ReweightedBlock(W_i, S_i, C_i, X_i.reshape(c, -1 if c else W_i.shape[1] - len(S_i)), *map(bool, facts))
        for W_i, S_i, C_i, X_i, c, *facts in zip(W, S, C, X, counts, *(arrays[name] for name in FACTS), strict=True)
    ]


def _order(arrays: Mapping[str, np.ndarray], W: Sequence[Weights]) -> np.ndarray | None:
    order = arrays["order"]
    if len(order) and not np.array_equal(np.sort(order), np.arange(sum(W_i.shape[1] for W_i in W))):
        raise ValueError("its order of the columns is no permutation of them")
    return order if len(order) else None


def _columns(arrays: Mapping[str, np.ndarray], counts: np.ndarray) -> list[Matrix]:
    """C_1, …, C_m."""
    sparse = arrays["sparse"].astype(bool)
    C: list[Any] = [None] * len(counts)
    # in C order, as a decoder leaves them: a product rounds differently in another order
    for i, C_i in zip(np.flatnonzero(~sparse), _split(arrays["C"], counts[~sparse]), strict=True):
        C[i] = np.ascontiguousarray(C_i)
    if sparse.any():
        from scipy.sparse import csc_array

        thin: Any = csc_array(
            (arrays["C_data"], arrays["C_indices"], arrays["C_indptr"]),
            shape=(int(arrays["n"]), int(counts[sparse].sum())),
        )
        thin.check_format(full_check=True)
        for i, C_i in zip(np.flatnonzero(sparse), _split(thin, counts[sparse]), strict=True):
            C[i] = C_i
    return C


def _split(C: Any, counts: np.ndarray) -> list[Any]:
    """The blocks that stand side by side."""
    if C.shape[1] != counts.sum():
        raise ValueError(f"{counts.sum()} columns were due, {C.shape[1]} came")
    return [C[:, end - c : end] for c, end in zip(counts, counts.cumsum(), strict=True)]


def _cut(array: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    """A flat array in pieces of these lengths."""
    if len(array) != lengths.sum():
        raise ValueError(f"{lengths.sum()} numbers were due, {len(array)} came")
    return np.split(array, lengths.cumsum()[:-1])
