"""What a family of hard inputs is worth: the bits that a protocol must send to tell them apart."""

from math import inf
from typing import Any, NamedTuple


class Family(NamedTuple):
    """Inputs from which A is drawn, no two of which have an accurate output in common.

    Attributes:
        entropy: N, the bits of A.
        choices: log2 of how many inputs there are; N where all are equally likely.
        kappa: outputs are accurate that lose less than kappa·OPT, a factor of squares.
    """

    entropy: float
    choices: float
    kappa: float = inf

    def facts(self) -> dict[str, Any]:
        """What a record tells of it."""
        limit = {} if self.kappa == inf else {"kappa_limit": self.kappa}
        return {"N": self.entropy, **limit}
