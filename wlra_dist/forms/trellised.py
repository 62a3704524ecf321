"""Rounded factors that are paths of the trellis: a sender that looks ahead needs fewer bits for the same loss."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.grid import in_steps
from wlra_dist.forms.rounded_code import RoundedCode, RoundedFactors
from wlra_dist.forms.search import coarsest
from wlra_dist.linalg.oriented_basis import independent, oriented_basis

PRICE = 0.25
"""What a bit may cost, in squared steps of a trellis: its rate falls by a bit for 2·ln 2 of its error, of 0.2 or so."""

DEARER = tuple(1.06**power for power in range(1, 10))
"""Prices of a bit of Y, in parts of PRICE, that are tried while the goal leaves room."""

FINER = 25
"""The step of a trellis is finer by about so many steps of the grid, as each quantiser has every other multiple."""

STRIDE = 8
"""Steps of the grid by which that guess is corrected."""


class Factored(NamedTuple):
    """What is to be rounded: a left factor, the columns of B that Y tells, and S, as in `RoundedFactors`."""

    left: np.ndarray
    rest: np.ndarray
    S: np.ndarray


def trellised(
    of: Factored, like: RoundedFactors, code: RoundedCode, meets: Callable[[RoundedFactors], bool]
) -> RoundedFactors | None:
    """The coarsest step of a trellis that meets the goal, near that of `like`, then the highest price of a bit of Y."""

    def priced(shell: RoundedFactors, price: float) -> RoundedFactors | None:
        rounded = _with_rest(shell, of.rest, code, price)
        return rounded if rounded is not None and meets(rounded) else None

    def at(exponent: int) -> RoundedFactors | None:
        shell = _with_left(like._replace(exponent=exponent), of.left, code)
        return None if shell is None else priced(shell, PRICE)

    found = coarsest(at, like.exponent - FINER, STRIDE)
    for price in DEARER:
        dearer = None if found is None else priced(found, PRICE * price)
        if dearer is None:
            break
        found = dearer
    return found


def _with_left(shell: RoundedFactors, left: np.ndarray, code: RoundedCode) -> RoundedFactors | None:
    """L as a path of the trellis; None if it has too many entries for one, or a column vanishes."""
    grid = in_steps(left[code.rows], shell.exponent - shell.finer)
    chosen = code.left(left.shape[1]).trellis.nearest(grid, PRICE)
    if chosen is None:
        return None
    L = np.zeros(left.shape, dtype=np.int64)
    L[code.rows] = chosen
    shell = shell._replace(L=L)
    return shell if independent(oriented_basis(shell.left)[1]) else None


def _with_rest(shell: RoundedFactors, rest: np.ndarray, code: RoundedCode, price: float) -> RoundedFactors | None:
    """Ŷ as a path of the trellis; None if it has too many entries for one."""
    Q, _ = oriented_basis(shell.left)
    chosen = code.right(shell.L, shell.finer, shell.S).trellis.nearest(in_steps(Q.T @ rest, shell.exponent), price)
    return None if chosen is None else shell._replace(Y=chosen)
