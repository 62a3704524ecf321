"""Integer columns one after the other, each told from those before it.

An entry's context is whether the column most like this one has a nonzero in that row, and how many columns before
have. In each context a nonzero is as likely as it was so far; after each column the counts are brought up to date, so
sender and receiver know the same, and a column is coded in a few calls. Values follow by their histogram.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.digits import Spread
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.columns.layout import Layout
from wlra_dist.codecs.entropy.entropy import Model, reading_block, weighted, writing_block
from wlra_dist.codecs.entropy.histogram import Counted

_SEEN = 4
"""Contexts by the number of earlier columns in use there: 0, 1, 2, 3 or more."""

_LARGEST_ALPHABET = 1 << 12
"""A larger range of values is sent digit by digit: its histogram would cost more than it saves."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Supports by context, then the values of the nonzeros."""

    layout: Layout
    bound: int

    def write(self, values: np.ndarray, out: BitWriter) -> None:
        used = [column != 0 for column in np.split(values, np.cumsum(self.layout.sizes)[:-1])]
        total = sum(int(column.sum()) for column in used)
        context = _Context.of(self.layout, total)
        with out.part("support of C"):
            Count(self.layout.places).write(total, out)
            likes = context.choose(used)
            Counted(len(likes), len(likes) + 1).write(likes, out)
            with writing_block(out) as block:
                for j, column in enumerate(used):
                    for here, model in context.models(j, likes):
                        block.symbols(column[here], model)
                    context.learn(j, column)
        filled = values[values != 0]
        with out.part("values of C"):
            self._values(len(filled)).write(filled + self.bound, out)

    def read(self, bits: BitReader) -> np.ndarray:
        with bits.part("support of C"):
            total = Count(self.layout.places).read(bits)
            context = _Context.of(self.layout, total)
            c = len(self.layout.sizes)
            likes = Counted(c, c + 1).read(bits)
            if (likes > np.arange(c)).any():
                raise DecodeError("a column came that is like one after it")
            used = []
            with reading_block(bits, self.layout.places) as block:
                for j, size in enumerate(self.layout.sizes):
                    column = np.zeros(size, bool)
                    for here, model in context.models(j, likes):
                        column[here] = block.symbols(len(here), model) == 1
                    context.learn(j, column)
                    used.append(column)
        everywhere = np.concatenate([np.zeros(0, bool), *used])
        values = np.zeros(self.layout.places, dtype=np.int64)
        with bits.part("values of C"):
            values[everywhere] = self._values(int(everywhere.sum())).read(bits).astype(np.int64) - self.bound
        return values

    def _values(self, size: int) -> Counted | Spread:
        alphabet = 2 * self.bound + 1
        return Counted(size, alphabet) if alphabet <= _LARGEST_ALPHABET else Spread(size, alphabet - 1)


@dataclass(eq=False)
class _Context:
    """What sender and receiver both know before a column: the columns so far, and how often contexts had nonzeros."""

    layout: Layout
    seen: np.ndarray
    """Columns so far with a nonzero in each row, up to _SEEN − 1."""
    counts: np.ndarray
    """For each context, weights of a zero and of a nonzero."""
    columns: list[np.ndarray] = field(default_factory=list)
    """The rows that each column so far uses (bool, n)."""
    contexts: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @classmethod
    def of(cls, layout: Layout, total: int) -> "_Context":
        """At first a nonzero is as likely everywhere as it is on the whole."""
        density = (total + 0.5) / (layout.places + 1)
        start = np.tile([1 - density, density], (2 * _SEEN, 1))
        start[0] *= 64  # rows never used are most rows: what is known of the density weighs more there
        return cls(layout, np.zeros(len(layout.support), dtype=np.int64), start)

    def choose(self, used: list[np.ndarray]) -> np.ndarray:
        """For each column 0, or 1 + the earlier column that it shares most nonzeros with."""
        supports = np.zeros((len(used), len(self.layout.support)), dtype=np.float32)
        for row, column, support in zip(supports, used, self.layout.support.T, strict=True):
            row[support] = column
        shared = np.tril(supports @ supports.T, -1)
        best = shared.argmax(axis=1) if len(used) else np.zeros(0, dtype=np.int64)
        return np.where(shared.max(axis=1, initial=0) > 0, best + 1, 0)

    def models(self, j: int, likes: np.ndarray) -> Iterator[tuple[np.ndarray, Model]]:
        """The places of column j by context, each with its model."""
        support = self.layout.support[:, j]
        like = self.columns[likes[j] - 1][support] if likes[j] else np.zeros(int(support.sum()), bool)
        self.contexts = self.seen[support] + _SEEN * like
        for context in range(2 * _SEEN):
            here = np.flatnonzero(self.contexts == context)
            if len(here):
                yield here, weighted(self.counts[context])

    def learn(self, j: int, column: np.ndarray) -> None:
        """Takes column j into account."""
        self.counts[:, 1] += np.bincount(self.contexts, weights=column, minlength=2 * _SEEN)
        self.counts[:, 0] += np.bincount(self.contexts, weights=~column, minlength=2 * _SEEN)
        rows = np.zeros(len(self.seen), bool)
        rows[self.layout.support[:, j]] = column
        self.columns.append(rows)
        self.seen = np.minimum(self.seen + rows, _SEEN - 1)
