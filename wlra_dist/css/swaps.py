"""Swap local search: another selector's columns, exchanged one by one while the residual falls.

With G = BᵀB and E the remainder after S, leaving out p ∈ S gives back h_p hᵀ_p to EᵀE, where h_p = Bᵀu_p and u_p is
what column p has to itself. The best column to take instead is that of the largest gain (Farahat et al. 2011) on
EᵀE + h_p h_pᵀ; all pairs together cost one product of EᵀE with c vectors. The residual never rises, so the start's
guarantee stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval

from wlra_dist.css.alone import ALONE
from wlra_dist.css.gram_qr import GramQR, take_longest
from wlra_dist.css.greedy import EPS, Greedy, from_gram
from wlra_dist.css.osinsky import SPARE, Osinsky, exactly, until
from wlra_dist.css.selection import Selection, Selector, Stop
from wlra_dist.linalg.blocks import gram, shape_of
from wlra_dist.linalg.gram_remainder import GramRemainder
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.subspace import subspace_of_gram
from wlra_dist.linalg.ties import TIED, first_largest

GRAM_FITS = 4096
"""Blocks of more columns are left as the start chose: their BᵀB (128 MiB) would cost more than it brings."""

WORTH = 1e-4
"""A swap must take this share of the residual away: smaller ones go on for long and bring nothing."""

VISIBLE = EPS**0.5
"""A column's own part, as a share of its energy, below which BᵀB has lost half of its digits: not looked at."""


Start = str | dict[str, Any]


@dataclass(frozen=True)
class Swaps:
    """The columns of each start, polished, the best of them; given a residual, without those then superfluous.

    Never more residual, or more columns, than any of the starts alone: whatever one of them guarantees holds.

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
            return make_start(self.starts[0])(B, stop, rng)
        G = gram(B)
        begun = [_begin(make_start(start), B, G, stop, rng) for start in self.starts]
        spans = [self._polished(span_of(G, columns), stop.residual) for columns in _distinct(begun)]
        if not spans:
            return Selection(begun[0])
        return Selection(_by_gain(_best(spans, stop)))

    def _polished(self, span: "SwapSpan", residual: float | None) -> "SwapSpan":
        """After swaps, and without as many columns as the residual can then spare."""
        span = polish(span, self.most)
        while residual is not None and span.left <= residual and len(span.columns) > 1:
            cheapest = first_largest(-span.losses)
            fewer = polish(span_of(span.G, np.delete(span.columns, cheapest)), self.most, residual)
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


def _begin(start: Selector, B: Matrix, G: np.ndarray, stop: Stop, rng: np.random.Generator) -> np.ndarray:
    """The columns of a start; three of them need no other look at B than G."""
    limit, residual, noise = stop.limit(B), stop.residual or 0.0, max(shape_of(B)) * EPS
    if isinstance(start, Greedy):
        return from_gram(G, limit, residual, noise)
    if isinstance(start, GramQR):
        remainder = GramRemainder(None, G)
        take_longest(remainder, limit, residual)
    elif isinstance(start, Osinsky):
        remainder = _osinsky(G, limit, stop.residual, noise)
    else:
        return start(B, stop, rng).columns
    return np.array(remainder.columns, dtype=np.int64)


def _osinsky(G: np.ndarray, limit: int, residual: float | None, noise: float) -> GramRemainder:
    whole_block = partial(GramRemainder, None, G)
    if residual is None:
        return exactly(whole_block, subspace_of_gram(G, limit, noise), noise)
    return until(whole_block, subspace_of_gram(G, len(G), noise).down_to(residual / SPARE), limit, residual, noise)


def _distinct(begun: list[np.ndarray]) -> list[np.ndarray]:
    """Each set of columns once; none that is empty."""
    return list({tuple(sorted(columns.tolist())): columns for columns in begun if len(columns)}.values())


def _best(spans: "list[SwapSpan]", stop: Stop) -> "SwapSpan":
    """Of those that meet the residual with the fewest columns, or of all if none does, that which leaves least."""
    meeting = [span for span in spans if stop.residual is not None and span.left <= stop.residual]
    fewest = min((len(span.columns) for span in meeting), default=0)
    best = [span for span in meeting if len(span.columns) == fewest] or spans
    return best[first_largest(-np.array([span.left + span.noise / TIED for span in best]))]


def polish(span: "SwapSpan", most: int, residual: float = 0.0) -> "SwapSpan":
    """After up to `most` swaps, each the best of all; ends early when at most `residual` is left."""
    for _ in range(most):
        if span.left <= max(residual, span.noise) or not span.visible:
            break
        swapped = span.best_swap()
        if swapped is None or swapped.left >= span.left:
            break
        span = swapped
    return span


@dataclass(frozen=True, eq=False)
class SwapSpan:
    """What columns S of B leave, seen through G = BᵀB."""

    G: np.ndarray
    columns: np.ndarray
    H: np.ndarray
    """h_p (c×d)."""
    E: np.ndarray
    """EᵀE (d×d)."""
    visible: bool
    """Every column has enough to itself for G to show it."""

    @property
    def left(self) -> float:
        """‖E‖_F²."""
        return float(np.trace(self.E))

    @property
    def noise(self) -> float:
        """What is left is not told from less than this: G does not show it."""
        return TIED**2 * float(np.trace(self.G))

    @property
    def losses(self) -> np.ndarray:
        """What leaving out each column would add to it (c)."""
        return np.square(self.H).sum(axis=1)

    def best_swap(self) -> "SwapSpan | None":
        """S with the best exchange of one column; None if none is worth it."""
        f, g = np.einsum("ij,ij->j", self.E, self.E), np.diag(self.E)
        losses, squares = self.losses[:, None], np.square(self.H)
        taken = f + 2 * self.H * (self.H @ self.E) + losses * squares
        lengths = g + squares
        trusted = lengths > VISIBLE * np.diag(self.G)
        gains = np.where(trusted, taken, 0.0) / np.where(trusted, lengths, 1.0) - losses
        p, j = np.unravel_index(first_largest(gains), gains.shape)
        if gains[p, j] <= WORTH * self.left or j in self.columns:
            return None
        columns = self.columns.copy()
        columns[p] = j
        return span_of(self.G, columns)


def span_of(G: np.ndarray, S: np.ndarray) -> SwapSpan:
    """The span of columns S, none of them zero."""
    lengths = np.sqrt(np.diag(G)[S])
    rows = G[S] / lengths[:, None]
    inverse = _inverse(rows[:, S] / lengths)
    own, dual = np.diag(inverse), inverse @ rows
    return SwapSpan(G, S, dual / np.sqrt(own)[:, None], G - rows.T @ dual, bool(own.max() * VISIBLE < 1))


def _inverse(correlations: np.ndarray) -> np.ndarray:
    """Of correlations; where that is mostly rounding their pseudo-inverse, at ten times the cost."""
    try:
        inverse = np.linalg.inv(correlations)
    except np.linalg.LinAlgError:
        return np.linalg.pinv(correlations, hermitian=True)
    own = np.diag(inverse)
    trusted = own.min() > 0 and own.max() * VISIBLE < 1
    return (inverse + inverse.T) / 2 if trusted else np.linalg.pinv(correlations, hermitian=True)


def _by_gain(span: SwapSpan) -> np.ndarray:
    """S in the order in which greedy selection would take them."""
    S, E = span.columns, span.G[span.columns]
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
