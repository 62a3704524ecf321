"""Terms of a minorant on parts of W: p qᵀ ≤ W∘W on some rows and columns, and together no more than W∘W anywhere.

Each component of supp(W) is a problem of its own. Where a component has no zero, its terms are factors of W∘W on all of
it (`fit`, `ascent`), and so where the zeros are few and light; else they are bicliques of its support (`bicliques`),
each with a rank-one minorant of its own and a share λ of it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from wlra_dist.optima.ascent import ascend
from wlra_dist.optima.bicliques import cover, shared_out
from wlra_dist.optima.fit import fit
from wlra_dist.optima.minorant import NOTHING, Minorant, under
from wlra_dist.weights import DenseWeights
from wlra_dist.weights.components import Component, components

PRESSED = 1 - 1e-9
"""What is left of each term, so that W∘W exceeds their sum wherever there is one: `guarded` needs that room."""


class Term(NamedTuple):
    """√p and √q of a minorant p qᵀ of W∘W on these rows and columns, all ascending."""

    rows: np.ndarray
    columns: np.ndarray
    root_p: np.ndarray
    root_q: np.ndarray


class TermPlan(NamedTuple):
    """How terms are found.

    Attributes:
        terms: on a component of the support without zeros.
        ascent: steps of the ascent from the first factors (`ascent`).
        cover: how often an entry of a component with zeros is to be in a biclique.
        entries: that bicliques may have together, in units of n·d.
        tries: of which each biclique is the best.
    """

    terms: int = 1
    ascent: int = 20
    cover: int = 2
    entries: int = 16
    tries: int = 1


FIT = 30
"""Steps of the fit for more than one term; for one, its first step is exact."""

MOST = 0.5
"""Factors of a component with zeros will do if they are on so much of the energy; else bicliques are looked for."""


def terms_under(A: np.ndarray, squares: np.ndarray, k: int, plan: TermPlan) -> list[Term]:
    """Terms that are together below W∘W (n×d, at most 1); A is n×d, 0 where W is."""
    support = squares > NOTHING
    parts = components(DenseWeights(support.astype(float)))
    return [term for part in parts for term in _of_component(A, squares, support, part, k, plan)]


def require_terms(terms: Sequence[Term], shape: tuple[int, int]) -> None:
    """ValueError unless each is √p and √q, finite, on different rows and columns of n×d, ascending."""
    for term in terms:
        for places, roots, side in zip(term[:2], term[2:], shape, strict=True):
            ascending = np.all(np.diff(places, prepend=-1, append=side) > 0)
            if not ascending or places.shape != roots.shape or not (np.isfinite(roots) & (roots >= 0)).all():
                raise ValueError(f"a term is not on different rows and columns of {shape[0]}×{shape[1]}, ascending")


def covered(terms: Sequence[Term], shape: tuple[int, int]) -> np.ndarray:
    """Σ p qᵀ (n×d)."""
    total = np.zeros(shape)
    for term in terms:
        total[np.ix_(term.rows, term.columns)] += np.square(np.multiply.outer(term.root_p, term.root_q))
    return total


def _of_component(
    A: np.ndarray, squares: np.ndarray, support: np.ndarray, part: Component, k: int, plan: TermPlan
) -> list[Term]:
    if min(map(len, part)) <= k:
        return []
    here = np.ix_(*part)
    minorant = _factors(A[here], squares[here], k, plan)
    if support[here].all() or _share(A[here], squares[here], minorant) >= MOST:
        pairs = zip(minorant.P.T, minorant.Q.T, strict=True)
        return [term for p, q in pairs if min(map(len, term := _term(part, p, q))) > k]
    found = cover(support[here], k, plan.cover, plan.entries, plan.tries)
    shares = shared_out(support[here].shape, found)
    inside = [Component(part.rows[rows], part.columns[columns]) for rows, columns in found]
    return [_inside(squares, own, share) for own, share in zip(inside, shares, strict=True)]


def _factors(A: np.ndarray, squares: np.ndarray, k: int, plan: TermPlan) -> Minorant:
    P, Q = fit(squares, plan.terms, FIT if plan.terms > 1 else 1)
    return under(squares, *ascend(A, squares, P, Q, k, plan.ascent) if plan.ascent else (P, Q))


def _share(A: np.ndarray, squares: np.ndarray, minorant: Minorant) -> float:
    """The share of ‖W∘A‖² that the minorant says something of."""
    energies = squares * np.square(A)
    return float(energies[minorant.P @ minorant.Q.T > 0].sum()) / (float(energies.sum()) or 1.0)


def _inside(squares: np.ndarray, part: Component, share: float) -> Term:
    """The rank-one minorant of W∘W on a biclique, times its share."""
    own = squares[np.ix_(*part)]
    minorant = under(own, *fit(own, 1, 1))
    return _term(part, share * minorant.P[:, 0], minorant.Q[:, 0])


def _term(part: Component, p: np.ndarray, q: np.ndarray) -> Term:
    rows, columns = np.flatnonzero(p), np.flatnonzero(q)
    return Term(part.rows[rows], part.columns[columns], np.sqrt(PRESSED * p[rows]), np.sqrt(q[columns]))
