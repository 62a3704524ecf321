"""The first of those that are largest but for rounding: integers tie often, and the last digit must not decide.

Another BLAS kernel adds in another order. Where the best of many were taken by their last digits, each machine would
choose other columns of the same integer block, and say other words.
"""

import numpy as np

TIED = 2.0**-20
"""Relative: values that differ by less are alike. Gains lose digits as remainders shrink."""


def first_largest(values: np.ndarray) -> int:
    """The index, in the flattened array, of the first value that is as large as the largest; 0 if there are none."""
    if not values.size:
        return 0
    largest = values.max()  # it may be infinite
    return int((values >= largest * (1 - TIED if largest > 0 else 1 + TIED)).argmax())
