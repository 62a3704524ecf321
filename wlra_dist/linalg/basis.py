"""Orthonormal bases of columns, and what a block keeps when they are projected out.

A residual is never read off ‖B‖² − ‖QᵀB‖² where that difference cancels: with ε near 0 or OPT = 0 it would be
noise of the size of eps·‖B‖², and a certificate must not rest on noise.
"""

import numpy as np

from wlra_dist.linalg.blocks import PIECE, column_energies, dense_columns, energy, gram, inner, roundoff, runs, shape_of
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.linalg.oriented_basis import oriented_basis
from wlra_dist.linalg.rows.tall import is_tall, tall_basis

CANCELS = float(np.finfo(float).eps) ** 0.25
"""‖b‖² − ‖Qᵀb‖² below this fraction of ‖b‖² is computed from b − QQᵀb instead.

Above it, the relative error is at most (n + c)·eps^(3/4) in the worst case: 10⁻⁸ at n = 10⁴."""

LARGEST_BASIS = 2**27
"""Entries of the basis of sparse columns, a gigabyte; it is dense, and two stand side by side while it grows."""

APART = float(np.finfo(float).eps) ** 0.375
"""1e-6, far above both the rounding of CᵀC, n·eps, and the energy of a remainder that is noise, `roundoff`²."""


ORTHOGONAL = 2.0**-47
"""7e-15: the cosine of two unit vectors below which they count as orthogonal, some roundings."""


