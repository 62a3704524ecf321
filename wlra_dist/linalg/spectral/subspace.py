"""The leading right singular subspace of a block, and what each column keeps outside it."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.blocks import column_energies, inner, shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.lanczos import leading_eigenpairs, pays
from wlra_dist.linalg.spectral.spectrum import leading_right_vectors

FIRST_GUESS = 32
"""Dimensions tried first when only the tail's size is given."""


@dataclass(frozen=True, eq=False)
class Subspace:
    """V_K of B = UΣVᵀ, for the largest singular values; fewer where the rest is noise."""

    V: np.ndarray
    """d×K, orthonormal."""
    squares: np.ndarray
    """σ_i² (K), the largest first."""
    energies: np.ndarray
    """‖b_j‖² (d)."""

    @property
    def outside(self) -> np.ndarray:
        """‖e_j‖² (d), E = B − BVVᵀ, to the precision of BᵀB."""
        return np.maximum(self.energies - np.square(self.V) @ self.squares, 0.0)

    @property
    def tails(self) -> np.ndarray:
        """‖B_{−k}‖_F² for k = 0 … K."""
        return np.maximum(self.energies.sum() - np.append(0.0, np.cumsum(self.squares)), 0.0)

    def first(self, K: int) -> "Subspace":
        return Subspace(self.V[:, :K], self.squares[:K], self.energies)

    def down_to(self, tail: float) -> "Subspace":
        """The first dimensions, as few as leave at most `tail` of ‖B‖_F²; all if none do."""
        return self.first(int(np.argmax(self.tails <= tail))) if self.tails[-1] <= tail else self


def leading_subspace(B: Matrix, K: int) -> Subspace:
    """The first K dimensions."""
    V = leading_right_vectors(B, K) if K else np.empty((shape_of(B)[1], 0))
    squares = np.square(inner(V, B.T)).sum(axis=1)
    order = np.argsort(-squares, kind="stable")  # ARPACK's come in no order
    return Subspace(V[:, order], squares[order], column_energies(B))


def subspace_of_gram(G: np.ndarray, K: int, noise: float) -> Subspace:
    """The first K dimensions of a block with G = BᵀB, without those below `noise`·σ_1²."""
    values, vectors = leading_eigenpairs(G, K)
    significant = int((values > noise * values.max(initial=0.0)).sum())
    return Subspace(vectors[:, :significant], values[:significant], np.diag(G).copy())


def subspace_of_gram_for(G: np.ndarray, tail: float, noise: float) -> Subspace:
    """The first dimensions of a block with G = BᵀB, as few as leave at most `tail`; all above `noise` if none do."""
    K = FIRST_GUESS
    while pays(len(G), K):
        found = subspace_of_gram(G, K, noise)
        if found.tails[-1] <= tail or len(found.squares) < K:
            return found.down_to(tail)
        K *= 2
    return subspace_of_gram(G, len(G), noise).down_to(tail)


def subspace_for(B: Matrix, tail: float) -> Subspace:
    """The first dimensions, as few as leave at most `tail` of ‖B‖_F²; all that are not noise if none do."""
    K, most = FIRST_GUESS, min(shape_of(B))
    found = leading_subspace(B, min(K, most))
    while found.tails[-1] > tail and most > K and len(found.squares) >= K:
        K *= 2
        found = leading_subspace(B, min(K, most))
    return found.down_to(tail)
