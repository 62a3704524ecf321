"""Swap local search: another selector's columns, exchanged one by one while the residual falls.

With G = BᵀB and E the remainder after S, leaving out p ∈ S gives back h_p hᵀ_p to EᵀE, where h_p = Bᵀu_p and u_p is
what column p has to itself. The best column to take instead is that of the largest gain (Farahat et al. 2011) on
EᵀE + h_p h_pᵀ; all pairs together cost one product of EᵀE with c vectors. The residual never rises, so the start's
guarantee stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval

from wlra_dist.css.alone import ALONE
from wlra_dist.css.gram_qr import GramQR, take_longest
from wlra_dist.css.greedy import EPS, Greedy, from_gram
from wlra_dist.css.osinsky import Osinsky, columns_of
from wlra_dist.css.selection import Selection, Selector, Stop
from wlra_dist.css.sketched_greedy import SketchedGreedy
from wlra_dist.css.swap_span import SeenBlock, SwapSpan, span_of
from wlra_dist.css.whole_gram import GRAM_FITS, WholeGram, by_gram
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.ties import TIED, first_largest

Start = str | dict[str, Any]


@dataclass(frozen=True)
class Swaps:
    """The columns of each start, polished, the best of them; given a residual, without those then superfluous.

    Never more residual, or more columns, than any of the starts alone: whatever one of them guarantees holds. Blocks
    of more than 4096 columns are left as the first start chose, greedy by estimates.

    Args:
        starts: names of selectors, or tables of their options with that `name`.
        most: swaps at each number of columns.
    """

    starts: Sequence[Start] = ("greedy", "gram_qr", "osinsky")
    most: Annotated[int, Interval(ge=0, le=100_000)] = 200

    def __post_init__(self) -> None:
        if not self.starts:
            raise ValueError("starts: expected at least one selector")
        for start in self.starts:
            make_start(start)

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        if shape_of(B)[1] > GRAM_FITS:
            return _without_gram(make_start(self.starts[0]))(B, stop, rng)
        return Selection(by_gram(B, lambda whole: self._columns(B, whole, stop, rng)))

    def _columns(self, B: Matrix, whole: WholeGram, stop: Stop, rng: np.random.Generator) -> tuple[np.ndarray, float]:
        """The columns, and the energy that they leave."""
        begun = [_begin(make_start(start), B, whole, stop, rng) for start in self.starts]
        seen = SeenBlock(whole)
        spans = [self._polished(span_of(seen, columns), stop.residual) for columns in _distinct(begun)]
        if not spans:
            return begun[0], float(np.trace(whole.G))
        best = _best(spans, stop)
        return _by_gain(whole.G, best.columns), best.left

    def _polished(self, span: SwapSpan, residual: float | None) -> SwapSpan:
        """After swaps, and without as many columns as the residual can then spare."""
        span = polish(span, self.most)
        while residual is not None and span.left <= residual and len(span.columns) > 1:
            cheapest = first_largest(-span.losses)
            fewer = polish(span_of(span.seen, np.delete(span.columns, cheapest)), self.most, residual)
            if fewer.left > residual:
                break
            span = fewer
        return span


def make_start(start: Start) -> Selector:
    """The selector that is polished; ValueError if there is none of that name, or it has not these options."""
    options = {"name": start} if isinstance(start, str) else dict(start)
    name = options.pop("name", None)
    if name not in ALONE:
        raise ValueError(f"starts must name some of {', '.join(ALONE)}, got {name!r}")
    try:
        return ALONE[name](**options)
    except TypeError as error:
        raise ValueError(f"starts: {error}") from error


def _without_gram(start: Selector) -> Selector:
    """The start where there is no BᵀB for greedy selection."""
    return SketchedGreedy() if isinstance(start, Greedy) else start


def _begin(start: Selector, B: Matrix, whole: WholeGram, stop: Stop, rng: np.random.Generator) -> np.ndarray:
    """The columns of a start; three of them need no other look at B than BᵀB."""
    limit, residual, noise = stop.limit(B), stop.residual or 0.0, max(shape_of(B)) * EPS
    if isinstance(start, Greedy):
        return from_gram(whole, limit, residual)[0]
    if isinstance(start, Osinsky):
        return columns_of(whole, limit, stop.residual, noise)[0]
    if isinstance(start, GramQR):
        remainder = whole.remainder()
        take_longest(remainder, limit, residual)
        return np.array(remainder.columns, dtype=np.int64)
    return start(B, stop, rng).columns


def _distinct(begun: list[np.ndarray]) -> list[np.ndarray]:
    """Each set of columns once; none that is empty."""
    return list({tuple(sorted(columns.tolist())): columns for columns in begun if len(columns)}.values())


def _best(spans: list[SwapSpan], stop: Stop) -> SwapSpan:
    """Of those that meet the residual with the fewest columns, or of all if none does, that which leaves least."""
    meeting = [span for span in spans if stop.residual is not None and span.left <= stop.residual]
    fewest = min((len(span.columns) for span in meeting), default=0)
    best = [span for span in meeting if len(span.columns) == fewest] or spans
    return best[first_largest(-np.array([span.left + span.noise / TIED for span in best]))]


def polish(span: SwapSpan, most: int, residual: float = 0.0) -> SwapSpan:
    """After up to `most` swaps, each the best of all; ends early when at most `residual` is left."""
    for _ in range(most):
        if span.left <= max(residual, span.noise) or not span.visible:
            break
        swapped = span.best_swap()
        if swapped is None or swapped.left >= span.left:
            break
        span = swapped
    return span


def _by_gain(G: np.ndarray, S: np.ndarray) -> np.ndarray:
    """S in the order in which greedy selection would take them."""
    E = G[S]
    order: list[int] = []
    waiting = np.ones(len(S), dtype=bool)
    while waiting.any():
        own = E[np.arange(len(S)), S]
        gains = np.where(waiting, np.square(E).sum(axis=1) / np.where(own > 0, own, np.inf), -1.0)
        best = first_largest(gains)
        order.append(best)
        waiting[best] = False
        if own[best] > 0:
            E = E - np.outer(E[:, S[best]] / own[best], E[best])
    return S[order]
