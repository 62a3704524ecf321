"""How much a fit leaves, by rows that had no part in it, and the bound that it is held against: both are estimates.

Rows are left out in turn, an eighth at a time, and told by a fit to the others: that is how well the rows are told that
never came. Both estimates rest on the same rows of a random basis, so they err alike, and less in their ratio.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.spectral.decompositions import eigenvalues, singular_values, svd
from wlra_dist.protocols.cross.fit import PartFactors, directions, fitted
from wlra_dist.protocols.cross.known import Known

_FOLDS = 16
"""Parts of the known rows, each of which is foretold from the others."""

_MOST_BIAS = 1.25
"""The tail that rows show is corrected by this factor at most."""

_DRAWN = 2048
"""Rows or columns of a part whose bias is drawn: of larger ones the tail is taken as it shows, which is less."""

_BIAS, _FOLDED = 4, 5
"""Purposes of coins."""


class Likeness(NamedTuple):
    """A matrix that is drawn (n×d), and the fit that it would have."""

    whole: np.ndarray
    fit: np.ndarray


@dataclass(frozen=True, eq=False)
class Judged:
    """A part as it would be put out now, by all that is known of it."""

    known: Known

    @property
    def empty(self) -> bool:
        """Whether nothing but the probe has come: then the output is 0."""
        return not len(self.known.J)

    @cached_property
    def factors(self) -> PartFactors:
        return fitted(self.known, np.arange(self.known.t))

    @cached_property
    def kept(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How much of what is beyond the fit is believed, by known row and by known column, and its squares there.

        Of a column's rounding the fit has a part itself, so that less of it stands beyond. What is believed is what
        makes the unbiased estimate of the error least (Stein).
        """
        known, (Q, Y, _) = self.known, self.factors
        free, t = known.free, known.t
        beyond = (known.T - Q[:t] @ Y)[:, free]
        noise = known.row_noise * free.sum()
        excess = max((float(np.square(beyond).sum()) - noise.sum()) / t, 0.0)
        rows = excess / np.maximum(excess + noise, np.finfo(float).tiny)
        left = known.C - Q @ Y[:, known.J]
        left[:t] -= rows[:, None] * left[:t]
        squares = np.square(left).sum(axis=0)
        noise = known.part.shape[0] * known.column_noise * (1 - self._absorbed)
        columns = 1 - np.clip(noise / np.maximum(squares, np.finfo(float).tiny), 0.0, 1.0)
        return rows, columns, squares

    @cached_property
    def loss(self) -> float:
        """An estimate of what is left of the part."""
        known = self.known
        if self.empty:
            return known.energy
        (n, _), t, (rows, columns, squares) = known.part.shape, known.t, self.kept
        on_rows = float((rows * known.row_noise).sum() * known.free.sum())
        noise, doubt = n * known.column_noise, 1 - columns
        in_columns = float((doubt**2 * squares + noise * (1 - 2 * doubt * (1 - self._absorbed))).sum())
        return max(float(self._left_out[self._unused].mean()), 0.0) * (n - t) + on_rows + in_columns

    @cached_property
    def _absorbed(self) -> np.ndarray:
        """The part of each known column's rounding that the fit takes over into that column (c)."""
        _, Y, M = self.factors
        return np.clip((M * Y[:, self.known.J].T).sum(axis=1), 0.0, 1.0)

    def variance(self, factor: float) -> float:
        """That of the loss less so many times the bound, both by the same rows, which err alike."""
        (n, _), t = self.known.part.shape, self.known.t
        K = min(self.known.part.K, t - 1)
        of_bound = self._visible_by_row * (self.bound / self.visible if self.visible else 1.0) * (n - K) * t / (t - K)
        judging = ((n - t) * self._left_out - factor * of_bound)[self._unused]
        return float(judging.var(ddof=1)) / len(judging)

    @property
    def _unused(self) -> slice:
        """The rows that no column was chosen by, where these are most: the chosen columns suit the others too well."""
        probe = self.known.part.probe_rows
        return slice(probe if self.known.t >= 2 * probe else 0, None)

    @cached_property
    def _left_out(self) -> np.ndarray:
        """What a fit to the others leaves of each row, less the rounding of that row (t)."""
        known, t, free = self.known, self.known.t, self.known.free
        if self.empty:
            return np.square(known.T).sum(axis=1)
        order = known.part.coins(known.seed, _FOLDED, t).permutation(t)
        left = np.zeros(t)
        for fold in np.array_split(order, min(_FOLDS, t)):
            Q, Y, _ = fitted(known, np.setdiff1d(np.arange(t), fold))
            left[fold] = np.square((known.X[fold] - Q[fold] @ Y)[:, free]).sum(axis=1)
        return left - known.row_noise * free.sum()

    @property
    def visible(self) -> float:
        """‖B_{−K}‖_F² as the rows show it."""
        return self._beyond(self.known.T)

    @property
    def _visible_by_row(self) -> np.ndarray:
        """What K directions leave of each row (t)."""
        T, K = self.known.T, min(self.known.part.K, self.known.t - 1)
        V = svd(T)[2][:K]
        return np.square(T - T @ V.T @ V).sum(axis=1)

    def _beyond(self, T: np.ndarray) -> float:
        """What K directions leave of t rounded rows, but for their rounding, times the rows that these stand for."""
        known, (n, d), t = self.known, self.known.part.shape, self.known.t
        K = min(known.part.K, t - 1)
        beyond = float(np.square(singular_values(T)[K:]).sum()) - float(known.row_noise.mean()) * (t - K) * d
        return max(beyond, 0.0) * (n - K) / (t - K)

    @cached_property
    def bound(self) -> float:
        """An estimate of ‖B_{−K}‖_F²: K directions fit the rows, which show too little; drawn ones tell how much."""
        if not self.visible or min(self.known.part.shape) > _DRAWN:
            return self.visible
        return self.visible * self._bias

    @property
    def _bias(self) -> float:
        """The tail of a matrix like this one, over what as many rows of it show."""
        known, (n, d), t = self.known, self.known.part.shape, self.known.t
        coins, K = known.part.coins(known.seed, _BIAS, t, len(known.J)), min(known.part.K, t - 1)
        like = self.like(coins).whole
        whole = eigenvalues(like.T @ like if d <= n else like @ like.T)[::-1][K:].sum()
        rows = like[:t] + coins.standard_normal((t, d)) * np.sqrt(known.row_noise)[:, None]
        seen = self._beyond(rows)
        return float(np.clip(whole / seen, 1.0, _MOST_BIAS)) if seen else 1.0

    def like(self, coins: np.random.Generator) -> Likeness:
        """A matrix with the directions and the rest that are seen."""
        n, d = self.known.part.shape
        if self.empty:
            Z, rest = directions(self.known, np.arange(self.known.t))
            fit = coins.standard_normal((n, len(Z))) @ Z / n**0.5
        else:
            fit, rest = self.predicted, self.loss
        return Likeness(fit + coins.standard_normal((n, d)) * (rest / n / d) ** 0.5, fit)

    @property
    def predicts(self) -> bool:
        """Whether enough is known to tell residues by."""
        known, K = self.known, self.known.part.K
        return K <= len(known.J) < known.part.shape[1] and known.t >= 3 * K

    @property
    def predicted(self) -> np.ndarray:
        """The fit (n×d)."""
        Q, Y, _ = self.factors
        return Q @ Y

    @cached_property
    def deviations(self) -> np.ndarray:
        """Of the fit from what is not known, column by column: of an entry (d)."""
        known, t = self.known, self.known.t
        squares = np.zeros(known.part.shape[1])
        for fold in np.array_split(np.arange(t), 4):
            Q, Y, _ = fitted(known, np.setdiff1d(np.arange(t), fold))
            squares += np.square(known.X[fold] - Q[fold] @ Y).sum(axis=0)
        return np.sqrt(_CAUTION * (squares + _MEANS * squares.mean() / t) / (t + _MEANS))

    def output(self) -> tuple[np.ndarray, np.ndarray]:
        """L and X with the part's output LX: the fit, and what is believed beyond it."""
        known, (Q, Y, _), (rows, columns, _) = self.known, self.factors, self.kept
        (n, d), t, c = known.part.shape, known.t, len(known.J)
        beyond = rows[:, None] * (known.T - Q[:t] @ Y)
        left = known.C - Q @ Y[:, known.J]
        left[:t] -= beyond[:, known.J]
        if len(Y) + t + c >= min(n, d):
            whole = Q @ Y
            whole[:t] += beyond
            whole[:, known.J] += columns * left
            return whole, np.eye(d)
        unit_rows, unit_columns = np.eye(n, t), np.zeros((c, d))
        unit_columns[np.arange(c), known.J] = 1
        return np.hstack([Q, unit_rows, columns * left]), np.vstack([Y, beyond, unit_columns])


_CAUTION, _MEANS = 1.2, 8
"""A deviation is held for somewhat larger than seen, and for like those of other columns as so many rows would tell."""
