"""Trials: one scenario played many times over fresh coins, and over a fresh A where it is drawn from a seed.

Def 1.4 asks that a protocol be right with probability 2/3: one game tells nothing of that, many tell an interval.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from hashlib import sha256
from statistics import fmean
from typing import Any, NamedTuple

from wlra_dist.errors import WlraDistError
from wlra_dist.game.ledger import charged
from wlra_dist.playing.play import Outcome, play
from wlra_dist.record.summary import plain, summary
from wlra_dist.record.theory import FAILS, LOWER_BOUNDS
from wlra_dist.scenario.options import Scenario
from wlra_dist.world.world import World, together

CONFIDENCE = 0.95
"""Of the interval in which the probability of a right answer lies."""

SEEDS = 2**63
"""Seeds are below it."""

PUBLIC = ("scenario", "protocol", "output", "servers", "n", "d", "k", "r", "s", "N", "epsilon", "model", "promise")
"""What the summary of a game says of all of them."""


class Trial(NamedTuple):
    """One game.

    Attributes:
        bits: those that its model charges.
        right: whether its output was as accurate as was asked.
        broken: whether that was promised for this game, and is not so.
        digest: of its transcript.
    """

    bits: int
    right: bool
    broken: bool
    digest: str


def play_trials(
    scenario: Scenario,
    count: int,
    world: World,
    tick: Callable[[str], None] = lambda _: None,
    ended: Callable[[str], None] = lambda _: None,
) -> dict[str, Any] | None:
    """Plays so many games; what they show is on rank 0, None elsewhere (collective).

    Args:
        scenario: of the first game; `trial` says how the others differ.
        count: how many games.
        world: who plays.
        tick: called with the name of each step of a game.
        ended: called with "trial" after each game.

    Raises:
        InputError: the scenario cannot be played; on every rank alike.
        KeyboardInterrupt: with words on how many games had been played.
    """
    trials: list[Trial] = []
    first: Outcome | None = None
    for t in range(count):
        try:
            # no rank begins the next before its end
            outcome = together(world, partial(play, trial(scenario, t), world, tick))
        except WlraDistError as error:
            raise type(error)(f"{scenario.name}, trial {t}: {error}") from error
        except KeyboardInterrupt as interrupt:
            raise KeyboardInterrupt(f"interrupted after {t} of {count} games: nothing is kept") from interrupt
        ended("trial")
        if outcome is not None:
            first = first or outcome
            bits = int(charged(outcome.account.entries, scenario.game.model).bits.sum())
            trials.append(Trial(bits, outcome.right, outcome.holds is False, outcome.account.digest))
    return None if first is None else trials_facts(first, trials)


def trial(scenario: Scenario, t: int) -> Scenario:
    """The t-th game: its seeds are the scenario's, and t."""
    game = replace(scenario.game, seed=(scenario.game.seed + t) % SEEDS)
    if not fresh_input(scenario):
        return replace(scenario, game=game)
    seed = (getattr(scenario.instance, "seed") + t) % SEEDS  # noqa: B009  which instances have one is not known to types
    instance: Any = replace(scenario.instance, seed=seed)  # pyright: ignore[reportArgumentType]
    return replace(scenario, game=game, instance=instance)


def fresh_input(scenario: Scenario) -> bool:
    """Whether A is drawn from a seed."""
    return any(option.name == "seed" for option in fields(scenario.instance))  # pyright: ignore[reportArgumentType]


def trials_facts(first: Outcome, trials: Sequence[Trial]) -> dict[str, Any]:
    """What the trials show, beside the bounds on what they may say, as JSON values."""
    game, right = summary(first), sum(trial.right for trial in trials)
    bits = [trial.bits for trial in trials]
    transcripts = sha256(bytes.fromhex("".join(trial.digest for trial in trials)))
    return {
        **{key: game[key] for key in PUBLIC},
        "trials": len(trials),
        "fresh_input": fresh_input(first.scenario),
        "right": right,
        "broken": sum(trial.broken for trial in trials),
        "success_rate": right / len(trials),
        "interval": list(clopper_pearson(right, len(trials))),
        "confidence": CONFIDENCE,
        "mean_bits": fmean(bits),
        "best_bits": min(bits),
        "worst_bits": max(bits),
        **{key: game[key] for name in LOWER_BOUNDS for key in (name, FAILS[name])},
        "digest": transcripts.hexdigest(),
        "bits": bits,
        "rights": [trial.right for trial in trials],
        "public": plain(first.scenario.facts()),
    }


def clopper_pearson(right: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The probabilities of success under which so many, or more extreme numbers, are not too unlikely.

    They hold the true one with at least this confidence, whatever it is (Clopper & Pearson 1934).
    """
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = float(betaincinv(right, count - right + 1, tail)) if right else 0.0
    high = float(betaincinv(right + 1, count - right, 1 - tail)) if right < count else 1.0
    return low, high
