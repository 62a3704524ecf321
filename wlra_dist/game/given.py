"""What the parties of a step are given: each its own, or what is public.

Whether an argument is where it is used is decided of all parties on every process alike, so that a misuse raises
everywhere; what it is, only of those that are played here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from wlra_dist.game.located import Depths, Faceted, Facets, Located, Party, PerParty
from wlra_dist.game.runs import Same


class Given(NamedTuple):
    """An argument of a step.

    Attributes:
        depths: how many messages each party's piece follows from.
        piece: the piece of the party at a place, who is played here if it is not public.
        public: whether it is nobody's own.
    """

    depths: Depths
    piece: Callable[[int], Any]
    public: bool


def given_to(parties: Sequence[Party], argument: Any) -> Given:
    """The argument as these parties get it.

    Raises:
        PermissionError: it is at another party.
        ValueError: it has more pieces, or fewer, than there are parties.
    """
    match argument:
        case Located():
            _require_there(parties, Same(len(parties), argument.party))
            return Given(argument.depth, lambda _: argument._held, public=False)
        case Faceted():
            own = Facets.of(argument.facets)
            _require_pieces(own, parties)
            _require_there(parties, own.parties)
            return Given(own.depths, own._held.__getitem__, public=False)
        case PerParty():
            _require_pieces(argument, parties)
            return Given(0, argument.pieces.__getitem__, public=True)
    return Given(0, lambda _: argument, public=True)


def require_public(parties: Sequence[Party], keywords: Mapping[str, Any]) -> None:
    """PermissionError where a keyword is somebody's own."""
    for name, value in keywords.items():
        if isinstance(value, Located | Faceted) and len(parties):
            raise PermissionError(
                f"{parties[0]} cannot get {name}=… of a party: keywords are public, what is located comes first"
            )


def public_pieces(given: Sequence[Given], i: int) -> dict[str, Any]:
    """What the i-th party gets that is nobody's own, by place from 1."""
    return {f"argument {place}": each.piece(i) for place, each in enumerate(given, 1) if each.public}


def deepest(depths: Iterable[Depths]) -> Depths:
    """The depth of what follows from values of these."""
    most: Depths = 0
    for depth in depths:
        most = max(most, depth) if isinstance(most, int) and isinstance(depth, int) else np.maximum(most, depth)
    return most


def _require_pieces(pieces: Sequence[Any] | PerParty[Any], parties: Sequence[Party]) -> None:
    if len(pieces) != len(parties):
        raise ValueError(f"{len(parties)} parties expect as many pieces of an argument, {len(pieces)} came")


def _require_there(parties: Sequence[Party], where: Sequence[Party]) -> None:
    if parties is where or parties == where:
        return
    for party, there in zip(parties, where, strict=True):
        if party != there:
            raise PermissionError(f"{party} cannot use a value at {there}: send it first")
