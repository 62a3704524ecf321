"""How many bits a form will take and what it will lose, before anything is encoded.

Entries of variance v whose errors may cost θ take ½·log2(1 + v/θ) bits and lose vθ/(v + θ): the rate–distortion
function of a Gaussian where v ≫ θ, nothing at all where v ≪ θ. At a price p of a bit θ = p/(2 ln 2), whatever the
matrix: so one price chooses steps, ranks and forms of all tensors at once. What a real encoding takes beside that is
found out once a form (`Curve.corrected`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from wlra_dist.models.forms import LOW_RANK, WHOLE, WITH_REST
from wlra_dist.models.norms import Norm


class Rated(NamedTuple):
    """A form at a price: what it is thought to take and to lose."""

    form: str
    k: int
    bits: float
    loss: float


@dataclass(frozen=True, eq=False)
class Curve:
    """What the rates of a matrix depend on.

    Attributes:
        shape: n, d.
        energy: the loss of 0.
        spectrum: squares of its singular values in the norm, falling.
        variances: of its columns (d), in what their errors cost.
        found: by form, real over estimated bits and losses.
    """

    shape: tuple[int, int]
    energy: float
    spectrum: np.ndarray
    variances: np.ndarray
    found: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, norm: Norm) -> "Curve":
        costs = norm.costs
        scaled = np.square(norm.A * costs.rows[:, None]).mean(axis=0) if len(norm.A) else np.zeros(norm.A.shape[1])
        return cls(norm.A.shape, norm.energy, norm.spectrum, scaled * np.square(costs.by_column(norm.A.shape)))

    def rated(self, price: float, k: int | None = None) -> list[Rated]:
        """The best of each form, the most promising first; of low rank k alone if that is given."""
        if k is not None:
            return [self.at(LOW_RANK, min(k, len(self.spectrum)), price)]
        return sorted(self._options(price), key=lambda each: each.loss + price * each.bits)

    def at(self, form: str, k: int, price: float) -> Rated:
        """A form at a price."""
        bits, loss = self._by_rank(price)
        if form == LOW_RANK:
            return self._calibrated(Rated(form, k, bits[k], loss[k]))
        share = self._tail(k) / max(self.energy, _TINY) if form == WITH_REST else 1.0
        whole = self._whole(price, share)
        return self._calibrated(Rated(form, k, whole.bits + bits[k], whole.loss))

    def corrected(self, form: str, bits: float, loss: float) -> "Curve":
        """With what a form really took and lost, over what was thought."""
        before = self.found.get(form, (1.0, 1.0))
        return replace(self, found={**self.found, form: (before[0] * bits, before[1] * loss)})

    def _calibrated(self, rated: Rated) -> Rated:
        bits, loss = self.found.get(rated.form, (1.0, 1.0))
        return rated._replace(bits=rated.bits * bits, loss=rated.loss * loss)

    def _options(self, price: float) -> Iterator[Rated]:
        yield self.at(WHOLE, 0, price)
        bits, loss = self._by_rank(price)
        k = 1 + int(np.argmin((loss + price * bits)[1:])) if len(bits) > 1 else 0
        if 0 < k < min(self.shape):
            yield self.at(LOW_RANK, k, price)
        k = max(1, k // 2)
        if k < min(self.shape) // 4:
            yield self.at(WITH_REST, k, price)

    def _whole(self, price: float, share: float = 1.0) -> Rated:
        bits, loss = _rate(self.variances * share, price)
        return Rated(WHOLE, 0, self.shape[0] * float(bits.sum()), self.shape[0] * float(loss.sum()))

    def _by_rank(self, price: float) -> tuple[np.ndarray, np.ndarray]:
        """Bits and losses of all ranks from 0 up."""
        sides = [(side, *_rate(self.spectrum / side, price)) for side in self.shape]
        bits = sum(side * rate for side, rate, _ in sides)
        noise = sum(side * loss for side, _, loss in sides)
        tails = np.maximum(self.energy - np.append(0.0, np.cumsum(self.spectrum)), 0.0)
        return np.append(0.0, np.cumsum(bits)), tails + np.append(0.0, np.cumsum(noise))

    def _tail(self, k: int) -> float:
        return max(0.0, self.energy - float(self.spectrum[:k].sum()))


def _rate(variances: np.ndarray, price: float) -> tuple[np.ndarray, np.ndarray]:
    """Bits and losses of single entries."""
    theta = max(price / (2 * np.log(2)), _TINY)
    return np.log2(1 + variances / theta) / 2, variances / (1 + variances / theta)


_TINY = 1e-300
"""In place of 0, to divide by."""
