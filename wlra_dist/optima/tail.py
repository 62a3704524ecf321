"""The tail of B = W∘A beyond rank rk, a lower bound on OPT for weights of rank r.

Theorem (Woodruff & Yasuda, Lemma 2.1). If rank(W) ≤ r, then OPT ≥ ‖B_{−rk}‖_F².

Proof. W = Σ_{l≤r} u_l v_lᵀ gives W∘A' = Σ_l diag(u_l) A' diag(v_l), of rank at most rk for every A' of rank at most k.
So ‖W∘(A − A')‖_F² = ‖B − W∘A'‖_F² ≥ ‖B_{−rk}‖_F² (Eckart & Young). ∎

Theorem. If rank(V) ≤ r and |W − V| ≤ η·W entrywise, then √OPT ≥ (‖B_{−rk}‖_F − η‖B‖_F)/(1 + η).

Proof. With E = W − V, W∘(A − A') = (B − V∘A') − E∘A + E∘(A − A'), where V∘A' is of rank at most rk as before,
‖E∘A‖ ≤ η‖B‖ and ‖E∘(A − A')‖ ≤ η‖W∘(A − A')‖. ∎
"""

import numpy as np

from wlra_dist.linalg.blocks import energy
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.scale import centred, scaled_energy
from wlra_dist.linalg.spectral.spectrum import certified_tail_energy


def tail_bound(B: Matrix, r: int, k: int, off: float = 0.0) -> float:
    """A lower bound on OPT for a W as near as η = `off` to rank r, less its own rounding error; B = W∘A is n×d."""
    B, power = centred(B)
    tail = certified_tail_energy(B, r * k)
    return scaled_energy(farther(tail, energy(B), off) if off else tail, power)


def farther(tail: float, whole: float, off: float) -> float:
    """The second theorem's bound, from ‖B_{−rk}‖_F², ‖B‖_F² and η."""
    return float(max(0.0, np.sqrt(tail) - off * np.sqrt(whole)) / (1 + off)) ** 2
