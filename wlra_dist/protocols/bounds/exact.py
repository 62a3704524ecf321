"""The exact cost of the smallest games: deterministic communication complexity by counting inputs.

The promise is OPT = 0: A is in {0,1}, and some A' of rank k equals it on supp(W). An accurate output then is A there,
so that different inputs need different transcripts; and Alice, who knows A, may as well say its number among them all.
So the game costs ⌈log2 #inputs⌉ bits, on the worst of them: no protocol has less, and one has as much.
"""

from typing import NamedTuple

import numpy as np

LARGEST_BLOCK = 16
"""Entries of a block whose matrices are enumerated."""


class ExactCost(NamedTuple):
    """How many inputs there are, and the bits that tell one of them."""

    inputs: int
    bits: int


def exact_bits(height: int, width: int, s: int, r: int, k: int) -> ExactCost:
    """The game under the mask of r blocks of so many rows and columns, with at most s ones a column.

    Blocks are independent: A' = UVᵀ has rows and columns of its own for each. So the inputs are those of one block, r
    times.

    Raises:
        ValueError: a block has more than 16 entries.
    """
    inputs = len(inputs_of_a_block(height, width, s, k)) ** r
    return ExactCost(inputs, (inputs - 1).bit_length())


def inputs_of_a_block(height: int, width: int, s: int, k: int) -> np.ndarray:
    """All matrices of rank at most k over {0,1} with at most s ones a column (#×height×width)."""
    size = height * width
    if size > LARGEST_BLOCK:
        raise ValueError(f"blocks of at most {LARGEST_BLOCK} entries are enumerated, but {height}×{width} are {size}")
    every = (np.arange(2**size)[:, None] >> np.arange(size) & 1).reshape(-1, height, width)
    short = every[(every.sum(axis=1) <= s).all(axis=1)]
    # σ_K of a 0/1 matrix of rank K is at least 1/4^(K−1) here, as a minor of order K is a whole number: no rounding
    return short[np.linalg.matrix_rank(short) <= k]
