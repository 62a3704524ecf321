"""The protocol chosen by what is public: W, sizes, options. All parties choose alike, and nothing need be said of it.

The prices are rules of thumb, numbers times bits, fitted to `benchmarks/games/protocols.py`; they decide on bits alone.
What depends on A, such as equal columns or how fast its spectrum falls, is not public, and so is not seen here.
"""

from collections.abc import Sequence
from typing import NamedTuple

from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.cross.cross import cross
from wlra_dist.protocols.one_round.local_budget import local_budget
from wlra_dist.protocols.one_round.one_round import one_round
from wlra_dist.protocols.parts import Deal, Width, all_parts, no_own_tails
from wlra_dist.protocols.protocol import Protocol
from wlra_dist.protocols.rounded.rounded import rounded
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.rank import examine
from wlra_dist.weights.reweighted import ReweightedSolution

_PLAY: dict[str, Protocol] = {
    "one_round": one_round,
    "local_budget": local_budget,
    "rounded": rounded,
    "cross": cross,
}

_FACTOR_BITS, _ENTRY_BITS, _CROSS_BITS = 3.0, 3.1, 2.1
"""Of a number of a server's factors, of an entry of B, and of a row or column of `cross`, on average."""

_LAST_DIGITS = 50.0
"""Bits of a number that must be told exactly, as where a server has no tail of its own to go by."""

_SERVER_BITS = 200.0
"""Headers and requests of `cross` to a server."""

_CURVE_BITS, _DEALT = 110.0, 0.95
"""A server's curve in `local_budget`, and what it is dealt; and the part of the bits that is left if blocks differ."""


class ProtocolChoice(NamedTuple):
    """What is played, and why.

    Attributes:
        name: of the protocol.
        reason: in a few words.
        bits: about what it will take.
        runner_up: the next best that promises as much, None if there is no other.
        runner_up_bits: about what that would take.
        by_estimate: the protocol that would save half of the bits if a promise by estimate were enough, if one would.
        by_estimate_bits: about what that would take.
    """

    name: str
    reason: str
    bits: float
    runner_up: str | None
    runner_up_bits: float | None
    by_estimate: str | None
    by_estimate_bits: float | None


def auto(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """The protocol that public facts let expect to take the fewest bits for the promise that is asked for."""
    return _PLAY[choose(W, terms).name](game, servers, coordinator, A, W, terms)


def choose(W: PerParty[Weights], terms: Terms) -> ProtocolChoice:
    """The choice for W as it was dealt, on these terms."""
    certain = _certain(W, terms)
    estimated = _by_estimate(W, terms)
    known = {**certain, **estimated} if terms.promise == "estimate" else certain
    ranked = sorted(known, key=lambda name: known[name])
    name, bits = ranked[0], known[ranked[0]]
    other = ranked[1] if len(ranked) > 1 else None
    cheaper = min(estimated, key=lambda name: estimated[name], default=None)
    if cheaper is None or terms.promise == "estimate" or estimated[cheaper] > bits / 2:
        cheaper = None
    return ProtocolChoice(
        name, _reason(name, len(W)), bits, other, known[other] if other else None,
        cheaper, estimated[cheaper] if cheaper else None,
    )  # fmt: skip


def _certain(W: PerParty[Weights], terms: Terms) -> dict[str, float]:
    """About the bits of the protocols whose promise is certain."""
    held = [each for widths in Deal(W, all_parts(W, terms)).widths for each in widths]
    factors = sum(_numbers(each, terms) for each in held)
    local: dict[str, float] = {"one_round": _FACTOR_BITS * factors}
    if len(W) > 1:
        local["local_budget"] = _DEALT * _FACTOR_BITS * factors + _CURVE_BITS * len(W)
    if not terms.rounds_all or examine(W.whole, terms.r).off is None:
        return local
    if no_own_tails(W, terms):  # to the last digit, as nobody knows what may be left
        local = {"one_round": _LAST_DIGITS * factors}
    return {**local, "rounded": _ENTRY_BITS * sum(n * d for n, d in (part.shape for part in all_parts(W, terms)))}


def _by_estimate(W: PerParty[Weights], terms: Terms) -> dict[str, float]:
    """The same of those whose promise goes by estimates."""
    if terms.rounds_all and examine(W.whole, terms.r).off is not None:
        epsilon = min(terms.epsilon, 1.0)
        parts = [(part.K, *part.shape) for part in all_parts(W, terms)]
        numbers = sum(K * ((2.1 + 0.24 / epsilon) * n + (5.5 + 1.25 / epsilon) * d) for K, n, d in parts)
        return {"cross": _CROSS_BITS * numbers + _SERVER_BITS * len(W)}
    return {}


def _numbers(held: Width, terms: Terms) -> float:
    """Of factors of rank K of a server's columns of a part, or of these if they are fewer."""
    K, s = held.part.K, min(held.part.shape[0], terms.sparsity or held.part.shape[0])
    return min(K * (s + held.d), s * held.d)


def _reason(name: str, m: int) -> str:
    """Why this one, in a few words."""
    if name in ("one_round", "local_budget"):
        few = "too little is said to be dealt out" if name == "one_round" else "what one saves another may spend"
        return "a single server" if m == 1 else f"{m} servers describe their own columns, and {few}"
    if name == "rounded":
        return f"{m} servers have too few columns each for factors of their own"
    return f"an estimate will do, and {m} servers share one fit"
