"""Loss dealt out among servers at equal slopes: a unit of it saves the same bits everywhere.

When c columns of a block are sent, with coefficients whose rounding costs D each, the residual curve R tells what
that takes (reverse water-filling): the j-th row of coefficients has the energy R(j−1) − R(j), so its d − c entries have
a variance σ_j² and take ½·log2(σ_j²/D) bits each; rows below D are not sent. At equal slopes D is the same for all
servers, 1/(2·ln 2·D) bits are saved for a unit of loss, and c is where bits plus loss at that price are least.
"""

from collections.abc import Sequence

import numpy as np

from wlra_dist.protocols.one_round.residual_curve import ResidualCurve

_ENTRY_BITS = 8.0
"""Of a nonzero entry of an exact integer column, with its place: a rule of thumb, which only moves the shares."""

_LEVEL = 0.02
"""Prices within this part of the least are level: of these numbers of columns the one nearest to the server's own goal
is taken, since a curve is rough and what seems to be gained by leaving it would be noise."""

_HALVINGS = 50
"""Steps of the bisection of log2(D/total)."""

_OCTAVES = 80.0
"""D is sought so many octaves below the total."""


def shares(curves: Sequence[ResidualCurve], widths: np.ndarray, epsilon: float, *, exact_entries: bool) -> np.ndarray:
    """The loss for each of m servers, (1+ε)·Σ_i LB_i in all (m).

    Args:
        curves: of the m servers.
        widths: the columns of each (m).
        epsilon: ε.
        exact_entries: whether columns travel exactly; else their entries are rounded as coefficients are.
    """
    own = (1 + epsilon) * np.array([curve.bound for curve in curves])
    total = own.sum()
    if total <= 0:
        return own
    model = _Model(curves, widths, own, exact_entries)
    low, high = -_OCTAVES, 0.0  # of log2(D/total)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if model.losses(total * 2**middle).sum() <= total else (low, middle)
    losses = model.losses(total * 2**low)
    return losses * (total / losses.sum())


class _Model:
    """Bits and losses by server and number of columns (m×C); beyond a curve's end the loss is ∞."""

    def __init__(
        self, curves: Sequence[ResidualCurve], widths: np.ndarray, own: np.ndarray, exact_entries: bool
    ) -> None:
        self.own = own[:, None]
        self.residuals = np.full((len(curves), max(len(curve.residuals) for curve in curves)), np.inf)
        self.energies = np.zeros(self.residuals.shape)
        for i, curve in enumerate(curves):
            self.residuals[i, : len(curve.residuals)] = curve.residuals
            self.energies[i, 1 : len(curve.residuals)] = -np.diff(curve.residuals)
        columns = np.arange(self.residuals.shape[1])
        entries = np.array([curve.entries for curve in curves])[:, None]
        self.others = np.maximum(widths[:, None] - columns, 0) + (0 if exact_entries else entries)
        self.column_bits = columns * entries * (_ENTRY_BITS if exact_entries else 0.0)

    def losses(self, D: float) -> np.ndarray:
        """Of each server, where the rounding of a coefficient costs D."""
        variances = self.energies / np.maximum(self.others, 1)
        losses = self.residuals + self.others * np.minimum(variances, D).cumsum(axis=1)
        with np.errstate(over="ignore"):  # a price beyond all doubles is not paid
            rates = np.log2(np.maximum(variances / D, 1.0)).cumsum(axis=1) / 2
            prices = self.column_bits + self.others * rates + losses / (2 * np.log(2) * D)
        level = prices <= (1 + _LEVEL) * prices.min(axis=1, keepdims=True)
        nearest = np.argmin(np.where(level, np.abs(losses - self.own), np.inf), axis=1)
        return losses[np.arange(len(losses)), nearest]
