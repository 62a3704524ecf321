"""The tail of B = W∘A beyond rank rk, a lower bound on OPT for weights of rank r.

Theorem (Woodruff & Yasuda, Lemma 2.1). If rank(W) ≤ r, then OPT ≥ ‖B_{−rk}‖_F².

Proof. W = Σ_{l≤r} u_l v_lᵀ gives W∘A' = Σ_l diag(u_l) A' diag(v_l), of rank at most rk for every A' of rank at most k.
So ‖W∘(A − A')‖_F² = ‖B − W∘A'‖_F² ≥ ‖B_{−rk}‖_F² (Eckart & Young). ∎
"""

from wlra_dist.linalg.spectrum import certified_tail_energy
from wlra_dist.weights import Matrix


def tail_bound(B: Matrix, r: int, k: int) -> float:
    """‖B_{−rk}‖_F² ≤ OPT if rank(W) ≤ r, less its own rounding error; B = W∘A is n×d."""
    return certified_tail_energy(B, r * k)
