"""The forms that a block's description can take: what is sent, how it is coded, what the receiver makes of it.

A sender describes its block in every form that its terms allow, and says the shortest.
"""

from collections.abc import Iterator
from typing import Any, Literal, Protocol

import numpy as np

from wlra_dist.codecs.base.codec import Codec
from wlra_dist.forms.by_component import ByComponent as ByComponent
from wlra_dist.forms.by_component import are_alike as are_alike
from wlra_dist.forms.by_component import by_component as by_component
from wlra_dist.forms.exact import Exact as Exact
from wlra_dist.forms.exact_code import Likely as Likely
from wlra_dist.forms.plain import Plain as Plain
from wlra_dist.forms.rounded import Rounded as Rounded
from wlra_dist.forms.sent import Foreseen as Foreseen
from wlra_dist.forms.sent import Proposal as Proposal
from wlra_dist.forms.sent import Sent as Sent
from wlra_dist.forms.shortest import one_of as one_of
from wlra_dist.forms.shortest import shortest as shortest
from wlra_dist.forms.skeleton import ColumnsAndRows as ColumnsAndRows
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock

Code = Literal["auto", "paper", "float32", "float64"]


class Form(Protocol):
    """One way to describe a block of A."""

    def code(self, W: Weights) -> Codec[Any]:
        """How a description travels."""
        ...

    def descriptions(self, block: Sent, S: np.ndarray, goal: float) -> Iterator[Any]:
        """Descriptions by (the first of) the columns S whose loss the sender knows to be within the goal."""
        ...

    def block(self, description: Any, W: Weights) -> ReweightedBlock:
        """What the receiver makes of one."""
        ...
