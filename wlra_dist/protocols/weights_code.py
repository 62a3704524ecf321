"""W as a message: exactly what it is made of, in as few bits as its own structure gives.

The code loses nothing. Where W is 0 no entry of A exists, and W^{∘-1} is large where W is small: a rounded W would be
another problem.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.base.reals import Floats
from wlra_dist.codecs.base.universal import Natural
from wlra_dist.codecs.columns.columns import SparseColumns
from wlra_dist.codecs.columns.integer_columns import IntegerColumns, most_bits
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, SparseWeights, Weights

LARGEST_INTEGER = 2**20
"""Of weights that travel as integers; an array with a larger one travels as floats."""

PART = "weights"
"""The part of a message that W is."""


@dataclass(frozen=True)
class Numbers:
    """An array of numbers ≥ 0 (height×width): integers if they are, or floats of 32 or 64 bits."""

    height: int
    width: int

    @property
    def limit(self) -> int:
        places = self.height * self.width
        return 2 + Natural().limit + max(64 * places, most_bits(places, LARGEST_INTEGER))

    def bits(self, value: np.ndarray) -> int:
        out = BitWriter()
        self.write(value, out)
        return out.bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        largest = float(np.abs(value).max(initial=0.0))
        integral = largest <= LARGEST_INTEGER and bool((value == np.rint(value)).all())
        out.uint(integral, 1)
        if integral:
            Natural().write(int(largest), out)
            self._integers(int(largest)).write(value, out)
        else:
            single = bool((value.astype(np.float32) == value).all())
            out.uint(single, 1)
            self._floats(single=single).write(value, out)
            out.count(value.size)

    def read(self, bits: BitReader) -> np.ndarray:
        if not bits.uint(1):
            floats = self._floats(single=bool(bits.uint(1))).read(bits)
            bits.count(floats.size)
            return _nonnegative(floats.astype(float))
        largest = Natural().read(bits)
        if largest > LARGEST_INTEGER:
            raise DecodeError(f"integers of at most {LARGEST_INTEGER} were due, {largest} came")
        return _nonnegative(np.asarray(self._integers(largest).read(bits), dtype=float))

    def _integers(self, largest: int) -> IntegerColumns:
        everywhere = BlockMask.even(self.height, self.width, 1)
        return IntegerColumns(everywhere, np.arange(self.width), largest, sparse=False)

    def _floats(self, *, single: bool) -> Floats:
        return Floats((self.height, self.width), 32 if single else 64)


def _nonnegative(numbers: np.ndarray) -> np.ndarray:
    if (numbers < 0).any():
        raise DecodeError("numbers of at least 0 were due, and one below came")
    return numbers


@dataclass(frozen=True)
class BlockNumbers:
    """The block of each of `size` rows or columns of a mask: differences, where they ascend."""

    size: int

    @property
    def limit(self) -> int:
        return 1 + self._numbers.limit

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        steps = np.diff(value, prepend=0)
        ascending = bool((steps >= 0).all())
        out.uint(ascending, 1)
        self._numbers.write((steps if ascending else value)[:, None].astype(float), out)

    def read(self, bits: BitReader) -> np.ndarray:
        ascending = bits.uint(1)
        numbers = self._numbers.read(bits)[:, 0].astype(np.int64)
        return np.cumsum(numbers) if ascending else numbers

    @property
    def _numbers(self) -> Numbers:
        return Numbers(self.size, 1)


@dataclass(frozen=True)
class WholeWeights:
    """W (n×d): the blocks of a mask's rows and columns, two factors, nonzeros, or else all entries."""

    n: int
    d: int

    @property
    def limit(self) -> int:
        n, d, most = self.n, self.d, min(self.n, self.d)
        mask, factors = BlockNumbers(n).limit + BlockNumbers(d).limit, Numbers(n, most).limit + Numbers(d, most).limit
        return 2 + max(mask, Natural().limit + factors, 1 + self._nonzeros(None).limit + 64, Numbers(n, d).limit)

    def bits(self, value: Weights) -> int:
        out = BitWriter()
        self.write(value, out)
        return out.bits

    def write(self, value: Weights, out: BitWriter) -> None:
        kinds = [kind for kind, *_ in self._forms]
        which = kinds.index(type(value)) if type(value) in kinds and self._shortens(value) else len(kinds) - 1
        with out.part(PART, whole=True):
            Count(len(self._forms) - 1).write(which, out)
            self._forms[which][1](value, out)

    def read(self, bits: BitReader) -> Weights:
        with bits.part(PART, whole=True):
            return self._forms[Count(len(self._forms) - 1).read(bits)][2](bits)

    def _shortens(self, W: Weights) -> bool:
        """Whether the parts of W are fewer numbers than its entries."""
        return not isinstance(W, LowRankWeights) or W.U.shape[1] * (self.n + self.d) <= self.n * self.d

    @property
    def _forms(self) -> list[tuple[type, Callable[[Any, BitWriter], None], Callable[[BitReader], Weights]]]:
        """The types of W that have a form of their own, and last what any W has."""
        return [
            (BlockMask, self._write_mask, self._read_mask),
            (LowRankWeights, self._write_factors, self._read_factors),
            (SparseWeights, self._write_nonzeros, self._read_nonzeros),
            (DenseWeights, self._write_entries, self._read_entries),
        ]

    def _write_mask(self, W: BlockMask, out: BitWriter) -> None:
        BlockNumbers(self.n).write(W.row_blocks, out)
        BlockNumbers(self.d).write(W.column_blocks, out)

    def _read_mask(self, bits: BitReader) -> BlockMask:
        return BlockMask(BlockNumbers(self.n).read(bits), BlockNumbers(self.d).read(bits))

    def _write_factors(self, W: LowRankWeights, out: BitWriter) -> None:
        r = W.U.shape[1]
        Natural().write(r, out)
        Numbers(self.n, r).write(W.U, out)
        Numbers(self.d, r).write(np.ascontiguousarray(W.V.T), out)

    def _read_factors(self, bits: BitReader) -> LowRankWeights:
        r = Natural().read(bits)
        if r > min(self.n, self.d):
            raise DecodeError(f"factors of at most {min(self.n, self.d)} terms were due, {r} came")
        return LowRankWeights(Numbers(self.n, r).read(bits), Numbers(self.d, r).read(bits).T.copy())

    def _write_nonzeros(self, W: SparseWeights, out: BitWriter) -> None:
        largest = int(np.abs(W.W.data).max(initial=0.0))
        integral = largest <= LARGEST_INTEGER and bool((W.W.data == np.rint(W.W.data)).all())
        Natural().write(largest if integral else 0, out)
        self._nonzeros(largest if integral else None).write(W.W, out)

    def _read_nonzeros(self, bits: BitReader) -> SparseWeights:
        bound = Natural().read(bits)
        if bound > LARGEST_INTEGER:
            raise DecodeError(f"weights of at most {LARGEST_INTEGER} were due, {bound} came")
        nonzeros: Any = self._nonzeros(bound or None).read(bits)
        _nonnegative(nonzeros.data)
        return SparseWeights(nonzeros)

    def _nonzeros(self, bound: int | None) -> SparseColumns:
        return SparseColumns(BlockMask.even(self.n, self.d, 1), slice(None), bound, sparse=True)

    def _write_entries(self, W: Weights, out: BitWriter) -> None:
        Numbers(self.n, self.d).write(W.dense(slice(None)), out)

    def _read_entries(self, bits: BitReader) -> DenseWeights:
        return DenseWeights(Numbers(self.n, self.d).read(bits))