def most_columns(B: Matrix) -> int:
    """How many columns of B a basis may have for its size: all of a dense block, which has as many entries itself."""
    n, d = shape_of(B)
    return max(1, LARGEST_BASIS // max(n, 1)) if is_sparse(B) else d


def orthonormal_basis(C: Matrix) -> np.ndarray:
    """Q (n×rank(C)) with orthonormal columns that span those of C (n×c)."""
    return extend_basis(np.empty((shape_of(C)[0], 0)), C)[0]


def extend_basis(Q: np.ndarray, C: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal Q' ⟂ Q with span [Q Q'] = span [Q C], and the positions of the columns of C that add to it.

    The j-th column of Q' belongs to the j-th position, and the first j span what the first j positions add.
    A column adds nothing when less than `roundoff` of its length is outside the span of Q and the columns
    before it.
    """
    columns = dense_columns(C, slice(None))
    tall = is_tall(columns)
    lengths = np.sqrt(column_energies(columns)) if tall else np.linalg.norm(columns, axis=0)
    smallest = roundoff(C.dtype, len(columns)) * lengths
    remainder = _projected_out(columns, Q)
    found = tall_basis(remainder, smallest, overwrite=True) if tall else None
    if found is not None:
        return apart(found[0], Q), np.arange(len(lengths))
    Q_new, R = np.linalg.qr(remainder)
    if R.shape[0] == R.shape[1] and bool(np.all(np.abs(np.diag(R)) > smallest)):
        return apart(Q_new, Q), np.arange(R.shape[1])
    within, kept = _gram_schmidt(R, smallest)
    return apart(Q_new @ within, Q), kept


def apart(Q_new: np.ndarray, Q: np.ndarray) -> np.ndarray:
    """An orthonormal basis Q_new of remainders outside the span of Q, orthogonal to Q to rounding.

    A remainder is orthogonal to the rounding of its own length. Where remainders nearly depend on each other, a basis
    of them divides by much less: 10⁻⁷ of the length makes 10⁻¹⁶ a 10⁻⁹, which no coefficient can mend.
    """
    if np.abs(Q.T @ Q_new).max(initial=0.0) <= ORTHOGONAL:
        return Q_new
    return oriented_basis(project_out(Q_new, Q))[0]


def surely_independent(C: Matrix) -> bool:
    """Every column of C (n×c) keeps a share `APART` of its energy outside those before it: seen from CᵀC alone.

    CᵀC costs a twentieth of a QR. False says nothing.
    """
    G = gram(C)
    lengths = np.sqrt(np.diag(G))
    if not len(G) or not lengths.all():
        return not len(G)
    try:
        R = np.linalg.cholesky(G / np.outer(lengths, lengths))
    except np.linalg.LinAlgError:
        return False
    return bool(np.square(np.diag(R)).min() > APART)


def project_out(B: Matrix, Q: np.ndarray) -> np.ndarray:
    """E = B − QQᵀB (n×d, dense), orthogonal to Q to the last bit of B; forms n×d numbers."""
    return _projected_out(dense_columns(B, slice(None)), Q)


def _projected_out(E: np.ndarray, Q: np.ndarray) -> np.ndarray:
    """E without its part in Q, in its place."""
    if not Q.shape[1]:
        return E
    for _ in range(2):  # "twice is enough" (Kahan; Giraud et al. 2005)
        E -= Q @ (Q.T @ E)
    return E


def residual_energies(B: Matrix, Q: np.ndarray) -> np.ndarray:
    """‖b_j − QQᵀb_j‖² of every column (d), with a small relative error down to the rounding noise of b_j."""
    return energies_outside(B, Q, inner(Q, B), column_energies(B))


def energies_outside(
    B: Matrix, Q: np.ndarray, Y: np.ndarray, energies: np.ndarray, within: np.ndarray | None = None
) -> np.ndarray:
    """`residual_energies` where Y = QᵀB and the column energies of B are at hand; exactly 0 for columns `within` Q."""
    residuals = energies - np.einsum("ij,ij->j", Y, Y)
    cancels = residuals < CANCELS * energies
    if within is not None:
        residuals[within], cancels[within] = 0.0, False
    (doubtful,) = np.nonzero(cancels)
    residuals[doubtful] = measured_outside(B, Q, Y, doubtful)
    return residuals


def measured_outside(B: Matrix, Q: np.ndarray, Y: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """‖b_j − Q y_j‖² of these columns, from the differences themselves."""
    energies, own = np.zeros(len(columns)), Y[:, columns]
    if isinstance(B, OnDemand):
        for run, piece in B.pieces() if len(columns) else ():
            E = piece[:, columns] - Q[run] @ own
            energies += np.einsum("ij,ij->j", E, E)
        return energies
    if is_sparse(B) and len(Q) * len(columns) > PIECE:
        spanned = Q.any(axis=1)  # on all other rows a column is its own remainder
        energies += column_energies(B[:, columns][~spanned])
        B, Q = B[spanned], Q[spanned]
    for run in runs(len(columns), len(Q)):
        E = dense_columns(B, columns[run])
        E -= Q @ own[:, run]
        energies[run] += np.einsum("ij,ij->j", E, E)
    return energies


def residual_energy(B: Matrix, Q: np.ndarray) -> float:
    """‖B − QQᵀB‖_F², for Q (n×c) with orthonormal columns."""
    return float(residual_energies(B, Q).sum())


def residual_curve(B: Matrix, C: np.ndarray) -> np.ndarray:
    """‖B − C_c C_c⁺ B‖_F² for the first c = 0, 1, …, min(n, |C|) columns of C (n×|C|)."""
    Q, _ = np.linalg.qr(C)
    spanned = np.square(inner(Q, B)).sum(axis=1)
    return np.maximum(energy(B) - np.concatenate([[0.0], np.cumsum(spanned)]), 0.0)


def least_squares(C: Matrix, B: Matrix) -> np.ndarray:
    """X (c×d) that minimises ‖B − CX‖_F; columns of C that depend on those before them get zeros."""
    n, c = shape_of(C)
    X = np.zeros((c, shape_of(B)[1]))
    if not energy(B):
        return X  # and no basis, which may be the dearest step of a game
    Q, kept = extend_basis(np.empty((n, 0)), C)
    R = np.triu(Q.T @ dense_columns(C, kept))
    X[kept] = np.linalg.solve(R, inner(Q, B))  # LU of a triangle is the triangle: back substitution
    return X


def _gram_schmidt(R: np.ndarray, smallest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The basis and positions of `extend_basis` within the small factor R: QR alone lets a direction of pure
    noise into Q at a dependent column, and that direction may swallow a later column."""
    Q = np.empty((R.shape[0], min(R.shape)))
    kept: list[int] = []
    for j, column in enumerate(R.T):
        before = Q[:, : len(kept)]
        remainder = column - before @ (before.T @ column)
        remainder -= before @ (before.T @ remainder)
        length = np.linalg.norm(remainder)
        if len(kept) < Q.shape[1] and length > smallest[j]:
            Q[:, len(kept)] = remainder / length
            kept.append(j)
    return Q[:, : len(kept)], np.array(kept, dtype=np.int64)
