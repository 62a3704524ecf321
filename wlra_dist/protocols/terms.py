"""What the parties agree on before the game; all of it public, all of it in the run's record."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlra_dist.codecs import ColumnsAndX, SparseColumns
from wlra_dist.css import Selector
from wlra_dist.optimum import QUICK, Effort
from wlra_dist.weights import Weights

Code = Literal["paper", "float32", "float64"]


@dataclass(frozen=True)
class Terms:
    """The public facts that a protocol works with.

    Attributes:
        k: the target rank.
        r: the rank of W that the problem states.
        epsilon: the accuracy; each server aims at (1+ε) times its own optimum.
        word: ⌈log2(nd)⌉, the bits of a number in the paper's count.
        bound: the entry bound of an integer game (Def 1.4); None where A is real.
        sparse: whether A's blocks are sparse.
        width: bits of a real entry of A as it is held: 32 or 64.
        selector: how columns are chosen.
        effort: what the lower bounds on OPT may cost.
        columns: if given, the number of columns of each server, in place of an accuracy.
        code: "paper" for support plus values and coefficients of as few bits as the accuracy allows, from a word
            up; "float64" and "float32" for what plain software would send.
    """

    k: int
    r: int
    epsilon: float
    word: int
    bound: int | None
    sparse: bool
    width: Literal[32, 64]
    selector: Selector
    effort: Effort = QUICK
    columns: int | None = None
    code: Code = "paper"

    @property
    def integer(self) -> bool:
        return self.bound is not None

    def columns_code(self, W: Weights, S: np.ndarray | slice = slice(None)) -> SparseColumns:
        """The code of the columns S of a block."""
        return SparseColumns(W, S, self._entry_bound, self.sparse, self._entry_width)

    def block_code(self, W: Weights) -> ColumnsAndX:
        """The code of C and X of a block."""
        return ColumnsAndX(W, self._entry_bound, self.sparse, self._entry_width)

    @property
    def _entry_bound(self) -> int | None:
        return self.bound if self.code == "paper" else None

    @property
    def _entry_width(self) -> Literal[32, 64]:
        widths: dict[Code, Literal[32, 64]] = {"paper": self.width, "float32": 32, "float64": 64}
        return widths[self.code]

    @property
    def coefficient_widths(self) -> list[int]:
        """The bits of a coefficient that a sender may try, fewest first; 64 is floating point."""
        first = {"paper": max(2, self.word), "float32": 32, "float64": 64}[self.code]
        return [*range(min(first, 64), 54, 4), 64]
