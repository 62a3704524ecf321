"""The methods of an experiment: a name of the solvers' table, or a table of options with that `name`."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wlra_dist.solvers import SOLVERS, Solution, solve
from wlra_dist.solvers.methods import Solvers
from wlra_dist.solvers.solve import Progress
from wlra_dist.weights import Weights

Stated = str | dict[str, Any]
"""What a scenario says of a method: `"em"`, or `{ name = "em", iterations = 100 }`."""

OF_K = "k"
"""The value of an option that is to be the target rank: `{ name = "reweighted_svd", rank = "k" }`."""


@dataclass(frozen=True)
class Method:
    """A solver, or several joined by "+", with options; `solvers` says what the names mean."""

    name: str
    options: dict[str, Any]
    solvers: Solvers = field(default_factory=lambda: SOLVERS, repr=False)

    @classmethod
    def of(cls, stated: Stated, solvers: Solvers = SOLVERS) -> "Method":
        options = {"name": stated} if isinstance(stated, str) else dict(stated)
        return cls(str(options.pop("name", "")), options, solvers)

    @property
    def label(self) -> str:
        """What tables and pictures call it: "em", "em iterations=100"."""
        return " ".join([self.name, *(f"{name}={value}" for name, value in self.options.items())])

    def options_at(self, k: int) -> dict[str, Any]:
        """The options for target rank k."""
        return {name: k if value == OF_K else value for name, value in self.options.items()}

    def __call__(self, A: np.ndarray, W: Weights, k: int, seed: int, progress: Progress | None = None) -> Solution:
        """The solution of rank k; KeyboardInterrupt where `solve` would return what it has."""
        asked: dict[str, Any] = {"certify": False, "progress": progress, "solvers": self.solvers}
        solution = solve(A, W, k, self.name, rng=seed, **asked, **self.options_at(k))
        if solution.stopped == "interrupted":
            raise KeyboardInterrupt
        return solution
