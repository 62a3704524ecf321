"""A scenario played: parties placed, inputs dealt, the protocol run, its account settled, its output judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from wlra_dist.errors import InputError
from wlra_dist.game import Faceted, Game, Located, Stopwatch
from wlra_dist.game.ledger import charged
from wlra_dist.inputs.brief import FirstLine, page
from wlra_dist.instances import Instance
from wlra_dist.linalg.scale import largest
from wlra_dist.optima.certificate import Certificate
from wlra_dist.optima.grounds import ProvenBound
from wlra_dist.playing.bounding import Inquiry
from wlra_dist.playing.deal import deal
from wlra_dist.playing.opening import Opened, open_input
from wlra_dist.playing.parties import converse, parties, terms
from wlra_dist.playing.referee import Original, Referee
from wlra_dist.playing.settlement import Account, settle
from wlra_dist.protocols.bounds import Promise
from wlra_dist.scenario.options import Scenario
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.weights.weighing import weighed
from wlra_dist.world.world import World, place, together

if TYPE_CHECKING:
    from wlra_dist.protocols.auto import ProtocolChoice

SINGLE = 2.0**100
"""Of entries of A and W∘A that travel in float32: room for what is computed from them."""


@dataclass(frozen=True)
class Outcome:
    """A game that was played, as rank 0 knows it.

    Attributes
    ----------
    scenario
        What was played.
    instance
        Its input.
    ranks
        How many processes played it.
    account
        Every message: its row in the ledger, and its frame.
    solution
        Ã, n×d, as the coordinator has it (Woodruff & Yasuda, Algorithm 1 and Cor 1.3).
    certificate
        Its loss, in units of A's and W's squares, and what is proven of it (Thm 1.2).
    checks
        What the instance found when it tested the output.
    original
        What A is without any game: ‖W∘A‖_F², and bytes.
    bounds
        Lower bounds on OPT and what they rest on: on the blocks under their servers' numbers from 1, on the whole
        under 0, if anybody looked at it.
    copies
        How many servers hold the same solution, bit for bit, where each of them must.
    public_coins
        The seeds of the coins that all parties saw, by label.
    seconds
        By phase; of a phase that ranks share, those of the slowest.
    """

    scenario: Scenario
    instance: Instance
    ranks: int
    account: Account
    solution: ReweightedSolution
    certificate: Certificate
    checks: dict[str, Any]
    original: Original
    bounds: dict[int, ProvenBound]
    copies: int
    public_coins: dict[str, int]
    seconds: dict[str, float]

    def __repr__(self) -> str:
        proof, (energy, nbytes) = self.certificate, self.original
        paid = charged(self.account.entries, self.scenario.game.model)
        sent = -(-int(paid.bits.sum()) // 8)
        made = FirstLine(self.instance.shape, sent, nbytes, proof.loss, energy, proof.ratio)
        return f"<{self.scenario.protocol.name} on {self.scenario.name[:60]}: {made.words}>"

    def _repr_html_(self) -> str:
        return page(self)

    @property
    def asked(self) -> bool:
        """Whether the scenario asks for an accuracy, of a protocol that promises one where OPT is known well enough."""
        protocol = self.scenario.protocol
        return protocol.columns is None and protocol.name in self.scenario.catalogue.promises

    @cached_property
    def choice(self) -> "ProtocolChoice | None":
        """What `auto` chose and why; it is not said in the game, as it follows from what is public."""
        if self.scenario.protocol.name != "auto":
            return None
        from wlra_dist.protocols.auto import choose

        W = deal(self.instance.shape[1], self.scenario.game).weights(self.instance.weights)
        return choose(W, terms(self.scenario, self.instance))

    @property
    def plays(self) -> str:
        """The name of the protocol that is played."""
        return self.choice.name if self.choice else self.scenario.protocol.name

    @property
    def promise(self) -> Promise | None:
        """How surely that accuracy was promised, if a bound on OPT was known to aim at."""
        if not (self.asked and self.certificate.aims_proven):
            return None
        return self.scenario.catalogue.promises[self.plays]

    @property
    def holds(self) -> bool | None:
        """Whether the output is as accurate as the scenario asks, if it asks, and passes the checks.

        None where it passes them, and nothing proves or promises the accuracy; or where one game in three may fail.
        """
        if not self.asked:
            return self.passes
        kept = self.passes and self.certificate.reaches(self.scenario.protocol.epsilon)
        return None if kept is False and self.promise == "two in three" else kept

    @property
    def right(self) -> bool:
        """Whether the output passes the checks and is known to be as accurate as asked, whatever was promised."""
        protocol = self.scenario.protocol
        return self.passes and bool(protocol.columns or self.certificate.reaches(protocol.epsilon))

    @property
    def passes(self) -> bool:
        """Whether the output is where it must be, and passes the instance's own checks."""
        everywhere = self.scenario.protocol.output == "coordinator" or self.copies == self.scenario.game.servers
        return everywhere and self.checks.get("decoded", True)


