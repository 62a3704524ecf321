"""The shortest of a block's descriptions: forms that foresee their bits are asked only where they may win."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from wlra_dist.codecs.base.choice import Choice, OneOf
from wlra_dist.forms.sent import Foreseen, Proposal, Sent
from wlra_dist.weights import Weights

if TYPE_CHECKING:
    from wlra_dist.forms import Form

_SURELY = 0.95
"""What is foreseen to be longer than the best by more than the model is wrong is not looked for."""


def one_of(forms: "Sequence[Form]", W: Weights) -> OneOf:
    """The code of a description: which form, then the form's own."""
    return OneOf([form.code(W) for form in forms])


def shortest(forms: "Sequence[Form]", block: Sent, S: np.ndarray, goal: float) -> Choice | None:
    """The shortest description of the block within the goal: the number of its form, and what that form sends."""
    code = one_of(forms, block.W)
    best, least = None, np.inf
    for which, proposal in _proposed(forms, block, S, goal):
        description = proposal.describe() if proposal.bits * _SURELY <= least else None
        bits = np.inf if description is None else code.bits(Choice(which, description))
        if description is not None and bits < least:
            best, least = Choice(which, description), bits
    return best


class _Proposed(NamedTuple):
    which: int
    proposal: Proposal


def _proposed(forms: "Sequence[Form]", block: Sent, S: np.ndarray, goal: float) -> Iterator[_Proposed]:
    """What the forms may say: first that of which nothing is foreseen, then what is likely to be the shortest."""
    foreseen: list[_Proposed] = []
    for which, form in enumerate(forms):
        if isinstance(form, Foreseen):
            foreseen += [_Proposed(which, proposal) for proposal in form.proposals(block, S, goal)]
        else:
            for description in form.descriptions(block, S, goal):
                yield _Proposed(which, Proposal(0.0, lambda description=description: description))
    yield from sorted(foreseen, key=lambda proposed: proposed.proposal.bits)
