"""A transcript as a matrix again: what a run compressed is heard by the coordinator alone, and Ã goes into a file."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from wlra_dist.record.files.matrix import check_matrix_file, write_matrix
from wlra_dist.record.files.sparse import integral
from wlra_dist.record.replay import replayed


def expand(directory: Path, file: Path, data: Path | None = None, plugins: Iterable[Path | str] = ()) -> str:
    """Ã from transcript.bin, record.json and W; a sentence that says so.

    The numbers are of the type that A was held in, and integers where A and Ã are integral.

    Parameters
    ----------
    directory
        Of the run.
    file
        To write, .npy, .safetensors, or .npz for a sparse Ã.
    data
        Where W's file is now, if W is in one and it was moved.
    plugins
        Files, those among them that it was played with.

    Returns
    -------
    str
        A sentence: which file, its shape and type.

    Raises
    ------
    InputError
        No such run, W's file or a plugin is not there, or `file` cannot be one.
    VerificationError
        The record, W or the transcript was damaged or changed, or they do not fit each other.
    """
    check_matrix_file(file)
    run, decoded = replayed(directory, data, plugins)
    stated = run.claims.input
    is_integral = stated.integer and integral(decoded.solution)
    dtype = np.dtype(np.int64 if is_integral else {32: np.float32, 64: np.float64}[stated.width])
    write_matrix(decoded.solution, file, dtype)
    size = sum(len(frame) for frame in decoded.account.frames)
    return f"{file}: {stated.n} × {stated.d} numbers ({dtype}) from {size:,} bytes of transcript and W"
