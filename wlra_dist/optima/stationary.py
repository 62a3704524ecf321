"""Multipliers from a solution at hand: one SVD may prove that it is a global optimum.

Theorem. Let X of rank k be stationary, p qᵀ ≤ W∘W a single term with p, q > 0 and R = W∘W∘(A − X)/√(p qᵀ). If
‖R‖₂ ≤ σ_k(diag(√p) X diag(√q)), the bound of `multipliers` at R is the loss of X, which is OPT.

Proof. M = W∘W∘(A − X), so E = A − X, X0 = X and Y = diag(√p) X diag(√q), of rank k. X is stationary: M is orthogonal to
its row space and its column space, hence R to those of Y. So the singular values of Y + R are those of both; the k
largest can be taken from Y, and the tail is ‖R‖². What is left of the bound is ‖W∘(A − X)‖². ∎

Where several terms overlap, each takes its share of M.
"""

from collections.abc import Sequence

import numpy as np

from wlra_dist.optima.terms import Term, covered


def stationary_multipliers(
    A: np.ndarray, squares: np.ndarray, terms: Sequence[Term], X: np.ndarray
) -> list[np.ndarray]:
    """R_l on each term with Σ_l √(p_l q_lᵀ)∘R_l = W∘W∘(A − X) where a term is; all but R_l n×d."""
    total = covered(terms, A.shape)
    pull = np.divide(squares * (A - X), total, out=np.zeros_like(total), where=total > 0)
    return [np.multiply.outer(term.root_p, term.root_q) * pull[np.ix_(term.rows, term.columns)] for term in terms]
