"""Random numbers by place: column j of a matrix has a stream of its own.

Philox is a counter that is scrambled, so a stream at any place costs some microseconds and no other stream
need be run through before it (Salmon et al., SC 2011). Of the counter's four words the generator itself
counts in the low ones; the place is written into the high ones.
"""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream is for; two purposes never share random numbers."""

    COLUMN = 0
    BASE = 1
    WEIGHTS = 2


def stream(seed: int, purpose: Purpose, index: int = 0) -> np.random.Generator:
    """The generator of the index-th thing of this purpose; 0 ≤ seed < 2^128, 0 ≤ index < 2^64."""
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, index, purpose]))
