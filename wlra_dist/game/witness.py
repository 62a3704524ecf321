"""Who looks on: shown what is public of each step, and what is received, and changing nothing."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.relayed import Words
from wlra_dist.game.book import Entry
from wlra_dist.game.located import Party


class Witness(NamedTuple):
    """Two functions that a game calls as it goes on, where there are any.

    Attributes:
        computes: is told of each step its party, its function, and by place or name those arguments that are public.
        hears: is given what a party of this process receives: the message's row, its code, its words and their value.
    """

    computes: Callable[[Party, Callable[..., Any], Mapping[str, Any]], object] | None = None
    hears: Callable[[Entry, Codec[Any], Words, Any], object] | None = None
