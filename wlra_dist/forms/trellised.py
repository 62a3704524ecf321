"""Rounded factors that are paths of the trellis: some steps at once, then some prices of a bit of Y."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from wlra_dist.codecs.base.grid import FINENESS, in_steps
from wlra_dist.codecs.trellis.lattice import SMALL, RoundingTask, rounded
from wlra_dist.codecs.trellis.tables import PRICE
from wlra_dist.forms.outlook import Factored, Outlook
from wlra_dist.forms.rounded_code import RoundedCode, RoundedFactors
from wlra_dist.forms.search import HALVINGS
from wlra_dist.linalg.blocks import PIECE, inner, runs
from wlra_dist.linalg.matrix import dense
from wlra_dist.linalg.oriented_basis import independent, oriented_basis

DEARER = 1.04
"""Prices of a bit of Y, each in parts of the one before, that are tried where the goal leaves room."""

_AT_ONCE, _FEWEST, _MOST = 1 << 14, 3, 6
"""Entries that are worked on at once; candidates of a try, at least and at most."""

_BATCHES = 3
"""Prices that are tried first; each time as many candidates of a try lie between one and the next."""

_STRIDE = 3
"""Steps of the grid between candidates, at first."""

_AROUND = 5
"""Steps about the one that another tells to be the coarsest."""

Meets: TypeAlias = Callable[[RoundedFactors, float], bool]
"""Whether factors are within the goal, whose loss is bounded by the number."""


class Based(NamedTuple):
    """Factors, QᵀB, and the bound on the loss that has no part of Ŷ's rounding."""

    factors: RoundedFactors
    QB: np.ndarray
    beyond: float

    @property
    def bound(self) -> float:
        """‖B_S − L̂‖² + ‖B‖² − ‖QᵀB‖² + ‖QᵀB − Ŷ‖², an upper bound on the loss."""
        return self.beyond + float(np.square(self.QB - self.factors.coefficients).sum())


