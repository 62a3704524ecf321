"""What a caller brings, made what solvers expect; and what they find, as the caller wants it.

A masked array gives up its mask: what is masked in A has the weight 0. Where W is 0, A is 0. Powers of two
are taken out of both, so that solvers see the same numbers whatever the scale, and are put back at the end.
"""

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import given_dense
from wlra_dist.linalg.rows.rows import FLOAT32, FLOAT64, computed_in
from wlra_dist.linalg.scale import largest, power_of, scaled_energy, times_power
from wlra_dist.optima.certificate import Certificate
from wlra_dist.solvers.approximation import Approximation, LowRank
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.border import Survey, survey
from wlra_dist.weights.bordered import Bordered
from wlra_dist.weights.reweighted import ReweightedBlock

SINGLE = 40
"""Octaves above 1 that entries of A may have in float32, whose squares end at 128."""


@dataclass(frozen=True, eq=False)
class Posed:
    """A problem as solvers see it.

    Attributes:
        A: n×d, 0 where W is; read as an array is, by rows, by columns or as a whole.
        W: n×d.
        weights: W as it was given.
        seen: what the look at both found, with the powers that were taken out.
    """

    A: np.ndarray
    W: Weights
    weights: Weights
    seen: Survey

    @property
    def energy(self) -> float:
        """‖W∘A‖_F² as solvers see it."""
        return self.posed_energy(self.seen.energy)

    def posed_energy(self, energy: float) -> float:
        """A loss that the caller sees as solvers see it."""
        return scaled_energy(energy, -self._power)

    def restored(self, found: Approximation) -> Approximation:
        """Ã as the caller sees it."""
        match found:
            case LowRank(U, V):
                return LowRank(_times(U, self.seen.A), V)
            case ReweightedBlock():
                return replace(found, W=self.weights, C=_times(cast(np.ndarray, found.C), self._power))
        raise TypeError(f"expected one of the approximations that solvers make, found {type(found).__name__}")

    def posed_solution(self, found: Approximation) -> Approximation:
        """Ã of rank k as solvers see it, from what the caller sees."""
        return LowRank(_times(found.U, -self.seen.A), found.V) if isinstance(found, LowRank) else found

    def restored_energy(self, energy: float) -> float:
        """A loss or a bound as the caller sees it."""
        return scaled_energy(energy, self._power)

    def restored_certificate(self, proof: Certificate) -> Certificate:
        loss, bound, noise = map(self.restored_energy, (proof.loss, proof.lower_bound_opt, proof.noise))
        return replace(proof, loss=loss, lower_bound_opt=bound, noise=noise)

    @property
    def _power(self) -> int:
        return self.seen.A + self.seen.W


def posed(A: np.ndarray, W: Weights) -> Posed:
    """The problem; InputError for entries and weights that cannot be computed with (`weights.border.survey`)."""
    seen = survey(A, W)
    if seen.A or seen.outside:
        small = power_of(seen.entry) - seen.A <= SINGLE
        dtype = FLOAT32 if computed_in(A) == FLOAT32 and small else FLOAT64
        A = cast(np.ndarray, Bordered(A, -seen.A, dtype, W if seen.outside else None))
    return Posed(A, _scaled_weights(W, -seen.W), W, seen)


def unmasked(A: Any, W: Any) -> tuple[Any, Any]:
    """A without its mask, if it has one (`numpy.ma`), and W with the weight 0 there; InputError for a mask of W."""
    if np.ma.is_masked(W):
        raise InputError("expected weights without a mask, found some masked: W.filled(0) gives them the weight 0")
    if not np.ma.is_masked(A):
        return _data(A), _data(W)
    mask, weights = np.ma.getmaskarray(A), W.dense(slice(None)) if hasattr(W, "dense") else given_dense(W, "W")
    if mask.shape != weights.shape:
        return _data(A), weights  # which is refused by those who look at shapes
    return _data(A), np.where(mask, weights.dtype.type(0), weights)


def _data(M: Any) -> Any:
    return np.ma.getdata(M) if isinstance(M, np.ma.MaskedArray) else M


def _scaled_weights(W: Weights, power: int) -> Weights:
    """W·2^power."""
    match W:
        case _ if not power:
            return W
        case DenseWeights():
            mapped = isinstance(W.W, np.memmap)
            kept = Bordered(W.W, power, computed_in(W.W)) if mapped else np.ldexp(W.W.astype(computed_in(W.W)), power)
            return replace(W, W=cast(np.ndarray, kept))
        case LowRankWeights():
            own = [power_of(float(row.max(initial=0.0))) for row in W.V]  # of a term's two sides, either may be large
            return LowRankWeights(np.ldexp(W.U, np.add(own, power)), np.ldexp(W.V, -np.array(own)[:, None]))
        case BlockMask():
            return W
    return DenseWeights(np.ldexp(W.dense(slice(None)), power))


def _times(factor: np.ndarray, power: int) -> np.ndarray:
    """The factor·2^power, in float64 where its own type has no room."""
    info = np.finfo(factor.dtype)
    size = power_of(largest(factor)) + power
    fits = info.minexp + info.nmant < size < info.maxexp
    return times_power(factor if fits else factor.astype(float), power)
