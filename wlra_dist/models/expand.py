"""Tensors out of a small file: one by one, as numbers, as factors or as operators."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.errors import InputError, VerificationError
from wlra_dist.models.container import Small, TensorEntry, open_small
from wlra_dist.models.forms import EXACT, HALF, parts_of, read_kept
from wlra_dist.models.kinds import KINDS, Kind
from wlra_dist.models.shapes import as_tensor, matrix_shape

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator


@dataclass(frozen=True, eq=False)
class LazyTensor:
    """A tensor of a small file; numbers are decoded when they are asked for, and not kept.

    Attributes
    ----------
    name
        Of the tensor.
    entry
        What the index says of its numbers: of the tensor that it is, if it is another's.
    """

    name: str
    entry: TensorEntry
    _small: Small

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the tensor in the model."""
        return self.entry.shape

    @property
    def kind(self) -> Kind:
        """The type of its numbers."""
        return KINDS[self.entry.kind]

    def array(self) -> np.ndarray:
        """The numbers; bfloat16 as float32, eight-bit floats as bytes. VerificationError where the file is damaged."""
        return self.kind.numpy_array(self.stored())

    def check(self) -> None:
        """VerificationError where its bytes were damaged; nothing is decoded."""
        for _ in self._blocks():
            pass

    def stored(self) -> np.ndarray:
        """The numbers in their own type of so many bytes."""
        runs = [self._numbers(form, rows, payload) for form, rows, payload in self._blocks()]
        flat = np.concatenate([run.reshape(-1) for run in runs]) if len(runs) > 1 else runs[0]
        matrix = flat.reshape(matrix_shape(self.shape, self.entry.way)) if self.entry.way else flat
        return as_tensor(matrix, self.shape, self.entry.way)

    def factors(self) -> tuple[np.ndarray, np.ndarray] | None:
        """(L, R) with L R the tensor as a matrix, rows by first axis; None where it is not kept as such a product."""
        if len(self.entry.blocks) != 1 or self.entry.way or self.entry.blocks[0].form in (EXACT, HALF):
            return None
        ((form, rows, payload),) = self._blocks()
        with _sound(self):
            return parts_of(payload, form, self._matrix_shape(rows)).factors

    def operator(self) -> "LinearOperator":
        """The matrix, for products with vectors: through its factors where it has them."""
        from scipy.sparse.linalg import aslinearoperator

        factors = self.factors()
        if factors is None:
            return aslinearoperator(self.array().reshape(matrix_shape(self.shape, 0)))
        L, R = map(aslinearoperator, factors)
        return cast("LinearOperator", L @ R)

    def _blocks(self) -> Iterator[tuple[str, int, bytes]]:
        for block, payload in self._small.payloads(self.entry):
            yield block.form, block.rows, payload

    def _numbers(self, form: str, rows: int, payload: bytes) -> np.ndarray:
        with _sound(self):
            if form in (EXACT, HALF):
                return read_kept(payload, self.kind, form, self.shape)
            return self.kind.stored(parts_of(payload, form, self._matrix_shape(rows)).matrix)

    def _matrix_shape(self, rows: int) -> tuple[int, int]:
        shape = matrix_shape(self.shape, self.entry.way)
        return (rows, shape[1]) if len(self.entry.blocks) > 1 else shape


class _sound:  # noqa: N801  a context, read as a verb
    """VerificationError that names the tensor, where its bytes are no message."""

    def __init__(self, tensor: LazyTensor) -> None:
        self._name = tensor.name

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, (DecodeError, ValueError, IndexError)):
            raise VerificationError(f"{self._name} is damaged ({error}); fetch the file again") from error


def load(path: str | Path) -> Mapping[str, LazyTensor]:
    """The tensors of a small model by name; each is decoded when it is asked for.

    Parameters
    ----------
    path
        of a file that `wlra-dist compress` made.

    Returns
    -------
    Mapping[str, LazyTensor]
        each with `array()`, `factors()` and `operator()`.

    Raises
    ------
    InputError
        it is no such file.
    VerificationError
        it was damaged; a damaged tensor says so when it is decoded.
    """
    small = open_small(path)
    return {entry.name: LazyTensor(entry.name, _own(small, entry), small) for entry in small.entries.values()}


def _own(small: Small, entry: TensorEntry) -> TensorEntry:
    """What has the numbers of a tensor."""
    own = small.entries.get(entry.same_as) if entry.same_as else entry
    if own is None or own.same_as or not own.blocks:
        raise InputError(f"{small.path}: {entry.name} has no numbers in the file; compress the model again")
    return own
