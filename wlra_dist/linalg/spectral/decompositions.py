"""LAPACK's eigenvalues and singular values without a scale: of M·2^a they are those of M times the power, bit for bit.

Of a matrix that is very large or very small LAPACK takes out a factor that is no power of two, and so rounds all of it.
"""

import numpy as np

from wlra_dist.linalg.scale import centred


def eigen(G: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The eigenvalues, ascending, and eigenvectors of a symmetric G."""
    inside, power = centred(G)
    values, vectors = np.linalg.eigh(inside)
    return np.ldexp(values, power), vectors


def eigenvalues(G: np.ndarray) -> np.ndarray:
    """Of a symmetric G, ascending."""
    inside, power = centred(G)
    return np.ldexp(np.linalg.eigvalsh(inside), power)


def svd(M: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """U, σ and Vᵀ with M = U diag(σ) Vᵀ, as thin as they can be."""
    inside, power = centred(M)
    U, sigma, Vt = np.linalg.svd(inside, full_matrices=False)
    return U, np.ldexp(sigma, power), Vt


def singular_values(M: np.ndarray) -> np.ndarray:
    """Of M, by falling size."""
    inside, power = centred(M)
    return np.ldexp(np.linalg.svd(inside, compute_uv=False), power)
