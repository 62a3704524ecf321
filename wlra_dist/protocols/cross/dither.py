"""Numbers rounded with subtractive dither: the error is uniform, and independent of the numbers.

A sender adds public coins before it rounds down, and the receiver subtracts them: so a step as coarse as the numbers
themselves shows their covariance without bias, and a finer step, asked for later, takes only the new digits.
"""

import numpy as np

from wlra_dist.codecs.base.grid import GRID_BOUND, LEAST, exponent_below, step

FINEST = 2.0**-36
"""The finest step, as a part of a root mean square: entries may be 2^9 times as large, and doubles have 53 bits."""


def indices(X: np.ndarray, exponent: int, dither: np.ndarray) -> np.ndarray:
    """⌊X/step + u⌋ for u in [0, 1), at most GRID_BOUND."""
    with np.errstate(over="ignore"):
        steps = X / step(exponent)
    return np.floor(np.clip(steps + dither, -GRID_BOUND, GRID_BOUND)).astype(np.int64)


def numbers(index: np.ndarray, exponent: int, dither: np.ndarray) -> np.ndarray:
    """What the receiver makes of indices: within half a step of X."""
    return (index + 0.5 - dither) * step(exponent)


def finest(rms: float) -> int:
    """The exponent of the finest step for numbers of this root mean square."""
    return exponent_below(FINEST * rms) if rms > 0 else LEAST
