"""Every server ends up with what `cross` found: its fit is told again, and shortly, in place of all that was told.

What came to the coordinator is long, as nobody could see all of B. The coordinator sees nearly all of it, and describes
that as a single server would: a fraction of the bits, and they are sent m times.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wlra_dist.codecs.base.choice import Choice
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.spectrum import roundoff_energy
from wlra_dist.protocols.cross.coordinator import CrossState
from wlra_dist.protocols.cross.cross import looks_for_itself, solution, states_of_parts
from wlra_dist.protocols.rounded.coordinator import RoundedState
from wlra_dist.protocols.steps import choose, described, fit
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.weights.weighing import weigh

SPARE = 0.25
"""The part of the loss that is left to the description of the fit."""


def cross_for_everyone(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> tuple[Located[ReweightedSolution], Faceted[ReweightedSolution]]:
    """b + m·c bits, where b are those of `cross` for 1 − SPARE of the loss, and c those of its fit.

    The coordinator's B̂ is about the mean of what B may be by all that is known, so a description D of B̂ leaves
    ‖B − D‖² ≈ ‖B − B̂‖² + ‖B̂ − D‖²: the promise stays one by estimate.
    """
    states = states_of_parts(game, servers, coordinator, A, W, replace(terms, spare=SPARE))
    found = game.at(coordinator, shortly, *states, W=W.whole, terms=terms)
    copies = game.broadcast(found, servers, terms.block_code(W.whole), "fit")
    output = game.at(coordinator, _output, found, W=W.whole, terms=terms)
    return output, game.each(servers, _output, copies, W=W.whole, terms=terms)


def suits(W: PerParty[Weights], terms: Terms) -> bool:
    """Whether the game is one of fits; what fresh rows prove is proven of the fit alone, and not of its description."""
    return looks_for_itself(W, terms) and terms.certificate != "rows"


def shortly(*states: RoundedState | CrossState, W: Weights, terms: Terms) -> Choice:
    """The description of B̂ within what the loss has been left to it."""
    A = solution(*states, W=W).dense()
    B = weigh(W, A)
    within = max(sum(state.target for state in states) * SPARE / (1 - SPARE), roundoff_energy(B))
    coins = np.random.default_rng(0)  # nothing is secret here: whoever replays the coordinator tosses the same
    return fit(A, W, B, choose(B, within, coins, terms=terms), within, coins, terms=terms)


def _output(found: Choice, *, W: Weights, terms: Terms) -> ReweightedSolution:
    return ReweightedSolution([described(found, W, terms=terms)])
