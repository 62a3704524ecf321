"""The rows of the sketches that sketch_qrcp sends: enough to choose columns on, and to measure what they leave."""

from math import ceil

SQUARES = 8000
"""A mean of at least so many squares tells sketch_qrcp what is left: 1.6 % off, if they were independent."""


def check_rows(d: int) -> int:
    """Rows of random signs by which sketch_qrcp tests what it has."""
    return max(4, ceil(SQUARES / d))


DIRECTIONS = 2000
"""So many squares of directions tell what they leave: the more of a block stays with its server, the less that is."""


def turned_rows(K: int, m: int) -> int:
    """Rows of random signs by which m servers' K directions each are tested."""
    return max(4, ceil(DIRECTIONS / max(1, K * m)))


def sketch_rows(K: int, epsilon: float, d: int, *, integer: bool) -> int:
    """Rows of a sketch of d columns on which K coefficients are found, and what no K directions hold is measured.

    In expectation coefficients leave K/(ℓ−K−1) more than the best ones do of what the sketch shows. Rounding to
    integers forgives a third or so; else it must be a part of ε, where about a third of a block's noise is shown.
    """
    spare = 2.0 * K if integer else K * max(2.0, 1 / epsilon)
    return K + max(ceil(spare) + 2, check_rows(d))
