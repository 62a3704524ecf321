"""The bound with multipliers, less all that floating point may have added: what is certified (`multipliers`).

Nothing is taken on trust: not the terms, not the multipliers, not the SVD.
- E may be any matrix that is 0 off the terms, such as what is computed for M/(W∘W). With δ = W∘W∘E − M the proof is
  short of 2⟨δ, H⟩, and what slack = W∘W − Σ p qᵀ > 0 leaves over makes up for all but Σ δ²/slack of it.
- √tail is 1-Lipschitz. So what rounding does to the entries of Y + R, and how far U Σ Vᵀ as computed is from it, are
  taken off √tail; the singular values of U Σ Vᵀ are at least √((1 − ‖UᵀU − I‖)(1 − ‖VᵀV − I‖)) Σ (Ostrowski).
- Where the tail is not small, ‖Y‖² less the k largest eigenvalues of YᵀY is quicker: those of V Λ Vᵀ, as computed, are
  at most (1 + ‖VᵀV − I‖) Λ, and each eigenvalue of YᵀY is within the norm of the difference of one of them (Weyl).
- Where V is known to be near the k leading right singular vectors of Y, no eigenvalue is computed: if
  YᵀY ≤ τI + PPᵀ for a P of k columns, then the k largest eigenvalues of YᵀY are together at most kτ + ‖P‖² (Weyl). What
  a Cholesky factor L leaves of the difference, ‖τI + PPᵀ − YᵀY − LLᵀ‖, is added to τ.
- Sums of squares lose a rounding for each number in them.
"""

from collections.abc import Sequence

import numpy as np

from wlra_dist.linalg.spectral.lanczos import leading_eigenvectors
from wlra_dist.linalg.spectral.spectrum import EPS
from wlra_dist.optima.terms import Term, covered, require_terms

UNDERFLOW = 2.0**-1000
"""More than a product can lose to underflow."""

LEAST_LOST = 2.0**-24
"""The Gram matrix, several times as quick as an SVD, is believed while it loses no larger share of the tail."""

GAP = 4.0
"""If eigenvalues beyond V are less than τ by a share 1/GAP of it, the square of what V misses is all that counts."""

CLOSER = 2
"""Steps of subspace iteration that what is near singular vectors is brought nearer by."""

OF_SQUARES = 4
"""Roundings of an entry of W∘W: its square, its multiplicity, one to spare."""


def guarded_bound(
    A: np.ndarray, squares: np.ndarray, k: int, terms: Sequence[Term], multipliers: Sequence[np.ndarray]
) -> float:
    """A lower bound on OPT of rank k, A and W∘W n×d; 0 where the terms have no slack or it proves nothing.

    Args:
        A: 0 where W is; its entries are taken as they are.
        squares: each entry within OF_SQUARES roundings.
        k: the target rank.
        terms: any.
        multipliers: R_l on the entries of each term, any.

    Raises:
        ValueError: they are of another shape.
    """
    require_terms(terms, A.shape)
    M, sizes, times = (np.zeros(A.shape) for _ in range(3))
    for term, R in zip(terms, multipliers, strict=True):
        here, products = np.ix_(term.rows, term.columns), _roots(term) * R
        M[here] += products
        sizes[here] += np.abs(products)
        times[here] += 1
    on = times > 0
    slack = squares - covered(terms, A.shape) - 8 * (times + 2) * EPS * squares
    if not (slack[on] > 0).all():
        return 0.0
    E = np.divide(M, squares, out=np.zeros_like(M), where=on)
    known = squares * E
    missed = np.abs(known - M) + (times + 4 + OF_SQUARES) * EPS * (sizes + np.abs(known))
    first = float(np.vdot(known, E))
    lost = float((np.square(missed[on]) / slack[on]).sum()) * (1 + A.size * EPS)
    lost += (A.size + 8 + OF_SQUARES) * EPS * first
    tails, energies = [], []
    for term, R in zip(terms, multipliers, strict=True):
        here = np.ix_(term.rows, term.columns)
        roots = _roots(term)
        rough = 8 * EPS * _norm(roots * (np.abs(A[here]) + np.abs(E[here])) + np.abs(R))
        tails.append(guarded_tail(roots * (A[here] - E[here]) + R, k, rough))
        energies.append(float(np.vdot(R, R)) * (1 + (R.size + 4) * EPS))
    whole = first + sum(tails) + sum(energies)
    lost += (len(terms) + 8) * EPS * whole + A.size * (len(terms) + 1) * UNDERFLOW
    return max(0.0, first + sum(tails) - sum(energies) - lost)


def guarded_tail(Y: np.ndarray, k: int, rough: float = 0.0) -> float:
    """A lower bound on the energy beyond rank k of every matrix that is within `rough` of Y (a×b) in Frobenius norm."""
    if min(Y.shape) <= k:
        return 0.0
    tail = _gram_tail(Y if Y.shape[0] >= Y.shape[1] else Y.T, k)
    return reduced_tail(np.sqrt(tail) * (1 - 4 * EPS) if tail else _root_by_svd(Y, k), rough)


