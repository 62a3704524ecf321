"""What a run proves: its loss beside a lower bound on OPT."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlra_dist.linalg.spectrum import certified_tail_energy
from wlra_dist.weights import Matrix, Weights

RankClaim = Literal["proven", "verified", "claimed"]

_SLACK = 2.0**-20
"""Relative room for the rounding of a loss and of a singular value."""

_NOISE_ROOM = 4
"""Where OPT = 0, a loss may be so many times the rounding of B: least squares and division by W round as well."""

_NUMERICAL_RANK_FLOPS = 1e10
"""A numerical rank that costs more than this (seconds) is left unverified."""


@dataclass(frozen=True)
class Certificate:
    """loss ≤ ratio·OPT, if `rank_claim` is not just claimed.

    Attributes:
        loss: ‖W∘(A − Ã)‖_F².
        lower_bound_opt: LB = ‖(W∘A)_{−rk}‖_F² ≤ OPT, less its own rounding error.
        rank_claim: why rank(W) ≤ r, without which LB is no bound on OPT: by the structure of W (proven), by its
            singular values (verified), or because the problem says so (claimed).
        noise: the energy of B's rounding; no loss below it says anything.
    """

    loss: float
    lower_bound_opt: float
    rank_claim: RankClaim
    noise: float = 0.0

    @property
    def exact(self) -> bool:
        return self.loss == 0

    @property
    def ratio(self) -> float | None:
        """loss/LB; 1 for a loss of 0; None where LB is 0 and the loss is not."""
        if self.exact:
            return 1.0
        return self.loss / self.lower_bound_opt if self.lower_bound_opt else None

    def reaches(self, epsilon: float) -> bool:
        """Whether loss ≤ (1+ε)·LB, to relative rounding; a loss of pure rounding passes where LB is 0."""
        return self.loss <= (1 + epsilon) * self.lower_bound_opt * (1 + _SLACK) + _NOISE_ROOM * self.noise


def lower_bound_opt(B: Matrix, r: int, k: int) -> float:
    """‖B_{−rk}‖_F², a lower bound on the loss of every rank-k matrix if rank(W) ≤ r (Woodruff & Yasuda, Lemma 2.1)."""
    return certified_tail_energy(B, r * k)


def rank_claim(W: Weights, r: int) -> RankClaim:
    """Why rank(W) ≤ r."""
    if W.rank <= r:
        return "proven"
    n, d = W.shape
    if n * d * min(n, d) <= _NUMERICAL_RANK_FLOPS and np.linalg.matrix_rank(W.dense(slice(None))) <= r:
        return "verified"
    return "claimed"
