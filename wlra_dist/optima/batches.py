"""Terms of like sizes as one array of three dimensions, so that their products and decompositions are made at once.

Terms on the same rows and columns need no more than that; of others, the smaller ones of a batch are padded, and each
knows where its entries lie in the n×d matrix.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from wlra_dist.optima.terms import Term

BATCHES = 4
"""Into so many batches terms of different sizes are sorted."""


class Batch(NamedTuple):
    """L terms, stored as L×a×b with a ≥ b: transposed where they are wider than high.

    Attributes:
        which: the number of each term.
        roots: √(p qᵀ) of each (L×a×b); 0 where it is padded.
        places: where each entry lies in the n×d matrix, row by row (1×a×b where all terms are on the same entries);
            n·d where it is padded.
        heights, widths: of each term as it is stored.
        standing: whether they are stored as they are.
    """

    which: list[int]
    roots: np.ndarray
    places: np.ndarray
    heights: list[int]
    widths: list[int]
    standing: bool

    @property
    def shape(self) -> tuple[int, ...]:
        return self.roots.shape

    def gathered(self, M: np.ndarray) -> np.ndarray:
        """The entries of M, n×d as a vector with a 0 behind, that each term is on."""
        return M[self.places]

    def scattered(self, values: np.ndarray, size: int) -> np.ndarray:
        """The sums of L×a×b values over the terms, at the entries of a vector of n·d and one for the padding."""
        if len(self.places) < len(values):
            values = values.sum(axis=0, keepdims=True)
        return np.bincount(self.places.ravel(), values.ravel(), size + 1)

    def apart(self, values: np.ndarray) -> dict[int, np.ndarray]:
        """L×a×b values term by term, each as high and wide as it is, by number."""
        cut = [values[m, :a, :b] for m, (a, b) in enumerate(zip(self.heights, self.widths, strict=True))]
        return {which: block if self.standing else block.T for which, block in zip(self.which, cut, strict=True)}

    def padded(self, blocks: Sequence[np.ndarray]) -> np.ndarray:
        """The opposite of `apart`, from the blocks of all terms."""
        values = np.zeros(self.shape)
        for m, which in enumerate(self.which):
            block = blocks[which] if self.standing else blocks[which].T
            values[m, : block.shape[0], : block.shape[1]] = block
        return values


def batched(terms: Sequence[Term], shape: tuple[int, int]) -> list[Batch]:
    """All terms, sorted into batches."""
    keys = [(len(term.rows) * len(term.columns), term.rows.tobytes(), term.columns.tobytes()) for term in terms]
    order = sorted(range(len(terms)), key=keys.__getitem__)
    alike = [list(group) for _, group in groupby(order, key=keys.__getitem__)]
    if len(alike) <= BATCHES:
        return [_batch(terms, group, shape, same=True) for group in alike]
    return [_batch(terms, part.tolist(), shape, same=False) for part in np.array_split(np.array(order), BATCHES)]


def _batch(terms: Sequence[Term], which: list[int], shape: tuple[int, int], *, same: bool) -> Batch:
    n, d = shape
    chosen = [terms[w] for w in which]
    heights, widths = [len(term.rows) for term in chosen], [len(term.columns) for term in chosen]
    roots = np.zeros((len(which), max(heights), max(widths)))
    places = np.full((1 if same else len(which), *roots.shape[1:]), n * d)
    for m, term in enumerate(chosen):
        a, b = heights[m], widths[m]
        np.multiply.outer(term.root_p, term.root_q, out=roots[m, :a, :b])
        if m < len(places):
            places[m, :a, :b] = d * term.rows[:, None] + term.columns
    if roots.shape[1] >= roots.shape[2]:
        return Batch(which, roots, places, heights, widths, True)
    roots, places = (np.ascontiguousarray(M.swapaxes(1, 2)) for M in (roots, places))
    return Batch(which, roots, places, widths, heights, False)
