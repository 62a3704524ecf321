"""A and W from files; a process reads only the columns that it is asked for."""

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, cast

import numpy as np
from annotated_types import Interval

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import EXACT
from wlra_dist.inputs.numbers import Rank
from wlra_dist.instances.files.entries import Expected
from wlra_dist.instances.files.formats import open_matrix
from wlra_dist.instances.files.stored import Stored, as_slice
from wlra_dist.instances.files.structured_npz import fitting, structured_weights
from wlra_dist.instances.instance import Columns, Instance, Share, indices, require_ranks
from wlra_dist.instances.kept_weights import shared_weights
from wlra_dist.linalg.matrix import Matrix, dense
from wlra_dist.weights import BlockMask, DenseWeights, SparseWeights, StructuredWeights, Weights
from wlra_dist.weights.border import supported
from wlra_dist.weights.rank import MOST, least_rank
from wlra_dist.weights.structured.detect import detect_weights
from wlra_dist.weights.structured.nested import staircase_of

if TYPE_CHECKING:
    from scipy.sparse import csc_array

Bound = Annotated[int, Interval(ge=1, lt=EXACT)]


@dataclass(frozen=True)
class Files:
    """A and W as they lie in .npy, .npz, .mtx, .safetensors or HDF5 files.

    Args:
        A: path of the n×d matrix; a pattern such as A-*.npy names files whose columns stand side by side.
        k: target rank.
        W: path of the weights, n×d; none for W = 1.
        r: the rank that W is said to have; else the least up to 16 that it is known to have, or 1.
        A_name, W_name: the array in a file of several; the tensor that the index of a sharded model names.
        weights: "detect" reads W whole, on one process, and plays with the structure that it has
            (`wlra_dist.weights.structured.detect`), "staircase" with that one; by default W is what the file says.
        integer: A and W are integral; then `bound` is needed.
        bound: the public bound max |A_ij|.
    """

    PATHS: ClassVar = ("A", "W")
    """The options that a scenario states relative to its own file."""

    A: str
    k: Rank
    W: str | None = None
    r: Rank | None = None
    A_name: str | None = None
    W_name: str | None = None
    integer: bool = False
    bound: Bound | None = None
    weights: Literal["as stored", "detect", "staircase"] = "as stored"

    def __post_init__(self) -> None:
        if self.W is None and (self.r not in (None, 1) or self.W_name is not None):
            raise ValueError("without a file W all weights are 1, so r is 1 and there is no W_name")
        if self.integer and self.bound is None:
            raise ValueError("an integer game needs a public bound: the largest |A_ij| that A may have")

    def open(self, share: Share) -> Instance:
        """Reads the headers; InputError unless they fit. Entries are checked in the block that is read.

        Where r is left out, one process looks for it.
        """
        A = open_matrix(self.A, self.A_name)
        n, d = A.shape
        try:
            require_ranks(self.k, self.r or 1, n, d)
        except ValueError as error:
            raise InputError(f"{A.name} is {n}×{d}: {error}") from error
        weights, expected = self.weights_for((n, d)), self.expected(A)
        if self.weights != "as stored" and isinstance(weights, FileWeights):
            weights = shared_weights(share, partial(_found, weights, self.weights)) or weights

        def block(columns: Columns) -> Matrix:
            chosen = indices(columns, d)
            entries = supported(A.columns(chosen), weights.block(chosen))  # what stands elsewhere need not be fit
            expected.check(entries, chosen, A)
            return entries

        return Instance(
            shape=(n, d),
            k=self.k,
            r=self.r or int(share(lambda: {"r": np.array(least_rank(weights, MOST) or 1)})["r"]),
            weights=weights,
            block=block,
            integer=self.integer,
            bound=self.bound if self.integer else None,
        )

    def weights_for(self, shape: tuple[int, int]) -> Weights:
        if self.W is None:
            n, d = shape
            return BlockMask.wide(n, 1, d, d)
        if (structured := structured_weights(Path(self.W))) is not None:
            return fitting(structured, shape, self.W)
        W = open_matrix(self.W, self.W_name)
        if W.shape != shape:
            raise InputError(f"expected W of the shape {shape} of A, found {W.shape} in {W.name}: is one transposed?")
        expected = Expected(nonnegative=True, integral=self.integer, bound=exact_bound(W))
        reader, columns = Reader(W, expected), np.arange(shape[1])
        if W.sparse:
            return SparseWeights(cast("csc_array", reader.columns(columns)), claimed_rank=self.r)
        return FileWeights(reader, columns, claimed_rank=self.r)

    def expected(self, A: Stored) -> Expected:
        stated = float("inf") if self.bound is None else self.bound
        return Expected(integral=self.integer, bound=min(stated, exact_bound(A)))


def _found(W: "FileWeights", structure: str) -> Weights | None:
    """The structure of W, if it has any; InputError if a certain one is asked for, and W has another."""
    dense = W.dense(slice(None))
    found = staircase_of(dense) if structure == "staircase" else detect_weights(dense)
    return found if isinstance(found, StructuredWeights | BlockMask) else None


def exact_bound(stored: Stored) -> float:
    """What a double can tell apart, where the file's integers may go beyond."""
    return EXACT - 1 if stored.wide_integers else float("inf")


@dataclass(frozen=True)
class Reader:
    """Reads columns and checks them."""

    stored: Stored
    expected: Expected

    def columns(self, chosen: np.ndarray) -> Matrix:
        """InputError names the file, row and column of an entry that is not as expected."""
        block = self.stored.columns(chosen)
        self.expected.check(block, chosen, self.stored)
        return block

    def rows(self, run: slice, chosen: np.ndarray) -> np.ndarray | None:
        """The same of a run of rows; None where the file has to be read from its beginning."""
        block = self.stored.rows(run, chosen)
        if block is not None:
            self.expected.check(block, chosen, self.stored, run.start)
        return block


@dataclass(frozen=True, eq=False)
class FileWeights:
    """W in a file: some columns of it, read when asked for and not kept.

    Args:
        reader: of the file.
        chosen: the columns (d).
        claimed_rank: the r of the problem; what the claim is worth is for the certificate to say.
    """

    reader: Reader
    chosen: np.ndarray
    claimed_rank: int | None = None

    in_file: ClassVar[bool] = True

    @property
    def shape(self) -> tuple[int, int]:
        return self.reader.stored.shape[0], len(self.chosen)

    @property
    def rank(self) -> int:
        """min(n, d): numbers in a file prove nothing more."""
        return min(self.shape)

    def block(self, columns: Columns) -> "FileWeights":
        return FileWeights(self.reader, self.chosen[columns], self.claimed_rank)

    def rows(self, rows: np.ndarray) -> DenseWeights:
        """These rows, read and kept; of a file that has to be read from its beginning, all of these columns are."""
        run = as_slice(rows)
        read = self.reader.rows(run, self.chosen) if isinstance(run, slice) else None
        return DenseWeights(self._kept[rows] if read is None else read)

    @cached_property
    def _kept(self) -> np.ndarray:
        return dense(self.reader.columns(self.chosen))

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        """W on these columns in float64; InputError at a negative or otherwise unfit entry."""
        W = self.reader.columns(self.chosen[columns])
        return np.ascontiguousarray(dense(W), dtype=float)

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """W at these pairs; the columns that they lie in are read."""
        asked, place = np.unique(columns, return_inverse=True)
        return self.dense(asked)[rows, place]

    @property
    def groups(self) -> np.ndarray:
        """Every column for itself: nothing is known of them."""
        return np.arange(len(self.chosen))
