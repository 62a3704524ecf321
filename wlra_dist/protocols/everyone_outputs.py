"""Every server ends up with the solution: the coordinator passes on what it received, and each server replays it."""

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import NamedTuple

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
    again = _Again(partial(_as_coordinator, protocol, servers, coordinator, A, W, terms, game.seed, game.coins), {})
    copies: list[Located[ReweightedSolution]] = []
    for server in servers:
        own = [message.step for message in received if message.sender == server]
        others = [message for message in received if message.sender != server]
        steps = [message.step for message in others]
        code = Relayed([message.limit for message in others], terms.word)
        passed_on = game.at(coordinator, _in_order, game.words(coordinator, steps))
        relayed = game.send(passed_on, server, code, "what the others said", copy=1)
        copies.append(game.at(server, partial(again.of, steps), relayed, game.words(server, own)))
    return solution, Faceted(copies)


def _in_order(words: dict[int, Words]) -> list[Words]:
    return [words[step] for step in sorted(words)]


class _Again(NamedTuple):
    """The game played again; servers of one process who know the same words share what comes of them.

    Attributes:
        play: from the words by step.
        found: what came of which words.
    """

    play: Callable[[dict[int, Words]], ReweightedSolution]
    found: dict[bytes, ReweightedSolution]

    def of(self, steps: Sequence[int], relayed: Sequence[Words], own: dict[int, Words]) -> ReweightedSolution:
        """From what was passed on of these steps, and what the server said itself."""
        words = own | dict(zip(steps, relayed, strict=True))
        key = sha256(repr(sorted(words.items())).encode()).digest()
        if key not in self.found:
            self.found[key] = self.play(words)
        return self.found[key]


def _as_coordinator(
    protocol: Protocol,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
    seed: int,
    coins: Coins,
    words: dict[int, Words],
) -> ReweightedSolution:
    return play_again(coordinator, words, seed, coins, lambda game: protocol(game, servers, coordinator, A, W, terms))
