"""Who plays a scenario, what they agree on before the game, and the conversation itself."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from wlra_dist.game import Faceted, Game, Located, Parties, Party, PerParty
from wlra_dist.instances import Instance
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.protocols import Terms
from wlra_dist.protocols.bounds import word_bits
from wlra_dist.scenario.options import Scenario
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution


def parties(scenario: Scenario) -> tuple[Sequence[Party], Party]:
    """The servers and the coordinator; Alice and Bob in the game of two."""
    if scenario.protocol.name == "one_way":
        return [Party("Alice", 1)], Party("Bob", 0)
    return Parties("server", range(1, scenario.game.servers + 1)), Party("coordinator", 0)


def terms(scenario: Scenario, instance: Instance) -> Terms:
    """What the parties agree on before the game."""
    nothing = instance.block(slice(0, 0))
    bound = instance.bound if instance.integer else None
    return Terms(
        k=instance.k,
        r=instance.r,
        epsilon=scenario.protocol.epsilon,
        word=word_bits(*instance.shape, bound),
        bound=bound,
        sparse=is_sparse(nothing),
        width=32 if nothing.dtype == np.float32 else 64,
        selector=scenario.make_selector(),
        effort=scenario.protocol.effort,
        columns=scenario.protocol.columns,
        code=scenario.protocol.codec,
        constants=scenario.protocol.constants,
        iterations=scenario.protocol.iterations,
        coefficient=word_bits(*instance.shape),
        sparsity=instance.sparsity,
        grid=instance.grid,
        promise=scenario.protocol.promise or "certain",
        delta=scenario.protocol.delta,
        certificate=scenario.protocol.certificate,
    )


def converse(
    scenario: Scenario,
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> tuple[Located[ReweightedSolution], Faceted[ReweightedSolution]]:
    """The scenario's protocol: the coordinator's solution, and the servers' own where everyone outputs."""
    protocol = scenario.make_protocol()
    if scenario.game.weights == "sent":
        from wlra_dist.protocols.weights_sent import weights_sent

        protocol = partial(weights_sent, protocol)
    if scenario.protocol.output == "everyone":
        from wlra_dist.protocols.auto import goes_by_fit
        from wlra_dist.protocols.cross.everyone import cross_for_everyone
        from wlra_dist.protocols.everyone_outputs import everyone_outputs

        if scenario.game.model != "blackboard" and goes_by_fit(protocol, W, terms):  # there nothing is told again
            return cross_for_everyone(game, servers, coordinator, A, W, terms)
        return everyone_outputs(protocol, game, servers, coordinator, A, W, terms)
    return protocol(game, servers, coordinator, A, W, terms), Faceted([])
