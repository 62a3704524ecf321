"""What the theorems say of a run: bounds on its bits from above and below, or the hypothesis that fails."""

from typing import TYPE_CHECKING, Any

from wlra_dist.protocols import bounds
from wlra_dist.protocols.bounds import Bound, Rules
from wlra_dist.weights import BlockMask

if TYPE_CHECKING:
    from wlra_dist.instances import Instance
    from wlra_dist.playing.play import Outcome
    from wlra_dist.weights import Weights

BATCH = 256
"""Columns of W that are looked at together."""

LARGEST_W = 2**24
"""Entries of W beyond which the greatest is not looked for."""

LOWER_BOUNDS = ("lower_bound_bits", "lower_bound_worst_case", "lower_bound_expected", "lower_bound_everyone")

FAILS = {name: name.removesuffix("_bits") + "_fails" for name in ("upper_bound_bits", *LOWER_BOUNDS)}
"""By the name of a bound, that of the reason why there is none."""


def theory(outcome: "Outcome", bits: int) -> dict[str, Any]:
    """The bounds of a run that took so many bits.

    `least_bits` is the bound that the bits are held against, and `held_against` its name: where A is drawn from
    a family of hard inputs, and only there, since on others a protocol may do with less.
    """
    family = outcome.instance.family
    N, choices = hard_inputs(outcome), family.choices if family else None
    known = {"upper_bound_bits": upper_bound(outcome), **bounds.lower_bounds(N, rules(outcome), choices)}
    against = next((name for name in bounds.HELD_AGAINST if family and known[name].bits), None)
    least = known[against].bits if against else None
    return {
        **{name: bound.bits for name, bound in known.items()},
        **{FAILS[name]: bound.fails for name, bound in known.items()},
        "held_against": against,
        "least_bits": least,
        "bits_over_lower_bound": bits / least if least else None,
    }


def hard_inputs(outcome: "Outcome") -> Bound:
    """N, the bits of the family from which A is drawn; if it is not, of Thm 1.5's inputs under the same W."""
    instance, W = outcome.instance, outcome.instance.weights
    if instance.family:
        return bounds.drawn_inputs(instance.family.entropy, instance.family.kappa, outcome.scenario.protocol.epsilon)
    return bounds.hard_instance(instance.sparsity, instance.k, W.sides if isinstance(W, BlockMask) else None)


def rules(outcome: "Outcome") -> Rules:
    game, protocol = outcome.scenario.game, outcome.scenario.protocol
    return Rules(game.servers, protocol.output == "everyone", game.model == "blackboard", outcome.promise)


def upper_bound(outcome: "Outcome") -> Bound:
    """The words that the protocol's theorem allows it, in bits."""
    instance, protocol, game = outcome.instance, outcome.scenario.protocol, outcome.scenario.game
    n, d = instance.shape
    words = outcome.scenario.catalogue.upper_bounds.get(outcome.plays)
    if words is None:
        return Bound(None, f"no theorem is known here for {outcome.plays}")
    if game.weights == "sent":
        return Bound(None, "the theorems' W is public; here it is sent as well")
    if protocol.columns is not None and outcome.plays != "raw":
        return Bound(None, "the theorem says how many columns; this scenario states a number")
    s = n if instance.sparsity is None else instance.sparsity
    sizes = bounds.Sizes(n, d, s, instance.r, instance.k, protocol.epsilon, game.servers, protocol.iterations)
    again = game.servers if protocol.output == "everyone" and game.model == "message-passing" else 1
    return Bound(words(sizes) * again * word_bits(instance))


def word_bits(instance: "Instance") -> int:
    """The bits of a number in the paper's count."""
    return bounds.word_bits(*instance.shape, instance.bound if instance.integer else None)


def entries(instance: "Instance") -> dict[str, Any]:
    """How large the entries of an integer game are, and which power of nd that is (Def 1.4); None for reals."""
    if not instance.integer or instance.bound is None:
        return {"entry_bound": None, "largest_weight": None, "entry_power": None}
    weight = largest_weight(instance.weights)
    power = bounds.entry_power(*instance.shape, max(instance.bound, weight or 0))
    return {"entry_bound": instance.bound, "largest_weight": weight, "entry_power": power}


def largest_weight(W: "Weights") -> float | None:
    """max W_ij; None where W is too large to look."""
    n, d = W.shape
    if isinstance(W, BlockMask):
        return 1.0
    if n * d > LARGEST_W:
        return None
    return float(max(W.dense(slice(j, j + BATCH)).max() for j in range(0, d, BATCH)))
