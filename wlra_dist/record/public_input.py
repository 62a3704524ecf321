"""What everybody knows of a game's input beside W: all that a replay is told of A."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar, Literal

import numpy as np

from wlra_dist.inputs.numbers import Size
from wlra_dist.instances import Columns, Instance, indices
from wlra_dist.instances.family import Family
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.record.summary import plain
from wlra_dist.weights import Weights


@dataclass(frozen=True)
class PublicFamily:
    """A `Family` in JSON's own types: a kappa of ∞ is None."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    entropy: int | float
    choices: int | float
    kappa: int | float | None

    @classmethod
    def of(cls, family: Family) -> "PublicFamily":
        return cls(**plain(family._asdict()))

    def family(self) -> Family:
        return Family(self.entropy, self.choices, inf if self.kappa is None else self.kappa)


@dataclass(frozen=True)
class PublicInput:
    """The facts of an instance that its parties agree on.

    Attributes:
        n, d: the shape of A.
        k, r: the target rank, and the rank of W that the problem states.
        integer, bound: whether A is integral, and its public bound.
        sparsity: s, where known.
        sparse: whether blocks of A are sparse.
        width: bits of a real entry of A as it is held.
        facts: what the instance tells beside this.
        family: the hard inputs from which A is drawn, if it is.
        grid: of the image that rows are the pixels of, if they are.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    n: Size
    d: Size
    k: int
    r: int
    integer: bool
    bound: int | None
    sparsity: int | None
    sparse: bool
    width: Literal[32, 64]
    facts: dict[str, Any]
    family: PublicFamily | None
    grid: tuple[Size, Size] | None = None

    @classmethod
    def of(cls, instance: Instance) -> "PublicInput":
        nothing = instance.block(slice(0, 0))
        return cls(
            *instance.shape,
            k=instance.k,
            r=instance.r,
            integer=instance.integer,
            bound=instance.bound,
            sparsity=instance.sparsity,
            sparse=not isinstance(nothing, np.ndarray),
            width=32 if nothing.dtype == np.float32 else 64,
            facts=plain(instance.facts),
            family=None if instance.family is None else PublicFamily.of(instance.family),
            grid=instance.grid,
        )

    def instance(self, weights: Weights) -> Instance:
        """The instance, as far as it is public: a block of no columns is all there is of A."""
        return Instance(
            shape=(self.n, self.d),
            k=self.k,
            r=self.r,
            weights=weights,
            block=self._block,
            integer=self.integer,
            bound=self.bound,
            sparsity=self.sparsity,
            facts=self.facts,
            family=None if self.family is None else self.family.family(),
            grid=self.grid,
        )

    def _block(self, columns: Columns) -> Matrix:
        if len(indices(columns, self.d)):
            raise PermissionError("A is no part of what is public")
        make: Callable[..., Any] = np.zeros
        if self.sparse:
            from scipy.sparse import csc_array as make
        return make((self.n, 0), dtype=np.dtype(f"float{self.width}"))
