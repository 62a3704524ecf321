"""Every server ends up with the solution: the coordinator passes on what it received, and each server replays it."""

from collections.abc import Sequence
from functools import partial

from wlra_dist.codecs.base.relayed import Relayed, Words
from wlra_dist.game import Coins, Faceted, Game, Located, Party, PerParty
from wlra_dist.game.relay import play_again
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.protocol import Protocol
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution


def everyone_outputs(
    protocol: Protocol,
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> tuple[Located[ReweightedSolution], Faceted[ReweightedSolution]]:
    """A protocol whose coordinator computes from what it received: the solution there, and at each server.

    The coordinator received b bits, of which server i sent b_i; it sends the other b − b_i bits to server i. So the
    total is b + Σ_i (b − b_i) = m·b. On Thm 1.5's instances no protocol does with less than m(N − 2·log2(3/2)), N = srk
    (`bounds.lower.everyone_bits`). On a blackboard everyone has read all messages, and none is passed on. The
    coordinator's own coins, if it flips any, must be public or sent.
    """
    assert not game.messages, "the game that is passed on begins here"
    solution = protocol(game, servers, coordinator, A, W, terms)
    received = [message for message in game.messages if message.receiver == coordinator]
    again = partial(_as_coordinator, protocol, servers, coordinator, A, W, terms, game.seed, game.coins)
    copies: list[Located[ReweightedSolution]] = []
    for server in servers:
        own = [message.step for message in received if message.sender == server]
        others = [message for message in received if message.sender != server]
        steps = [message.step for message in others]
        code = Relayed([message.limit for message in others], terms.word)
        passed_on = game.at(coordinator, _in_order, game.words(coordinator, steps))
        relayed = game.send(passed_on, server, code, "what the others said", copy=1)
        copies.append(game.at(server, partial(again, steps), relayed, game.words(server, own)))
    return solution, Faceted(copies)


def _in_order(words: dict[int, Words]) -> list[Words]:
    return [words[step] for step in sorted(words)]


def _as_coordinator(
    protocol: Protocol,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
    seed: int,
    coins: Coins,
    steps: Sequence[int],
    relayed: Sequence[Words],
    own: dict[int, Words],
) -> ReweightedSolution:
    words = own | dict(zip(steps, relayed, strict=True))
    return play_again(coordinator, words, seed, coins, lambda game: protocol(game, servers, coordinator, A, W, terms))
