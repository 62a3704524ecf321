"""What a running model tells of its layers: the inputs that they see, and how much its outputs depend on theirs.

An error E in a weight moves a layer's output at each place by E x, and that moves the model's outputs by J E x. With
random signs s, the mean of ‖sᵀJ‖² is ‖J‖² (Hutchinson), which one backward pass tells for all places. So with the mean
of ‖sᵀJ‖² x xᵀ as C, the loss ‖E C^{1/2}‖² is about what the outputs lose, in the same unit for all layers: their losses
are comparable. Without gradients C is the mean of x xᵀ, and losses are compared over the spread of each layer's
outputs: what is always there tells nothing.

Moments of few inputs know little of most directions, and errors would go where they happen to say that nobody looks. So
off the diagonal they are shrunk by as much as their own spread explains (Ledoit & Wolf 2004): by nearly nothing where
inputs are many.

Both go into one file, which `compress --inputs` reads: an array d×d named as the layer's weight, and a number named
"sensitivity:" and the same.
"""

from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.models.importance import SENSITIVITY

LEAST_SPREAD = 1e-3
"""Of the energy of a layer's outputs: less than this is taken for as much."""


class Observed:
    """Second moments of inputs, added up as they come by: no inputs are kept."""

    def __init__(self) -> None:
        self._sums: dict[str, np.ndarray] = {}
        self._means: dict[str, np.ndarray] = {}
        self._counts: dict[str, int] = {}
        self._fourths: dict[str, float] = {}
        self._weighed: set[str] = set()
        self._spread = 0.0

    def see(self, name: str, inputs: np.ndarray, gradients: np.ndarray | None = None) -> None:
        """Inputs (…×d) of the layer whose weight has this name; gradients at its outputs (…×n) for random signs."""
        x = inputs.reshape(-1, inputs.shape[-1]).astype(float)
        if gradients is not None:
            x = x * np.sqrt(np.square(gradients.reshape(len(x), -1).astype(float)).mean(axis=1))[:, None]
            self._weighed.add(name)
        self._sums[name] = self._sums.get(name, 0.0) + x.T @ x
        self._means[name] = self._means.get(name, 0.0) + x.sum(axis=0)
        self._counts[name] = self._counts.get(name, 0) + len(x)
        self._fourths[name] = self._fourths.get(name, 0.0) + float(np.square(np.square(x).sum(axis=1)).sum())

    def see_outputs(self, outputs: np.ndarray) -> None:
        """The model's outputs (examples first) that the gradients were of: losses are over their spread."""
        self._spread += float(np.square(outputs - outputs.mean(axis=0)).sum())

    def moments(self, name: str) -> np.ndarray:
        """C (d×d)."""
        S, count = self._sums[name], max(1, self._counts[name])
        diagonal = np.diag(S.diagonal())
        noise = self._fourths[name] - float(np.square(S).sum()) / count
        shrinkage = min(1.0, max(0.0, noise) / (float(np.square(S - diagonal).sum()) or 1.0))
        return (S + shrinkage * (diagonal - S)) / (1.0 if name in self._weighed else count)

    def sensitivity(self, name: str, weight: np.ndarray) -> float:
        """What is lost where this weight (n×d) is 0, over the spread of the model's outputs, or else of the layer's."""
        lost = _energy(weight, self._sums[name])
        if name in self._weighed:
            return lost / (self._spread or 1.0)
        mean = self._means[name] / max(1, self._counts[name])
        spread = lost - self._counts[name] * float(np.square(weight @ mean).sum())
        return lost / spread if spread > LEAST_SPREAD * lost else 1 / LEAST_SPREAD

    def save(self, file: str | Path, weights: dict[str, np.ndarray]) -> None:
        """Writes .safetensors or .npz; of weights, by name, whose inputs were seen."""
        arrays = {name: self.moments(name) for name in self._sums if name in weights}
        for name, C in list(arrays.items()):
            arrays[SENSITIVITY + name] = np.array(
                self.sensitivity(name, weights[name].reshape(-1, len(C)).astype(float))
            )
        if str(file).endswith(".npz"):
            np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]  its own keyword is no tensor's name
        elif str(file).endswith(".safetensors"):
            from safetensors.numpy import save_file

            save_file(arrays, file)
        else:
            raise InputError(f"{file}: expected a name that ends in .safetensors or .npz")


def _energy(A: np.ndarray, C: np.ndarray) -> float:
    """tr(A C Aᵀ)."""
    return float(((A @ C) * A).sum())
