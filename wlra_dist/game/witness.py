"""Who looks on: shown what is public of each step, and what is received, and changing nothing."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.relayed import Words
from wlra_dist.game.ledger import Entry
from wlra_dist.game.located import Party


def _ignore(*_: Any) -> None:
    """Nothing is made of what is seen."""


class Witness(NamedTuple):
    """Two functions that a game calls as it goes on.

    Attributes:
        computes: is told of each step its party, its function, and by place or name those arguments that are public.
        hears: is given what a party of this process receives: the message's row, its code, its words and their value.
    """

    computes: Callable[[Party, Callable[..., Any], Mapping[str, Any]], object] = _ignore
    hears: Callable[[Entry, Codec[Any], Words, Any], object] = _ignore
