"""Powers of two, taken out of a matrix and put back: they round nothing, so that scale means nothing.

Sums, products, quotients and roots commute with them, bit for bit, while nothing leaves the range of doubles. What is
of a modest size is therefore left as it is; what is not is brought to the middle of the range, and the result back.
"""

from typing import TypeVar, cast

import numpy as np

from wlra_dist.linalg.matrix import Matrix, entries
from wlra_dist.linalg.on_demand import OnDemand

MatrixT = TypeVar("MatrixT", bound=Matrix)

MODEST = 16
"""Powers up to this are left in: energies of 10⁷ entries are then within the range of float32, too."""


def power_of(size: float) -> int:
    """The a with 2^(a−1) ≤ size < 2^a; 0 for a size of 0."""
    return int(np.frexp(size)[1])


def power_to_take(size: float, modest: int = MODEST) -> int:
    """The power of two to take out of what has this size; none where that is modest."""
    power = power_of(size)
    return power if abs(power) > modest else 0


def largest(M: Matrix) -> float:
    """max |M_ij|, 0 if there is none."""
    if isinstance(M, OnDemand):
        return max(largest(piece) for _, piece in M.pieces()) if M.size else 0.0
    numbers = entries(M)
    return max(float(numbers.max()), -float(numbers.min())) if numbers.size else 0.0


def times_power(M: MatrixT, power: int) -> MatrixT:
    """M·2^power in M's own type; M itself if the power is 0."""
    if not power:
        return M
    if isinstance(M, OnDemand):
        return cast(MatrixT, M.scaled(power))
    if isinstance(M, np.ndarray):
        return cast(MatrixT, np.ldexp(M, power))
    scaled = M.copy()
    scaled.data = np.ldexp(scaled.data, power)
    return cast(MatrixT, scaled)


def centred(M: MatrixT, modest: int = MODEST) -> tuple[MatrixT, int]:
    """M without its power of two, and that power; M itself and 0 where it is modest."""
    power = power_to_take(largest(M), modest)
    return times_power(M, -power), power


def scaled_energy(energy: float, power: int) -> float:
    """The energy of M·2^power, from that of M: energy·4^power."""
    return float(np.ldexp(energy, 2 * power))
