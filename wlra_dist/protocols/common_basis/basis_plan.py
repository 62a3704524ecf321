"""What the coordinator computes from the servers' sketches: a basis, and the loss that each server may leave.

For M = [L_1 … L_m] with L_i L_iᵀ ≈ B_i B_iᵀ, its rounding E and K = rk

    ‖B_{−K}‖² ≥ (‖M̂_{−K}‖ − ‖E‖)² + (‖B‖² − ‖M‖²) − K·Σ_i Δ_i,

since the K leading directions of B keep ‖M_K‖² + K·Σ_i Δ_i at most, and √‖M_{−K}‖² is a distance. That and Σ_i LB_i are
lower bounds on OPT that the coordinator knows; the game aims at a loss of (1+ε) times the larger one.

Equal slopes: rounding an entry of the basis by D costs as much loss as rounding a coefficient by D, but the entry is
sent m times; so an entry of the basis may lose m times what a coefficient may. Entries whose square is below that are
sent as 0 and cost nothing (reverse water-filling); in sparse columns these are nearly all. So the bits depend only on
how many entries there are of each size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.multiples import Multiples
from wlra_dist.game import PerParty
from wlra_dist.linalg.spectral.spectrum import EPS
from wlra_dist.linalg.spectral.subspace import Subspace, leading_subspace
from wlra_dist.optima.tail import farther
from wlra_dist.protocols.common_basis.water_filling import BySize, fewest_bits
from wlra_dist.protocols.rounded_factors import rounded_within
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.rank import examine
from wlra_dist.weights.support import rows_that_count

_SAFE = 1 - 1e-12
"""The parts of the loss are this much smaller, so that their rounded sum does not exceed the total."""


class Spanned(NamedTuple):
    """What a server sends of the column space of its block.

    Attributes:
        L: L_iᵀ, on the rows where W_i is not 0 throughout.
        facts: LB_i, ‖B_i‖² − ‖L_i‖², Δ_i, and the energy of L_i's rounding (4).
    """

    L: Multiples
    facts: np.ndarray


@dataclass(frozen=True, eq=False)
class BasisPlan:
    """The basis that the coordinator chooses, and the loss that it aims at.

    Attributes:
        basis: Lᵀ with L ≈ U_c Σ_c of M, on the rows where W is not 0 throughout.
        total: the loss of all servers together; None where the number of columns is given instead.
        least: (1+ε)·LB_i, which server i may always leave.
    """

    basis: Multiples
    total: float | None
    least: np.ndarray


def planned(
    sketches: Sequence[Spanned], alone: Sequence[int], *, W: PerParty[Weights], spare: int, terms: Terms
) -> BasisPlan:
    """The basis that takes the fewest bits together with the coefficients, by estimates of both.

    It has no directions if the servers take fewer bits by themselves (`alone`), or if no number of directions leaves
    any loss to rounding.
    """
    facts = np.array([sketch.facts for sketch in sketches])
    M = _side_by_side(W, [sketch.L for sketch in sketches])
    found = leading_subspace(M.T, min(M.shape))
    beyond = found.tails + max(float(facts[:, 1].sum()), 0.0)  # what c = 0, 1, … directions leave of B
    basis = found.V[rows_that_count(W.whole)] * np.sqrt(found.squares)  # at their lengths
    sizes = BySize.of(np.square(basis)), _coefficient_sizes(W, sketches, M.T @ found.V)
    least = (1 + terms.epsilon) * facts[:, 0]
    if terms.columns:
        c = min(terms.columns, len(found.squares))
        budgets = np.where(np.arange(len(beyond)) == c, terms.rounding_share * beyond, 0.0)
        cheapest = fewest_bits(*sizes, budgets, copies=_copies(W))
        return BasisPlan(rounded_within(basis[:, :c].T, cheapest.allowed, terms), None, least)
    total = (1 + terms.epsilon) * _lower_bound(found, W, facts, spare, terms)
    cheapest = fewest_bits(*sizes, total - beyond, copies=_copies(W))
    c = cheapest.c if cheapest.bits < sum(alone) else 0
    return BasisPlan(rounded_within(basis[:, :c].T, cheapest.allowed, terms), total, least)


def basis_rows(W: PerParty[Weights]) -> PerParty[Weights]:
    """Weights whose rows the basis is sent on: each server's own where these are few, else all rows for all servers."""
    return W if _copies(W) <= len(W) / 2 else PerParty([W.whole] * len(W))


