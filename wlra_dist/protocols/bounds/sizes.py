"""The public sizes that all bounds are functions of, and what is counted by them: words and columns."""

from math import ceil, log
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


def word_bits(n: int, d: int, bound: int | None = None) -> int:
    """The bits of a number of the game (Woodruff & Yasuda, Def 1.4), at least 1.

    They tell one of nd entries, ⌈log2(nd)⌉, and one of the 2·bound + 1 values of an entry of an integer game.
    """
    index, entry = (n * d - 1).bit_length(), 0 if bound is None else (2 * bound).bit_length()
    return max(1, index, entry)


def entry_power(n: int, d: int, largest: float) -> float:
    """The least c ≥ 0 for which entries up to `largest` are at most (nd)^c, which Def 1.4 calls poly(nd)."""
    return log(max(1.0, largest)) / log(max(2, n * d))


def columns_for(K: int, epsilon: float) -> int:
    """⌈K + K/ε⌉ − 1 columns reach (1+ε)·‖B_{−K}‖_F² (Guruswami & Sinop 2012, the best possible count).

    They prove that c columns reach (c+1)/(c−K+1); that is 1+ε at c = K + K/ε − 1.
    """
    return max(K, ceil(K + K / epsilon) - 1)