@dataclass(frozen=True, eq=False)
class Played:
    """A game that is over and not yet judged; account and solution are on rank 0, None elsewhere."""

    scenario: Scenario
    account: Account | None
    solution: ReweightedSolution | None
    copies: int | None
    public_coins: dict[str, int]


def play(
    scenario: Scenario,
    world: World,
    tick: Callable[[str], None] = lambda _: None,
    *,
    require_rank: bool = False,
    keep_multipliers: bool = False,
) -> Outcome | None:
    """Plays the scenario on all processes of the world; the outcome is on rank 0, None elsewhere (collective).

    Parameters
    ----------
    scenario, world
        What is played, and by which processes.
    tick
        Called with the name of each phase.
    require_rank
        Whether a rank of W that is refuted is an error.
    keep_multipliers
        Whether the bounds' multipliers are in the outcome, and so in a record.

    Raises
    ------
    InputError
        The instance cannot be opened, or a block of it is unfit, or rank(W) ≤ r is refuted where it is
        required; on every rank alike.
    VerificationError
        Sender and receiver booked different figures.
    """
    stopwatch = Stopwatch(tick)
    opened = open_input(scenario, world, stopwatch, require_rank=require_rank)
    played = perform(scenario, opened, world, stopwatch)
    with stopwatch.measure("referee"):
        referee = seat_referee(scenario, opened, world, keep=keep_multipliers)
    return judged(played, referee, stopwatch)


def perform(scenario: Scenario, opened: Opened, world: World, stopwatch: Stopwatch) -> Played:
    """The game itself, and its account (collective); VerificationError where two books disagree."""
    servers, coordinator = parties(scenario)
    wire = world.wire(place(len(servers), world.size))
    game = Game(wire, seed=scenario.game.seed, coins=scenario.game.coins, stopwatch=stopwatch)
    if scenario.protocol.codec == "float32":
        together(world, partial(_require_single, opened))
    with stopwatch.measure("play"):
        A = game.deal(servers, opened.A.__getitem__)
        output, copies = converse(scenario, game, servers, coordinator, A, opened.W, terms(scenario, opened.instance))
        game.finish()
    with stopwatch.measure("settle"):
        account = settle(world, game)
        equal = _equal_copies(world, game, output, copies)
    solution = game.output(output)
    ordered = None if solution is None else replace(solution, order=opened.hands.order)
    return Played(scenario, account, ordered, equal, game.public_coins)


def _require_single(opened: Opened) -> None:
    """InputError unless the codec float32 has room for the blocks that are played here."""
    for i, A in opened.A.items():
        size = max(largest(A), largest(weighed(opened.W[i], A)))
        if not size < SINGLE:
            raise InputError(f"codec = float32 expects numbers below {SINGLE:.3g}, found {size:.3g}: try another codec")


def _equal_copies(
    world: World, game: Game, output: Located[ReweightedSolution], copies: Faceted[ReweightedSolution]
) -> int | None:
    """How many servers hold the coordinator's solution, bit for bit; on rank 0, None elsewhere (collective)."""
    held = [copy.digest for located in copies if (copy := game.output(located)) is not None]
    gathered = world.gather(b"".join(held))
    solution = game.output(output)
    if gathered is None or solution is None:
        return None
    own = solution.digest
    return sum(data[at : at + len(own)] == own for data in gathered for at in range(0, len(data), len(own)))


def seat_referee(
    scenario: Scenario,
    opened: Opened,
    world: World,
    *,
    keep: bool = False,
    stated: Mapping[int, ProvenBound] | None = None,
) -> Referee:
    """The referee, who looks at each block where it is; `keep` and `stated` as for an `Inquiry` (collective)."""
    asked = Inquiry(scenario.protocol.effort, keep, stated)
    return Referee.of(world, opened.instance, opened.W, opened.A, opened.servers, asked)


def judged(played: Played, referee: Referee, stopwatch: Stopwatch) -> Outcome | None:
    """The outcome, on rank 0; None elsewhere (collective)."""
    with stopwatch.measure("referee"):
        judgement = referee.judge(played.solution)
    if played.account is None or played.solution is None or judgement is None or referee.known is None:
        return None
    seconds = played.account.slowest() | {name: stopwatch.seconds[name] for name in ("settle", "referee")}
    return Outcome(
        played.scenario, referee.instance, referee.world.size, played.account, played.solution, *judgement,
        referee.known.bounds, played.copies or 0, played.public_coins, seconds,
    )  # fmt: skip
