"""A tensor of a model: its name, type and shape, and its numbers, read when they are asked for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod

import numpy as np

from wlra_dist.models.kinds import Kind


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor as it lies in a file.

    Attributes:
        name: in its model.
        kind: the type of its numbers.
        shape: of any length; () is a single number.
        read: numbers start … stop, flat in C order, of `kind.dtype`; InputError where the file fails.
        storage: what two names have in common that are one tensor; None where nobody else has it.
    """

    name: str
    kind: Kind
    shape: tuple[int, ...]
    read: Callable[[int, int], np.ndarray]
    storage: object = None

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        return self.size * self.kind.dtype.itemsize

    def all(self) -> np.ndarray:
        """All numbers, in the tensor's shape."""
        return self.read(0, self.size).reshape(self.shape)


Model = dict[str, Tensor]
"""Tensors by name, in the order of the file."""


def held(name: str, kind: Kind, array: np.ndarray, storage: object = None) -> Tensor:
    """A tensor whose numbers are in memory, or mapped."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return Tensor(name, kind, array.shape, lambda start, stop: flat[start:stop], storage)


def tied(model: Model) -> dict[str, str]:
    """Names of tensors that another name has already, with that name."""
    first: dict[object, str] = {}
    copies: dict[str, str] = {}
    for tensor in model.values():
        if tensor.storage is not None and first.setdefault(tensor.storage, tensor.name) != tensor.name:
            copies[tensor.name] = first[tensor.storage]
    return copies


def by_name(tensors: Iterable[Tensor]) -> Model:
    return {tensor.name: tensor for tensor in tensors}
