"""The protocol chosen by what is public: W, sizes, options. All parties choose alike, and nothing need be said of it.

The prices are rules of thumb, numbers times bits, fitted to `benchmarks/games/protocols.py`; they decide on bits alone.
What depends on A, such as equal columns or how fast its spectrum falls, is not public, and so is not seen here.
"""

from collections.abc import Sequence
from typing import NamedTuple

from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.cross.cross import cross, looks_at
from wlra_dist.protocols.cross.everyone import suits
from wlra_dist.protocols.cross.fresh_rows import fresh_rows
from wlra_dist.protocols.one_round.local_budget import local_budget
from wlra_dist.protocols.one_round.one_round import one_round
from wlra_dist.protocols.parts import Deal, Part, Width, all_parts, no_own_tails
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

_FACTOR_BITS, _NARROW_BITS, _NARROWEST = 2.65, 0.05, 0.06
"""Of a number of a server's factors; what few columns add, over d_i/K − 1, as their own tail is little; its least."""

_ENTRY_BITS, _CROSS_BITS, _FRESH_BITS = 2.8, 2.1, 3.5
"""Of an entry of B, of a row or column of `cross`, and of rows that prove its fit, on average."""

_TO_BE_PROVEN = 2.0
"""How many times the bits of `cross` a fit takes that can be proven."""

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


def goes_by_fit(protocol: Protocol, W: PerParty[Weights], terms: Terms) -> bool:
    """Whether what is played is `cross`, and its fit says all that matters."""
    played = _PLAY[choose(W, terms).name] if protocol is auto else protocol
    return played is cross and suits(W, terms)


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
    factors = sum(_numbers(each, terms) * _bits_of_factors(each) for each in held)
    alone = factors
    rounds_all = terms.rounds_all and examine(W.whole, terms.r).off is not None
    if rounds_all and len(W) > 1:  # a server without a tail of its own: to the last digit, as it knows of no other
        alone = sum(_numbers(each, terms) * (_LAST_DIGITS if each.d <= each.part.K else _bits_of_factors(each))
                    for each in held)  # fmt: skip
    local = {"one_round": alone}
    if len(W) > 1 and not (rounds_all and no_own_tails(W, terms)):
        local["local_budget"] = _DEALT * factors + _CURVE_BITS * len(W)
    if not rounds_all:
        return local
    return {**local, "rounded": _ENTRY_BITS * sum(n * d for n, d in (part.shape for part in all_parts(W, terms)))}


def _by_estimate(W: PerParty[Weights], terms: Terms) -> dict[str, float]:
    """The same of those whose promise goes by estimates."""
    if not terms.rounds_all or examine(W.whole, terms.r).off is None:
        return {}
    return {"cross": sum(_bits_of_a_look(part, terms) for part in all_parts(W, terms)) + _SERVER_BITS * len(W)}


def _bits_of_a_look(part: Part, terms: Terms) -> float:
    """Of `cross` at a part, but for what each server costs."""
    (n, d), K, epsilon = part.shape, part.K, min(terms.epsilon, 1.0)
    if not looks_at(part, terms):
        return _ENTRY_BITS * n * d
    bits = _CROSS_BITS * K * ((2.1 + 0.24 / epsilon) * n + (5.5 + 1.25 / epsilon) * d)
    return bits if terms.certificate != "rows" else _TO_BE_PROVEN * bits + _FRESH_BITS * fresh_rows(part) * d


def _bits_of_factors(held: Width) -> float:
    """Of a number of the factors of a server's columns of a part."""
    return _FACTOR_BITS + _NARROW_BITS / max(held.d / max(held.part.K, 1) - 1, _NARROWEST)


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
