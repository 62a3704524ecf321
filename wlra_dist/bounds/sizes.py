"""The public sizes that all bounds are functions of, and what is counted by them: words and columns."""

from math import ceil
from typing import NamedTuple


class Sizes(NamedTuple):
    """The public sizes of a game, in the letters above, and how often a protocol that iterates does so at most."""

    n: int
    d: int
    s: int
    r: int
    k: int
    epsilon: float
    m: int
    iterations: int = 10


def word_bits(n: int, d: int) -> int:
    """⌈log2(nd)⌉: the bits of a number of the game (Woodruff & Yasuda, Def 1.4), at least 1."""
    return max(1, (n * d - 1).bit_length())


def columns_for(K: int, epsilon: float) -> int:
    """⌈K + K/ε⌉ − 1 columns reach (1+ε)·‖B_{−K}‖_F² (Guruswami & Sinop 2012, the best possible count).

    They prove that c columns reach (c+1)/(c−K+1); that is 1+ε at c = K + K/ε − 1.
    """
    return max(K, ceil(K + K / epsilon) - 1)
