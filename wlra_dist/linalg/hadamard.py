"""The subsampled randomised Hadamard transform (Ailon & Chazelle 2006; Tropp 2011), of many vectors at once.

H of order 2^q is a Kronecker product of small ones, so it is applied as a few GEMMs with one of order at most 32:
q/5 passes over the memory instead of q.
"""

from dataclasses import dataclass

import numpy as np

LARGEST = 32
"""The order of the Hadamard matrices that are multiplied with."""


def transform(X: np.ndarray) -> np.ndarray:
    """H x / √p for all vectors x of a power of two, p, along the last axis; an orthogonal transform."""
    shape, left = X.shape, X.shape[-1]
    while left > 1:
        order = min(left, LARGEST)
        digit = X.reshape(-1, shape[-1] // order, order) @ _matrix(order).astype(X.dtype)
        X = np.ascontiguousarray(digit.swapaxes(1, 2))  # the next digit comes last; after all of them, the first again
        left //= order
    return X.reshape(shape)


@dataclass(frozen=True, eq=False)
class Srht:
    """S (t×d) with E SᵀS = I: random signs, the Hadamard transform of d entries and zeros, t of its coordinates."""

    signs: np.ndarray
    kept: np.ndarray
    padded: int

    @classmethod
    def random(cls, d: int, rows: int, rng: np.random.Generator) -> "Srht":
        padded = 1 << max(0, d - 1).bit_length()
        kept = rng.choice(padded, min(rows, padded), replace=False)
        return cls(rng.choice(np.array([-1.0, 1.0]), d), kept, padded)

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """S x for vectors along the last axis: …×d to …×t."""
        wide = np.zeros((*X.shape[:-1], self.padded), dtype=X.dtype)
        np.multiply(X, self.signs.astype(X.dtype), out=wide[..., : X.shape[-1]])
        scale = np.sqrt(self.padded / len(self.kept)).astype(X.dtype)
        return transform(wide)[..., self.kept] * scale


def _matrix(order: int) -> np.ndarray:
    """Sylvester's Hadamard matrix over √order, for a power of two."""
    H = np.ones((1, 1))
    while len(H) < order:
        H = np.block([[H, H], [H, -H]])
    return H / np.sqrt(order)
