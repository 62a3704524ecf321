"""What the parties agree on before the game; all of it public, all of it in the run's record."""

from dataclasses import dataclass
from typing import Literal

from wlra_dist.codecs.base.choice import OneOf
from wlra_dist.css import Selector
from wlra_dist.forms import ByComponent, Code, ColumnsAndRows, Exact, Form, Likely, Plain, Rounded, by_component, one_of
from wlra_dist.inputs.brief import brief
from wlra_dist.optima import QUICK, Effort
from wlra_dist.weights import Weights

_PLAIN_SHARE, _COARSE_SHARE = 0.01, 0.5
"""Parts of a loss that selection leaves to rounding: to that of plain coefficients, and of coarse ones."""

Constants = Literal["theorem", "tuned"]


@dataclass(frozen=True)
class Terms:
    """The public facts that a protocol works with.

    Attributes
    ----------
    k
        The target rank.
    r
        The rank of W that the problem states.
    epsilon
        The accuracy; each server aims at (1+ε) times its own optimum.
    word
        The bits of a number in the paper's count, `bounds.word_bits`.
    bound
        The entry bound of an integer game (Def 1.4); None where A is real.
    sparse
        Whether A's blocks are sparse.
    width
        Bits of a real entry of A as it is held: 32 or 64.
    selector
        How columns are chosen.
    effort
        What the lower bounds on OPT may cost.
    columns
        If given, the number of columns of each server, in place of an accuracy; they are described plainly.
    code
        "auto" for the shortest of all forms; "paper" for support plus values and coefficients of as few bits as
        the accuracy allows (of one block by itself, from a word up); "float64" and "float32" for what plain
        software would send.
    iterations
        Of protocols that iterate, at most.
    coefficient
        The bits of a plain coefficient that are tried first, ⌈log2(nd)⌉; a word if not given.
    sparsity
        s, the nonzeros that a column may have, where known.
    grid
        Of the image that rows are the pixels of, if they are.
    promise
        How surely the accuracy is to be kept, for `auto`.
    delta
        The chance that a promise by estimate is broken.
    certificate
        What `cross` takes for evidence: its estimates, or fresh rows, which prove the promise but for delta.
    spare
        The part of the loss that is left to what is done with the output.
    constants
        Of a protocol whose theorem has large ones: these (of bwz from memory), or what suffices on most.
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
    code: Code = "auto"
    constants: Constants = "theorem"
    iterations: int = 10
    coefficient: int | None = None
    sparsity: int | None = None
    grid: tuple[int, int] | None = None
    promise: Literal["certain", "estimate"] = "certain"
    delta: float = 0.05
    certificate: Literal["estimate", "rows"] = "estimate"
    spare: float = 0.0

    def __repr__(self) -> str:
        return brief(self)

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms that a description may take, in the order that their numbers on the wire have."""
        if self.code != "auto" or self.columns:
            return (self.plain,)
        rounded = (Rounded(True, self.grid), Rounded(False, self.grid))
        if self.bound is None:
            return (*rounded, self.plain)
        exact = Exact(self.bound, self.sparse, Likely(self.k, self.sparsity))
        crossing = ColumnsAndRows(self.bound, self.sparse)
        return (exact, self.plain, crossing) if self.sparse else (exact, *rounded, self.plain, crossing)

    @property
    def factor(self) -> float:
        """How many times a bound on OPT a loss may be: 1 + ε, less what is spared."""
        return (1 + self.epsilon) * (1 - self.spare)

    @property
    def rounds_all(self) -> bool:
        """Whether A is dense and real, and its numbers may be rounded as coarsely as the accuracy allows."""
        return self.bound is None and not self.sparse and self.code == "auto" and not self.columns

    @property
    def plain(self) -> Plain:
        """Columns and X as the theorem counts them, or as plain software would send them."""
        as_held = self.code in ("auto", "paper")
        return Plain(
            bound=self.bound if as_held else None,
            integer=self.bound is not None,
            sparse=self.sparse,
            width=self.width if as_held else 32 if self.code == "float32" else 64,
            widths=self._coefficient_widths,
            share=self.rounding_share,
        )

    def by_component(self, W: Weights) -> list[ByComponent]:
        """Forms that a block with these weights may take beside `forms`."""
        return by_component(self.forms, W) if self.code == "auto" and not self.columns else []

    def forms_of(self, W: Weights) -> list[Form]:
        """Those that a block with these weights may take."""
        return [*self.forms, *self.by_component(W)]

    def block_code(self, W: Weights) -> OneOf:
        """The code of a block's description: which form, then the form's own."""
        return one_of(self.forms_of(W), W)

    @property
    def rounding_share(self) -> float:
        """The part of a server's loss that selection leaves to rounding.

        Plain coefficients need next to none, and never more than half of what ε gives: to ask for less than ‖B_{−K}‖²
        would cost columns. Where coefficients are coarse, more columns than are needed may make fewer bits.
        """
        if self.code == "auto" and not self.columns:
            return _COARSE_SHARE
        return min(_PLAIN_SHARE, self.epsilon / (1 + self.epsilon) / 2)

    @property
    def _coefficient_widths(self) -> tuple[int, ...]:
        """The bits of a coefficient that a sender may try, fewest first; 64 is floating point."""
        paper = max(2, self.coefficient or self.word)
        first = {"auto": paper, "paper": paper, "float32": 32, "float64": 64}[self.code]
        return (*range(min(first, 64), 54, 4), 64)
