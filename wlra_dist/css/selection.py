"""What a column subset selector is given and what it answers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.brief import brief
from wlra_dist.inputs.given import given_integer
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix


@dataclass(frozen=True)
class Stop:
    """When to stop: at whichever comes first; with neither, at rounding noise, which ends every selection.

    Parameters
    ----------
    count
        So many columns.
    residual
        As soon as ‖B − CC⁺B‖_F² is no more than this, in units of B's squares.
    """

    count: int | None = None
    residual: float | None = None

    def __post_init__(self) -> None:
        if self.count is not None:
            given_integer(self.count, "count", least=0)
        if self.residual is not None and not self.residual >= 0:
            raise InputError(f"expected a residual of at least 0, found {self.residual}")

    def limit(self, B: Matrix) -> int:
        """The most columns that may be chosen from B: no more than its rank can be."""
        return min(*shape_of(B), *(() if self.count is None else (self.count,)))


@dataclass(frozen=True, eq=False)
class Selection:
    """The columns that were chosen.

    Parameters
    ----------
    columns
        Their numbers (int64), each once, in the order chosen.
    """

    columns: np.ndarray

    def __repr__(self) -> str:
        return brief(self)


class Selector(Protocol):
    """Proposes columns of B (n×d); its dataclass fields are the scenario's options.

    A proposal keeps `stop.count` and goes by the selector's own idea of the residual: a sketch, a Gram
    matrix or none at all. `select` is what holds it to the truth. It has no column twice and none without
    energy.
    """

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        """Proposes columns of B; coins come from `rng` alone."""
        ...