def trellised(outlook: Outlook, code: RoundedCode, meets: Meets, full: bool, goal: float) -> RoundedFactors | None:
    """The coarsest step that meets the goal, near that of the outlook, then the highest price of a bit of Y.

    Where W is `full`, bounds are losses, and tell how far off a step is.
    """
    many = int(np.clip(_AT_ONCE // max(outlook.size, 1), _FEWEST, _MOST))
    best = _near_prediction(outlook, code, meets, goal) if full and outlook.size <= SMALL else None
    if best is None:
        best = _coarsest(outlook, code, meets, many, goal if full else None)
        if best is None:
            return None
        coarser = [best.factors.exponent + more for more in range(_STRIDE - 1, 0, -1)]
        best = _first(_at(coarser, outlook, code), meets) or best
    return _dearest(best, code, meets, many).factors


def _near_prediction(outlook: Outlook, code: RoundedCode, meets: Meets, goal: float) -> Based | None:
    """One step is tried, which tells, as bounds are losses, about the coarsest that meets the goal; then those near it.

    None where that leads nowhere.
    """
    (first,) = _at([outlook.exponent], outlook, code)
    if first is None or first.bound <= outlook.tail or goal <= outlook.tail:
        return None
    off = FINENESS / 2 * np.log2((goal - outlook.tail) / (first.bound - outlook.tail))
    top, best = outlook.exponent + round(float(np.clip(off, -FINENESS, FINENESS))) + _AROUND // 2, None
    coarser_fail = False
    for _ in range(HALVINGS):
        tried = _at(range(top, top - _AROUND, -1), outlook, code)
        met = _first(tried, meets)
        if best or (met and (coarser_fail or met is not tried[0])):
            return met or best
        best, coarser_fail = met, not met
        top += _AROUND if met else -_AROUND
    return best


def _dearest(base: Based, code: RoundedCode, meets: Meets, many: int) -> Based:
    """With a bit of Y as dear as still meets the goal: prices far apart first, then those up to the next of them."""

    def first(powers: range) -> tuple[int, Based] | None:
        tried = _with_rest([base] * len(powers), code, [PRICE * DEARER**power for power in powers])
        pairs = zip(powers, tried, strict=True)
        return next(((power, each) for power, each in pairs if each and meets(each.factors, each.bound)), None)

    highest = many * _BATCHES
    power, best = first(range(highest, 0, -many)) or (0, base)
    if power < highest:
        power, best = first(range(power + many - 1, power, -1)) or (power, best)
    return best


def _coarsest(outlook: Outlook, code: RoundedCode, meets: Meets, many: int, goal: float | None) -> Based | None:
    """Some exponents at once, finer and finer; the window moves until the coarsest that meets the goal is known."""
    top, best, tops = outlook.exponent + _STRIDE * (many // 2), None, set[int]()
    for _ in range(HALVINGS):
        tops.add(top)
        window = [top - _STRIDE * i for i in range(many)]
        tried = _at(window, outlook, code)
        if not any(tried):
            return best
        met = _first(tried, meets)
        if met is None and best:
            return best
        best = met or best
        if best and (best is not tried[0] or top + _STRIDE * many in tops):
            return best
        if best:
            top += _STRIDE * many
            continue
        last = next(each for each in reversed(tried) if each)
        off = FINENESS / 2 * np.log2(last.bound / goal) if goal and last.bound > goal else 0.0
        top -= _STRIDE * many + int(np.clip(off, 0, 4 * FINENESS))
    return best


def _first(tried: Sequence[Based | None], meets: Meets) -> Based | None:
    """The first that meets the goal."""
    return next((each for each in tried if each and meets(each.factors, each.bound)), None)


def _at(exponents: Sequence[int], outlook: Outlook, code: RoundedCode) -> list[Based | None]:
    """The factors with these steps; None where entries are too large for a path, or a column vanishes."""
    left, S, prior = dense(outlook.of.left), outlook.of.S, outlook.of.prior
    hints, rows = code.left(left.shape[1], prior).hints, code.travelling(left, prior)
    found = rounded([RoundingTask(in_steps(rows, e - outlook.finer), hints) for e in exponents])
    shells = [
        None if L is None else based(RoundedFactors(S, e, outlook.finer, L, L, prior), outlook.of, code)
        for e, L in zip(exponents, found, strict=True)
    ]
    whole = [each for each in shells if each]
    rest = iter(_with_rest(whole, code, [PRICE] * len(whole)))
    return [next(rest) if each else None for each in shells]


def based(shell: RoundedFactors, of: Factored, code: RoundedCode) -> Based | None:
    """QᵀB for the L of a shell, whose Y is yet to be found; None where columns of L are dependent."""
    left = code.left_factor(shell)
    columns = _distance(dense(of.left), left) if len(shell.S) else 0.0
    Q, R = oriented_basis(left)
    if not independent(R):
        return None
    QB = inner(Q, of.rest)
    return Based(shell, QB, columns + float(of.energy - np.square(QB).sum()))


def _distance(L: np.ndarray, rounded: np.ndarray) -> float:
    """‖L − L̂‖_F²."""
    if L.size <= PIECE:
        return float(np.square(L - rounded).sum())
    return sum(float(np.square(L[run] - rounded[run]).sum()) for run in runs(*L.shape))


def _task(shell: Based, code: RoundedCode) -> RoundingTask:
    factors, QB, _ = shell
    return RoundingTask(in_steps(QB, factors.exponent), code.right(factors.L, factors.finer, factors.S).hints)


def _with_rest(shells: Sequence[Based], code: RoundedCode, prices: Sequence[float]) -> list[Based | None]:
    """The shells with Ŷ at these prices; None where entries are too large for a path."""
    once = {id(each): _task(each, code) for each in shells}
    found = rounded([once[id(each)]._replace(price=price) for each, price in zip(shells, prices, strict=True)])
    return [
        None if Y is None else each._replace(factors=each.factors._replace(Y=Y))
        for each, Y in zip(shells, found, strict=True)
    ]
