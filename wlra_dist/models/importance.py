"""What is known of how much errors matter, in a file by name: moments of inputs, weights, or Fisher information."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.models.norms import Elementwise, Moments, Norm
from wlra_dist.models.shapes import as_matrix
from wlra_dist.models.sources import Model, Tensor, opened_model

PLAIN, INPUTS, WEIGHTS, FISHER = "plain", "inputs", "weights", "fisher"

SENSITIVITY = "sensitivity:"
"""Before a tensor's name: how much of the output's energy an error costs, over its part of the layer's output."""


@dataclass(frozen=True)
class Importance:
    """Where it lies.

    Attributes:
        kind: "plain" for no file, "inputs", "weights" or "fisher".
        path: of the file.
    """

    kind: str = PLAIN
    path: str = ""

    @property
    def tensors(self) -> Model:
        return opened_model(self.path) if self.path else {}

    def kind_of(self, tensor: Tensor) -> str:
        return self.kind if tensor.name in self.tensors else PLAIN

    def check(self, model: Model) -> None:
        """InputError unless the file tells something of the model, each in the right shape and of real numbers."""
        if self.kind != PLAIN and not model.keys() & self.tensors.keys():
            some = ", ".join(list(model)[:3])
            raise InputError(f"{self.path} has no array named as a tensor of the model ({some}, …); rename its arrays")
        for name in model.keys() & self.tensors.keys():
            self._check(model[name], self.tensors[name])

    def sensitivity(self, tensor: Tensor) -> float:
        """1 where nothing is told."""
        importance = self.tensors.get(SENSITIVITY + tensor.name)
        value = 1.0 if importance is None else float(_floats(importance).sum())
        if not 0 <= value < np.inf:
            raise InputError(f"{SENSITIVITY}{tensor.name} in {self.path} is {value}: expected a number from 0 up")
        return value

    def norm(self, tensor: Tensor, A: np.ndarray, way: int, rows: slice) -> Norm:
        """Of these rows of a tensor, A, as a matrix."""
        if self.kind_of(tensor) == PLAIN:
            return Moments.of(A, None)
        importance = _floats(self.tensors[tensor.name])
        if self.kind == INPUTS:
            return Moments.of(A, importance)
        W = as_matrix(importance, way) if way else as_matrix(importance, way)[rows]
        return Elementwise.of(A, np.sqrt(W) if self.kind == FISHER else W)

    def _check(self, tensor: Tensor, importance: Tensor) -> None:
        d = tensor.size // max(1, tensor.shape[0] if tensor.shape else 1)
        due = (d, d) if self.kind == INPUTS else tensor.shape
        if importance.shape != due:
            raise InputError(
                f"{importance.name} in {self.path}: expected the shape {due} as {self.kind}, found {importance.shape}"
            )
        numbers = _floats(importance)
        if not np.isfinite(numbers).all() or (self.kind != INPUTS and numbers.min(initial=0.0) < 0):
            expected = "finite numbers" if self.kind == INPUTS else "finite numbers from 0 up"
            raise InputError(f"{importance.name} in {self.path}: expected {expected}, found others; compute it again")


NOTHING = Importance()
"""Errors cost the same wherever they are."""


def _floats(tensor: Tensor) -> np.ndarray:
    numbers = tensor.all()
    return tensor.kind.floats(numbers) if tensor.kind.lossy else numbers.astype(float)