def _gram_tail(Y: np.ndarray, k: int) -> float:
    """‖Y‖² less the k largest eigenvalues of YᵀY, each as large as it can be; 0 where that loses a part of it."""
    a, b = Y.shape
    G = Y.T @ Y
    energy = float(np.trace(G))
    values, vectors = np.linalg.eigh(G)
    top = float(np.maximum(values[b - k :], 0.0).sum())
    off = _norm(G - (vectors * values) @ vectors.T) + (b + 4) * EPS * float(np.abs(values).sum()) * 1.01
    lost = k * (off + 2 * a * EPS * energy) + _skew(vectors) * top + (2 * (a + b) + k + 8) * EPS * energy
    return energy - top - lost if lost <= LEAST_LOST * (energy - top) else 0.0


def energy_beyond(G: np.ndarray, k: int, terms: int, near: np.ndarray | None = None) -> float:
    """A lower bound on ‖Y_{−k}‖² for a computed G = YᵀY (b×b), each entry a sum of so many terms.

    Nothing is decomposed where `near` (b×k) is near the leading right singular vectors of Y.
    """
    energy = float(np.trace(G))
    most = np.inf if near is None else _most(G, _nearer(G, near))
    if not most < np.inf:
        most = _most(G, leading_eigenvectors(G, k))
    return max(0.0, energy - most - (2 * k * terms + 2 * (terms + len(G)) + 8) * EPS * energy)


def reduced_tail(root: float, rough: float) -> float:
    """The least tail of what is within `rough` of a matrix whose tail has this root, in Frobenius norm."""
    return max(0.0, root - rough) ** 2 * (1 - 4 * EPS)


def _nearer(G: np.ndarray, V: np.ndarray) -> np.ndarray:
    for _ in range(CLOSER):
        V = np.linalg.qr(G @ V)[0]
    return V


def _most(G: np.ndarray, V: np.ndarray) -> float:
    """At least the sum of the k largest eigenvalues of G (b×b), V b×k near their vectors; ∞ where that is not shown."""
    GV = G @ V
    inner = V.T @ GV
    values, off = np.linalg.eigvalsh(inner), _norm(GV - V @ inner)
    tau = min(float(values[0]), float(np.trace(G) - np.trace(inner)))  # no eigenvalue beyond V is more than the rest
    if tau <= 0:
        return np.inf
    rounding = 4 * len(G) * EPS * float(values[-1])
    most = _most_beyond(G, V, inner, tau, rounding + min(off, GAP * off**2 / tau))
    return most if most < np.inf else _most_beyond(G, V, inner, tau, rounding + off)


def _most_beyond(G: np.ndarray, V: np.ndarray, inner: np.ndarray, tau: float, spare: float) -> float:
    """The same if no eigenvalue but those of V, more by `spare`, is above τ, more by `spare`; else ∞."""
    b, k = V.shape
    try:
        P = V @ np.linalg.cholesky(inner + (spare - tau) * np.eye(k))
        left = P @ P.T + (tau + spare) * np.eye(b) - G
        L = np.linalg.cholesky(left)
    except np.linalg.LinAlgError:
        return np.inf
    of_P, of_L = float(np.vdot(P, P)), float(np.vdot(L, L))
    rounding = EPS * ((k + 4) * of_P + (b + 4) * of_L + 4 * (float(np.trace(G)) + b * (tau + spare)))
    beyond = tau + spare + 1.01 * (_norm(left - L @ L.T) + rounding)
    return k * beyond + of_P * (1 + (b * k + 4) * EPS)


def _root_by_svd(Y: np.ndarray, k: int) -> float:
    """A lower bound on the root of the tail, which small tails need."""
    U, values, Vt = np.linalg.svd(Y, full_matrices=False)
    m = len(values)
    residual = _norm(Y - (U * values) @ Vt) + (m + 4) * EPS * (float(values.sum()) * 1.01 + _norm(Y))
    skew = (1 - min(1.0, _skew(U))) * (1 - min(1.0, _skew(Vt.T)))
    tail = float(np.square(values[k:]).sum()) * (1 - (m + 8) * EPS) * skew
    return float(np.sqrt(tail)) * (1 - 4 * EPS) - residual


def _skew(U: np.ndarray) -> float:
    """At least ‖UᵀU − I‖ of nearly orthonormal columns."""
    n, m = U.shape
    products = U.T @ U
    off = _norm(products - np.eye(m))
    return off + (n + 4) * EPS * float(np.trace(products)) * 1.01


def _norm(M: np.ndarray) -> float:
    """At least ‖M‖_F."""
    return float(np.sqrt(np.vdot(M, M))) * (1 + (M.size + 4) * EPS)


def _roots(term: Term) -> np.ndarray:
    return np.multiply.outer(term.root_p, term.root_q)
