"""A block of nearly equal rows and columns: the group of each, and columns and coefficients of one entry for each pair.

Theorem. Let W be equal on the rows of a group and on the columns of a group, with μ_g rows in group g and ν_h columns
in group h, and let B̄_gh be the mean of B = W∘A on them. If Ẑ is p×q and B̂ has Ẑ_gh/√(μ_g ν_h) on groups g and h, then
‖B − B̂‖² = Σ_gh Σ_ij (B_ij − B̄_gh)² + ‖Z − Ẑ‖², where Z_gh = √(μ_g ν_h)·B̄_gh.

Proof. On each pair of groups B − B̄ sums to 0 and B̄ − B̂ is constant: they are orthogonal, and the latter has the
square μ_g ν_h·(B̄_gh − B̂_gh)². ∎

So what differs within groups is paid once, what is left of the goal is for the p×q problem (Woodruff & Yasuda, Cor 1.3,
with multiplicities as weights), and W^{∘-1}∘B̂ has the rank of Ẑ in factors whose rows repeat.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.choice import Choice, OneOf
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.css import SELECTORS
from wlra_dist.forms.by_component import factors
from wlra_dist.linalg.blocks import energy
from wlra_dist.linalg.matrix import Matrix, dense
from wlra_dist.linalg.spectral.spectrum import roundoff_energy
from wlra_dist.protocols.distinct.clusters import MOST, means, nearly_equal
from wlra_dist.protocols.distinct.labels import LabelsBeside, kinds_of_weights, labels_beside
from wlra_dist.protocols.steps import choose, described, fit, goal, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import LowRankWeights, Weights
from wlra_dist.weights.grouping import Groups
from wlra_dist.weights.loss import weighted_loss
from wlra_dist.weights.reweighted import ReweightedBlock

_SHARES = (0.98, 0.9, 0.6)
"""Parts of the goal that may differ within groups: fewer groups, or coarser numbers."""


class NearTable(NamedTuple):
    """W∘A ≈ a table of p×q entries, spread over groups of rows and of columns.

    Attributes:
        rows: the group of each row (n); None if it is known.
        columns: the group of each column (d).
        height: p.
        table: Z, described as a block of p×q under weights of ones.
    """

    rows: np.ndarray | None
    columns: np.ndarray
    height: int
    table: Choice


@dataclass(frozen=True, eq=False)
class NearTableCode:
    """Near tables of an n×d block.

    Attributes:
        kinds: the groups of equal weights, which the labels are told beside; None where they are not asked for.
    """

    n: int
    d: int
    terms: Terms
    kinds: Callable[[], Groups] | None

    @property
    def limit(self) -> int:
        labels = sum(labels.limit for labels in self._labels)
        return 1 + labels + Count(MOST).limit + _code(MOST, MOST, self.terms).limit

    def bits(self, value: NearTable) -> int:
        return encode(self, value).bits

    def write(self, value: NearTable, out: BitWriter) -> None:
        rows, columns = self._labels
        out.uint(value.rows is not None, 1)
        if value.rows is not None:
            with out.part("rows"):
                rows.write(value.rows, out)
        with out.part("columns"):
            columns.write(value.columns, out)
        Count(MOST).write(value.height, out)
        _code(value.height, _count(value.columns), self.terms).write(value.table, out)

    def read(self, bits: BitReader) -> NearTable:
        of_rows, of_columns = self._labels
        rows = None
        if bits.uint(1):
            with bits.part("rows"):
                rows = of_rows.read(bits)
        with bits.part("columns"):
            columns = of_columns.read(bits)
        height, width = Count(MOST).read(bits), _count(columns)
        if not 0 < height <= self.n or width > MOST or (rows is not None and height != _count(rows)):
            raise DecodeError(f"a table of {height}×{width} came for {self.n} rows")
        return NearTable(rows, columns, height, _code(height, width, self.terms).read(bits))

    @property
    def _labels(self) -> tuple[LabelsBeside, LabelsBeside]:
        return labels_beside(self.n, self.d, self.kinds)


def near_table(A: Matrix, W: Weights, coins: np.random.Generator, *, terms: Terms) -> NearTable | None:
    """The shortest that is found within (1+ε)·LB: the sender measures the loss of what the receiver makes of it.

    None where weights have too many kinds of rows or columns, where only rounding may be lost, and where A is sparse.
    """
    kinds = kinds_of_weights(W)
    if terms.code != "auto" or terms.columns or not isinstance(A, np.ndarray) or kinds is None or _too_many(kinds()):
        return None
    code = NearTableCode(*W.shape, terms, kinds)
    B = np.asarray(weighted_block(A, W), dtype=float)
    least = goal(A, W, B, terms=terms)
    if least <= roundoff_energy(B):
        return None
    found = [_described(B, kinds(), share * least, least, coins, terms) for share in _SHARES]
    kept = [each for each in found if each is not None and weighted_loss(A, near_block(each, W, terms)) <= least]
    return min(kept, key=code.bits, default=None)


def near_block(near: NearTable, W: Weights, terms: Terms) -> ReweightedBlock:
    """Ã_i = W_i^{∘-1}∘B̂_i, from a table whose rows are known."""
    assert near.rows is not None, "a table is spread over known rows"
    heights, widths = (np.sqrt(np.bincount(groups)) for groups in (near.rows, near.columns))
    ones = _ones(len(heights), len(widths))
    L, X = factors(described(near.table, ones, terms=_on_tables(terms)))
    tall, wide = dense(L) / heights[:, None], X / widths
    return ReweightedBlock(W, np.zeros(0, dtype=np.int64), tall[near.rows], wide[:, near.columns], weighted=True)


def _described(
    B: np.ndarray, kinds: Groups, within: float, goal: float, coins: np.random.Generator, terms: Terms
) -> NearTable | None:
    """With about so much within groups; None if they are too many, or more than the goal is within them."""
    groups = nearly_equal(B, kinds, within)
    if groups is None:
        return None
    rows, columns = groups
    table = means(means(B, rows).T, columns).T * np.sqrt(np.outer(np.bincount(rows), np.bincount(columns)))
    left = goal - (energy(B) - energy(table))
    if left <= 0:
        return None
    terms, ones = _on_tables(terms), _ones(*table.shape)
    S = choose(table, left, coins, terms=terms)
    return NearTable(rows, columns, len(table), fit(table, ones, table, S, left, coins, terms=terms))


def _on_tables(terms: Terms) -> Terms:
    """Tables are dense and real, and their rows are no pixels."""
    return replace(terms, bound=None, sparse=False, width=64, grid=None, selector=SELECTORS["auto"]())


def _code(p: int, q: int, terms: Terms) -> OneOf:
    return _on_tables(terms).block_code(_ones(p, q))


def _ones(p: int, q: int) -> Weights:
    return LowRankWeights(np.ones((p, 1)), np.ones((1, q)))


def _count(groups: np.ndarray) -> int:
    return int(groups.max(initial=-1)) + 1


def _too_many(groups: Groups) -> bool:
    return any(_count(each) > MOST for each in groups)
