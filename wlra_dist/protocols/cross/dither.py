"""Numbers rounded with subtractive dither: the error is uniform, and independent of the numbers.

A sender adds public coins before it rounds down, and the receiver subtracts them: so a step as coarse as the numbers
themselves shows their covariance without bias, and a finer step, asked for later, takes only the new digits.
"""

import numpy as np

from wlra_dist.codecs.base.grid import step
from wlra_dist.protocols.bins import BOUND

FINEST = 2.0**-48
"""The finest step, as a part of a root mean square: doubles have 53 bits."""


def indices(X: np.ndarray, exponent: int, dither: np.ndarray) -> np.ndarray:
    """⌊X/step + u⌋ for u in [0, 1), at most BOUND."""
    with np.errstate(over="ignore"):
        steps = X / step(exponent)
    return np.floor(np.clip(steps + dither, -BOUND, BOUND)).astype(np.int64)


def numbers(index: np.ndarray, exponent: int, dither: np.ndarray) -> np.ndarray:
    """What the receiver makes of indices: within half a step of X."""
    return (index + 0.5 - dither) * step(exponent)
