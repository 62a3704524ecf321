"""A hard input for a given W: written into an induced block matching of its support."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.numbers import Rank, Seed, Size
from wlra_dist.instances.family import Family
from wlra_dist.instances.from_files import Files
from wlra_dist.instances.hard.drawn import Bits
from wlra_dist.instances.hard.written import Written
from wlra_dist.instances.instance import Instance, Share
from wlra_dist.weights import Weights
from wlra_dist.weights.components import Component
from wlra_dist.weights.induced import induced_matching
from wlra_dist.weights.rank import MOST, least_rank


@dataclass(frozen=True)
class Matching:
    """W from a file forces at least N bits on this A: uniform bits in blocks of W that see nothing of each other.

    A search finds blocks of s rows and at most k columns; each of their entries is a bit, and all else in A is 0. OPT
    is 0, and N is the number of entries that carry bits.

    Args:
        W: path of the weights.
        s: rows of a block.
        k: target rank.
        r: the rank that W is said to have; else the least up to 16 that it is known to have, or min(n, d).
        W_name: the array in a file of several.
        seed: of the bits.
    """

    PATHS: ClassVar = ("W",)
    """The options that a scenario states relative to its own file."""

    W: str
    s: Size
    k: Rank
    r: Rank | None = None
    W_name: str | None = None
    seed: Seed = 0

    def open(self, share: Share) -> Instance:
        """One process searches for the matching; InputError where W has none."""
        given = self._files.open(share)
        found = share(lambda: _as_arrays(given.weights, self.s, self.k))
        blocks = [_block(found, number) for number in range(int(found["columns"].max()) + 1)]
        written = Written(given.shape, blocks, Bits(self.s, self.seed).column)
        N = self.s * sum(len(block.columns) for block in blocks)
        family = Family(N, N)
        return replace(
            given,
            r=self.r or int(found["r"]),
            block=written.block,
            integer=bool(found["integral"]),
            bound=1 if found["integral"] else None,
            sparsity=self.s,
            family=family,
            facts=family.facts() | {"blocks": len(blocks)},
            check=written.check,
        )

    def weights_for(self, shape: tuple[int, int]) -> Weights:
        """W of this shape, without a search."""
        return self._files.weights_for(shape)

    @property
    def _files(self) -> Files:
        """W as a matrix of its own weights."""
        return Files(A=self.W, A_name=self.W_name, W=self.W, W_name=self.W_name, k=self.k, r=self.r)


def _as_arrays(W: Weights, s: int, k: int) -> dict[str, np.ndarray]:
    """For each row and each column its block, or −1; a rank that W does not exceed; and whether W is integral."""
    try:
        blocks = induced_matching(W, s, k)
    except ValueError as error:
        raise InputError(str(error)) from error
    if not blocks:
        raise InputError(f"expected a W with a column of {s:,} positive weights or more, found none; try a smaller s")
    rows, columns, dense = np.full(W.shape[0], -1), np.full(W.shape[1], -1), W.dense(slice(None))
    for number, block in enumerate(blocks):
        rows[block.rows] = columns[block.columns] = number
    r, integral = least_rank(W, MOST) or min(W.shape), bool((dense == np.rint(dense)).all())
    return {"rows": rows, "columns": columns, "r": np.array(r), "integral": np.array(integral)}


def _block(found: dict[str, np.ndarray], number: int) -> Component:
    return Component(np.flatnonzero(found["rows"] == number), np.flatnonzero(found["columns"] == number))
