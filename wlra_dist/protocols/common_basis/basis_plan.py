"""What the coordinator makes of the servers' sketches: a basis, and the loss that each server may leave.

For M = [L_1 … L_m] with L_i L_iᵀ ≈ B_i B_iᵀ, its rounding E and K = rk

    ‖B_{−K}‖² ≥ (‖M̂_{−K}‖ − ‖E‖)² + (‖B‖² − ‖M‖²) − K·Σ_i Δ_i,

since the K leading directions of B keep ‖M_K‖² + K·Σ_i Δ_i at most, and √‖M_{−K}‖² is a distance. That and Σ_i LB_i are
lower bounds on OPT that the game itself knows; (1+ε) times the larger is the loss to be had.

Equal slopes: rounding an entry of the basis by D costs as much loss as rounding one of the coefficients, but it is told
m times; so the loss for an entry of the basis is m times that for a coefficient. Entries below their loss cost nothing
(reverse water-filling), and of sparse columns nearly all are: what counts is how many entries are of which size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

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
from wlra_dist.weights.support import shown_rows

_SAFE = 1 - 1e-12
"""Sums of what is dealt round to no more than there is."""

Spanned: TypeAlias = tuple[Multiples, np.ndarray]
"""What a server says of the columns of its block: L_iᵀ, on the rows where W_i is not 0 throughout, and four facts:
LB_i, ‖B_i‖² − ‖L_i‖², Δ_i, and the energy of L_i's rounding."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What the coordinator makes of it.

    Attributes:
        basis: Lᵀ with L ≈ U_c Σ_c of M, on the rows where W is not 0 throughout.
        total: the loss to be had; None where the number of columns is given instead.
        least: what each server may leave in any case, (1+ε)·LB_i.
    """

    basis: Multiples
    total: float | None
    least: np.ndarray


def planned(W: PerParty[Weights], heard: Sequence[Spanned], alone: Sequence[int], *, spare: int, terms: Terms) -> Plan:
    """The basis that takes the fewest bits, by what its rounding and the coefficients' will take.

    None where each server alone takes fewer (`alone`), or where no number of directions leaves any room.
    """
    facts = np.array([facts for _, facts in heard])
    M = _side_by_side(W, [L for L, _ in heard])
    found = leading_subspace(M.T, min(M.shape))
    beyond = found.tails + max(float(facts[:, 1].sum()), 0.0)  # what c = 0, 1, … directions leave of B
    basis = found.V[shown_rows(W.whole)] * np.sqrt(found.squares)  # at their lengths
    sizes = BySize.of(np.square(basis)), _coefficient_sizes(W, heard, M.T @ found.V)
    least = (1 + terms.epsilon) * facts[:, 0]
    if terms.columns:
        c = min(terms.columns, len(found.squares))
        budgets = np.where(np.arange(len(beyond)) == c, terms.rounding_share * beyond, 0.0)
        cheapest = fewest_bits(*sizes, budgets, copies=_copies(W))
        return Plan(rounded_within(basis[:, :c].T, cheapest.allowed, terms), None, least)
    total = (1 + terms.epsilon) * _lower_bound(found, W, facts, spare, terms)
    cheapest = fewest_bits(*sizes, total - beyond, copies=_copies(W))
    c = cheapest.c if cheapest.bits < sum(alone) else 0
    return Plan(rounded_within(basis[:, :c].T, cheapest.allowed, terms), total, least)


def rows_told(W: PerParty[Weights]) -> PerParty[Weights]:
    """What each server hears the basis on: the rows of its own weights where these are few, or the same for all."""
    return W if _copies(W) <= len(W) / 2 else PerParty([W.whole] * len(W))


def _copies(W: PerParty[Weights]) -> float:
    """How often a row that counts does so at a server."""
    return max(sum(len(shown_rows(W_i)) for W_i in W) / max(len(shown_rows(W.whole)), 1), 1.0)


def restricted(whole: Weights, rows: PerParty[Weights], plan: Plan) -> list[Multiples]:
    """What each server hears of the basis: the directions that are not 0 on these rows."""
    shown, told = shown_rows(whole), []
    for W_i in rows:
        grid = plan.basis.grid[:, np.searchsorted(shown, shown_rows(W_i))]
        told.append(Multiples(plan.basis.exponent, grid[grid.any(axis=1)]))
    return told


def dealt(W: PerParty[Weights], plan: Plan, left: Sequence[float], *, terms: Terms) -> list[float]:
    """For each server the loss that it may leave: what the basis does, and of the rest the same for every column.

    Where the basis leaves too much, (1+ε)·LB_i, and of the rest a part that grows with what it leaves.
    """
    residuals = np.array(left)
    total = residuals.sum() / (1 - terms.rounding_share) if plan.total is None else plan.total
    widths = np.array([W_i.shape[1] for W_i in W])
    if total >= residuals.sum():
        shares = residuals + (total - residuals.sum()) * widths / widths.sum()
    else:
        shares = plan.least + max(total - plan.least.sum(), 0.0) * residuals / residuals.sum()
    return (shares * _SAFE).tolist()


def _coefficient_sizes(W: PerParty[Weights], heard: Sequence[Spanned], R: np.ndarray) -> BySize:
    """Of the servers' coefficients, from those of their sketches' columns (Σc_i×C): spread evenly over d_i columns."""
    widths = np.array([W_i.shape[1] for W_i in W], dtype=float)
    ends = np.cumsum([len(L.grid) for L, _ in heard])
    energies = [np.square(R_i).sum(axis=0) for R_i in np.split(R, ends[:-1])]
    return BySize.of(np.array(energies) / widths[:, None], widths)


def _lower_bound(found: Subspace, W: PerParty[Weights], facts: np.ndarray, spare: int, terms: Terms) -> float:
    """Of OPT: Σ_i LB_i, or what is known of ‖B_{−K}‖² if that is a bound, less what the Gram matrix rounds off."""
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
        M[shown_rows(W_i), start : start + len(L.grid)] = L.numbers.T
        start += len(L.grid)
    return M
