"""What a game is played on: W for everybody, and A by column blocks on demand.

Rule 1: a column of A depends on the options and on its own index, never on the block it is asked for in, so
that every partition among servers and every number of processes plays the same A, bit for bit. Rule 2: a
process makes only the columns that it plays. What is costly, or could come out differently on another
machine (the training of a network), is made once and shared.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.brief import brief
from wlra_dist.instances.family import Family
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.weights import Weights
from wlra_dist.weights.border import LEAST, MOST, supported, survey

Columns: TypeAlias = slice | np.ndarray
"""Some columns of A: a slice, or their indices."""

Entries: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""entries(i, j): the values Ã[i, j] of an output, i and j integer arrays of one shape."""

Share: TypeAlias = Callable[[Callable[[], dict[str, np.ndarray]]], dict[str, np.ndarray]]
"""share(make): runs make() on one process and hands its arrays to all; every process calls it alike."""


@dataclass(frozen=True, eq=False)
class Instance:
    """A game's input: W is public, A is dealt in column blocks.

    Parameters
    ----------
    shape
        N, d.
    k
        The target rank.
    r
        The rank of W that the problem states.
    weights
        W (n×d).
    block
        These columns of A as they lie there: a float array in C order or a csc_array; anything where W is 0.
    integer
        A and W are integral (Def 1.4), so the receiver may round.
    bound
        The public bound max |A_ij| of an integer game.
    sparsity
        S, the largest number of nonzeros in a column of A on supp(W), where known.
    grid
        Rows and columns of the image whose pixels the rows of A are, row by row, if they are.
    facts
        What the record should tell beside the options.
    family
        The hard inputs from which A is drawn, if it is.
    check
        The referee's own test of an output.
    """

    shape: tuple[int, int]
    k: int
    r: int
    weights: Weights
    block: Callable[[Columns], Matrix]
    integer: bool = False
    bound: int | None = None
    sparsity: int | None = None
    grid: tuple[int, int] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    family: Family | None = None
    check: Callable[[Entries], dict[str, Any]] | None = None

    def __repr__(self) -> str:
        return brief(self)

    def columns(self, columns: Columns) -> Matrix:
        """These columns of A as they are played: 0 where W is 0, the rest finite; InputError for an unfit entry."""
        W = self.weights.block(columns)
        A = supported(self.block(columns), W)
        seen = survey(A, W, indices(columns, self.shape[1]))
        for name, size in (("A", seen.entry), ("W", seen.weight)):
            if size and not LEAST <= size**2 <= MOST:  # protocols look at either alone
                limits = f"between {LEAST**0.5:.1g} and {MOST**0.5:.1g}"
                raise InputError(f"expected the largest of {name} {limits}, found {size:.3g}: divide {name} by it")
        return A


def alone(make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The `Share` of a process that is on its own."""
    return make()


def indices(columns: Columns, d: int) -> np.ndarray:
    """The indices of some columns out of d (int64)."""
    return np.arange(d)[columns]


def require_ranks(k: int, r: int, n: int, d: int) -> None:
    """ValueError unless k < min(n, d), which leaves something to approximate, and r ≤ min(n, d)."""
    if k >= min(n, d):
        raise ValueError(f"the target rank k = {k} must be less than min(n, d) = {min(n, d)}")
    if r > min(n, d):
        raise ValueError(f"the rank r = {r} of W must be at most min(n, d) = {min(n, d)}")