def _copies(W: PerParty[Weights]) -> float:
    """To how many servers a row of the basis is sent, on average."""
    return max(sum(len(rows_that_count(W_i)) for W_i in W) / max(len(rows_that_count(W.whole)), 1), 1.0)


def restricted(plan: BasisPlan, *, whole: Weights, rows: PerParty[Weights]) -> list[Multiples]:
    """The basis for each server: its rows, and the directions that are not 0 on them."""
    all_rows, pieces = rows_that_count(whole), []
    for W_i in rows:
        grid = plan.basis.grid[:, np.searchsorted(all_rows, rows_that_count(W_i))]
        pieces.append(Multiples(plan.basis.exponent, grid[grid.any(axis=1)]))
    return pieces


def divided(plan: BasisPlan, residuals_of_basis: Sequence[float], *, W: PerParty[Weights], terms: Terms) -> list[float]:
    """For each server the loss it may leave: what the basis leaves of its block, and an equal part for each column.

    If the basis leaves more than the total, server i may leave (1+ε)·LB_i, and a part of the rest that is proportional
    to what the basis leaves of its block.
    """
    residuals = np.array(residuals_of_basis)
    total = residuals.sum() / (1 - terms.rounding_share) if plan.total is None else plan.total
    widths = np.array([W_i.shape[1] for W_i in W])
    if total >= residuals.sum():
        shares = residuals + (total - residuals.sum()) * widths / widths.sum()
    else:
        shares = plan.least + max(total - plan.least.sum(), 0.0) * residuals / residuals.sum()
    return (shares * _SAFE).tolist()


def _coefficient_sizes(W: PerParty[Weights], sketches: Sequence[Spanned], R: np.ndarray) -> BySize:
    """Sizes of the servers' coefficients: those of their sketches' columns (Σc_i×C), spread evenly over d_i columns."""
    widths = np.array([W_i.shape[1] for W_i in W], dtype=float)
    ends = np.cumsum([len(sketch.L.grid) for sketch in sketches])
    energies = [np.square(R_i).sum(axis=0) for R_i in np.split(R, ends[:-1])]
    return BySize.of(np.array(energies) / widths[:, None], widths)


def _lower_bound(found: Subspace, W: PerParty[Weights], facts: np.ndarray, spare: int, terms: Terms) -> float:
    """A lower bound on OPT: Σ_i LB_i, or, where rank(W) ≤ r is known, ‖B_{−K}‖² from below less rounding errors."""
    bounds, lost, shrunk, error = facts.sum(axis=0)
    off = examine(W.whole, terms.r).off
    if off is None:
        return float(bounds)
    K, whole = min(terms.r, W.whole.rank) * terms.k, float(found.energies.sum()) + max(lost, 0.0)
    noise = (K + 4) * sum(W.whole.shape) * EPS * whole
    distance = max(float(np.sqrt(found.tails[min(K, len(found.squares))]) - np.sqrt(error)), 0.0)
    tail = max(distance**2 + lost - K * shrunk, spare * shrunk) - noise
    return max(float(bounds), farther(max(tail, 0.0), whole, off))


def _side_by_side(W: PerParty[Weights], sketches: Sequence[Multiples]) -> np.ndarray:
    """M̂ (n×Σc_i)."""
    M = np.zeros((W.whole.shape[0], sum(len(L.grid) for L in sketches)))
    start = 0
    for L, W_i in zip(sketches, W, strict=True):
        M[rows_that_count(W_i), start : start + len(L.grid)] = L.numbers.T
        start += len(L.grid)
    return M
