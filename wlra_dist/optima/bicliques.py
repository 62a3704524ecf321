"""Bicliques of the support of W: rows and columns that all meet, grown so that together they cover it.

A biclique of a×b entries says something of (a − k)(b − k) of them, so that is its worth. Each is seeded at an entry
that others cover least, grown line by line while the crossing lines that have them all last, and its best prefix is
closed up. Nothing rests on how they are found. The best of several for each takes as many times as long: worth it only
where many evaluations follow.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

NOVELTY = 0.5
"""What it is worth in a new line, against being a common one, that others do not cover it yet."""

CHANCE = 0.8
"""The part of chance in the choice of a line."""

FILLS = 3
"""How often the shares are raised to fill what is left."""


class Biclique(NamedTuple):
    """Rows and columns, both ascending."""

    rows: np.ndarray
    columns: np.ndarray


def cover(support: np.ndarray, k: int, least: int, entries: int, tries: int = 1) -> list[Biclique]:
    """Bicliques worth something that cover the support (n×d), each entry `least` times where any do.

    Together they have at most `entries`·n·d entries and one biclique more; each is the best of so many tries.
    """
    rng = np.random.default_rng(0)  # fixed: every party must find the same
    S = support.astype(np.float32)
    times = np.where(support, 0.0, np.inf)
    found: list[Biclique] = []
    room = entries * support.size
    while times.min(initial=np.inf) < least and room > 0:
        seeds = np.argwhere(times == times.min())
        i, j = map(int, seeds[rng.integers(len(seeds))])
        novelty = (1 / (1 + times)).astype(np.float32)
        grown = [_grown_either_way(S, novelty, i, j, k, rng) for _ in range(tries)]
        biclique = max(grown, key=lambda each: _worth(len(each.rows), len(each.columns), k))
        if _worth(len(biclique.rows), len(biclique.columns), k) <= 0:
            times[i, j] = np.inf
            continue
        times[np.ix_(*biclique)] += 1
        room -= len(biclique.rows) * len(biclique.columns)
        found.append(biclique)
    return found


def shared_out(shape: tuple[int, int], bicliques: Sequence[Biclique]) -> np.ndarray:
    """Shares λ_l > 0 with Σ λ_l ≤ 1 over the bicliques at each entry: equal ones first, raised in turns after that."""
    times, total = np.zeros(shape), np.zeros(shape)
    for biclique in bicliques:
        times[np.ix_(*biclique)] += 1
    shares = np.array([1 / times[np.ix_(*biclique)].max() for biclique in bicliques])
    for biclique, share in zip(bicliques, shares, strict=True):
        total[np.ix_(*biclique)] += share
    rng = np.random.default_rng(0)
    for fill in range(FILLS):
        part = 1.0 if fill == FILLS - 1 else 0.5
        for which in rng.permutation(len(bicliques)):
            here = np.ix_(*bicliques[which])
            more = part * max(1 - total[here].max(), 0.0)
            shares[which] += more
            total[here] += more
    return shares


def _grown_either_way(S: np.ndarray, novelty: np.ndarray, i: int, j: int, k: int, rng: np.random.Generator) -> Biclique:
    """Grown by columns or by rows, as chance has it."""
    if rng.random() < 0.5:
        return _grown(S, novelty, i, j, k, rng)
    across = _grown(S.T, novelty.T, j, i, k, rng)
    return Biclique(across.columns, across.rows)


def _grown(S: np.ndarray, novelty: np.ndarray, i: int, j: int, k: int, rng: np.random.Generator) -> Biclique:
    """The best prefix, closed up, of columns from j on that leave the most and the newest rows, i among them."""
    rows, candidates = S[:, j], S[i] > 0
    columns, new = [j], S * novelty
    best, most = rows, -1.0
    while True:
        candidates[columns[-1]] = False
        height = int(rows.sum())
        worth = _worth(height, len(columns), k)
        if worth > most:
            best, most = rows, worth
        if height <= k or not candidates.any():
            return _closed(S, best > 0)
        score = rows @ S + NOVELTY * (rows @ new) + CHANCE * rng.random(S.shape[1])
        columns.append(int(np.argmax(np.where(candidates, score, -1.0))))
        rows = rows * S[:, columns[-1]]


def _closed(S: np.ndarray, rows: np.ndarray) -> Biclique:
    """The columns that all these rows (a mask) have, and all rows that have these columns."""
    columns = np.flatnonzero(rows.astype(S.dtype) @ S == rows.sum())
    return Biclique(np.flatnonzero(S[:, columns].all(axis=1)), columns)


def _worth(height: int, width: int, k: int) -> int:
    return max(height - k, 0) * max(width - k, 0)
