"""solution.npz: C and X of a solution; with the public W, every entry of Ã comes back bit for bit.

A thousand servers make a dozen arrays, not thousands: the blocks stand one after the other, and `widths` and
`counts` say where each ends. Equal solutions make equal files: members carry no time.
"""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.weights import Matrix, Weights

UNREADABLE = (OSError, EOFError, ValueError, TypeError, LookupError, RuntimeError)
"""What zipfile and numpy raise on bytes that were changed: a flipped bit can also mean "encrypted"."""


def write_solution(solution: ReweightedSolution, path: Path) -> None:
    """Writes an .npz that numpy.load reads.

    Its arrays: `widths` (columns of each block), `counts` (c_i, those of them that were sent), `rounded`, `S`
    (their indices within the block), `X` (c_i × (widths_i − c_i) numbers a block, row by row), and either `C`
    (n×Σc_i) or the csc matrix `C_data`, `C_indices`, `C_indptr`.
    """
    blocks = solution.blocks
    arrays = {
        "n": np.array(solution.shape[0]),
        "widths": np.array([block.shape[1] for block in blocks]),
        "counts": np.array([len(block.S) for block in blocks]),
        "rounded": np.array([block.rounded for block in blocks]),
        "S": np.concatenate([block.S for block in blocks]).astype(np.int64),
        "X": np.concatenate([block.X.ravel() for block in blocks]),
    } | _side_by_side([block.C for block in blocks])
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read_solution(path: Path, W: Sequence[Weights]) -> ReweightedSolution:
    """The solution that `write_solution` wrote, on the public weights of its blocks.

    Raises:
        InputError: the file cannot be read, is damaged, or is of other weights than W.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = dict(archive)
        return ReweightedSolution(_blocks(arrays, W))
    except (*UNREADABLE, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: expected the solution of a game with these weights: {error}") from error


def _side_by_side(C: Sequence[Matrix]) -> dict[str, np.ndarray]:
    """[C_1 … C_m], dense or csc as they all are."""
    dense = [C_i for C_i in C if isinstance(C_i, np.ndarray)]
    if len(dense) == len(C):
        return {"C": np.ascontiguousarray(np.hstack(dense))}
    sparse = [C_i for C_i in C if not isinstance(C_i, np.ndarray)]
    columns = np.concatenate([np.diff(C_i.indptr) for C_i in sparse])
    return {
        "C_data": np.concatenate([C_i.data for C_i in sparse]),
        "C_indices": np.concatenate([C_i.indices for C_i in sparse]),
        "C_indptr": np.concatenate([[0], columns.cumsum(dtype=np.int64)]),
    }


def _blocks(arrays: Mapping[str, np.ndarray], W: Sequence[Weights]) -> list[ReweightedBlock]:
    counts, widths = arrays["counts"], arrays["widths"]
    shapes = [(int(arrays["n"]), int(width)) for width in widths]
    if shapes != [W_i.shape for W_i in W]:
        raise ValueError(f"its {len(shapes)} blocks do not have the shapes of the {len(W)} blocks of W")
    S, C = _cut(arrays["S"], counts), _columns(arrays, counts)
    X = _cut(arrays["X"], counts * (widths - counts))
    for S_i, width in zip(S, widths, strict=True):
        if len(np.unique(S_i)) < len(S_i) or not np.all((S_i >= 0) & (S_i < width)):
            raise ValueError("a column was chosen twice, or is none of its block")
    return [
        ReweightedBlock(W_i, S_i, C_i, X_i.reshape(c, width - c), bool(rounded))
        for W_i, S_i, C_i, X_i, c, width, rounded in zip(W, S, C, X, counts, widths, arrays["rounded"], strict=True)
    ]


def _columns(arrays: Mapping[str, np.ndarray], counts: np.ndarray) -> list[Matrix]:
    """C_1, …, C_m."""
    ends = counts.cumsum()
    if "C" in arrays:  # in C order, as a decoder leaves them: a product rounds differently in another order
        return [np.ascontiguousarray(arrays["C"][:, end - c : end]) for c, end in zip(counts, ends, strict=True)]
    from scipy.sparse import csc_array

    C: Any = csc_array(
        (arrays["C_data"], arrays["C_indices"], arrays["C_indptr"]), shape=(int(arrays["n"]), int(ends[-1]))
    )
    C.check_format(full_check=True)
    return [C[:, end - c : end] for c, end in zip(counts, ends, strict=True)]


def _cut(array: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    """A flat array in pieces of these lengths."""
    if len(array) != lengths.sum():
        raise ValueError(f"{lengths.sum()} numbers were due, {len(array)} came")
    return np.split(array, lengths.cumsum()[:-1])
