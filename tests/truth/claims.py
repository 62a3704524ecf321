"""What a game and a solver claim, held against what anybody can compute from A, W and the output.

A violation is a sentence. Nothing here uses the package's own losses, bounds or verdicts, but to compare them.
"""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from tests.optima.weighted_als import als_loss
from tests.truth.drawn import FAMILIES, Given
from wlra_dist.errors import InputError
from wlra_dist.optima import QUICK, Effort
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols import PROTOCOLS, TWO_IN_THREE
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.solvers import SOLVERS, Solution, solve
from wlra_dist.world.world import Alone

JUNK = np.array([np.nan, np.inf, -np.inf, 1e300, -9999.0, 5e-324, -0.0])

ROUNDING = 1e-26
"""Of ‖W∘A‖_F²: no loss below it says anything."""

RELATIVE = 1e-6
"""To which two computations of a loss agree."""


class Verdict(NamedTuple):
    """What a seed gave.

    Attributes:
        who: the protocol or solver.
        outcome: "kept", "broken" or "nothing" of a promise; "refused" where the input was; "solved".
        violations: what was claimed and is false.
    """

    seed: int
    family: str
    who: str
    outcome: str
    violations: list[str]


def verdict(seed: int, restarts: int = 98) -> Verdict:
    """Draws a family, a game or a solver, and tests all that it claims; the optimum is that of so many ALS restarts."""
    rng = np.random.default_rng(seed)
    family = list(FAMILIES)[rng.integers(len(FAMILIES))]
    given = FAMILIES[family](rng)
    sure = [name for name in PROTOCOLS if name not in TWO_IN_THREE]
    # a new name is drawn by few seeds, and the others stay as they are
    who = min(
        [*sure, *(f"solve {name}" for name in SOLVERS)],
        key=lambda name: np.random.default_rng([seed, *name.encode()]).random(),
    )
    judge = _of_solver if who.startswith("solve ") else _of_game
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            outcome, violations = judge(given, who.removeprefix("solve "), rng, restarts)
        except InputError as error:
            return Verdict(seed, family, who, "refused", [] if _may_refuse(family) else [f"refused: {error}"])
        except Exception as error:
            return Verdict(seed, family, who, "raised", [f"{type(error).__name__}: {error}"])
    return Verdict(seed, family, who, outcome, violations)


def _may_refuse(family: str) -> bool:
    """Squares of 30 orders in both may leave the doubles."""
    return family == "30 orders"


def _of_game(given: Given, protocol: str, rng: np.random.Generator, restarts: int) -> tuple[str, list[str]]:
    m = 1 if protocol == "one_way" else int(rng.integers(1, given.A.shape[1] + 1))
    epsilon, bounds = float(rng.choice([0.01, 0.1, 0.5, 2.0])), "all" if rng.integers(4) == 0 else "quick"
    asked = ProtocolOptions(name=protocol, epsilon=epsilon, iterations=3, bounds=bounds)
    game = played(given, m, asked)
    found = [*_of_certificate(given, game, epsilon, restarts), *_of_variants(given, game, rng, m, asked)]
    if game.promise == "certain" and game.holds is False:
        found.append(f"a certain promise is broken: {game.certificate}")
    return {None: "nothing", True: "kept", False: "broken"}[game.holds if game.promise else None], found


def played(given: Given, m: int, asked: ProtocolOptions) -> Outcome:
    """The game, alone in its process."""
    outcome = play(Scenario("truth", "", "truth", given, GameOptions(servers=m), asked), Alone())
    assert outcome is not None
    return outcome


def _of_certificate(given: Given, game: Outcome, epsilon: float, restarts: int) -> Iterator[str]:
    certificate, counted = game.certificate, true_loss(given, game.solution.dense())
    noise = ROUNDING * energy(given)
    if abs(counted - certificate.loss) > RELATIVE * counted + noise:
        yield f"the loss is {counted}, {certificate.loss} was said"
    if not certificate.proven and not game.promise and game.holds is None:
        return
    within_reach = least_known(given, restarts)
    if certificate.proven and certificate.lower_bound_opt > within_reach * (1 + RELATIVE) + noise:
        yield f"LB = {certificate.lower_bound_opt} ({certificate.bound}), and {within_reach} is within reach"
    if game.promise and game.holds and counted > (1 + epsilon) * within_reach * (1 + RELATIVE) + noise:
        yield f"{1 + epsilon} × OPT is said to hold: the loss is {counted}, and {within_reach} is within reach"


def _of_variants(
    given: Given, game: Outcome, rng: np.random.Generator, m: int, asked: ProtocolOptions
) -> Iterator[str]:
    if (given.W == 0).any():
        other = played(dirty(given), m, asked)
        if (other.account.digest, other.certificate) != (game.account.digest, game.certificate):
            yield "what stands where W is 0 is seen"
    if not given.integer:
        scaled, a_and_b = times_powers(given, rng)
        other = played(scaled, m, asked)
        if bits(other) != bits(game):
            yield f"{bits(game)} bits, but {bits(other)} with A·2^{a_and_b[0]} and W·2^{a_and_b[1]}"
        if other.certificate.loss != np.ldexp(game.certificate.loss, 2 * sum(a_and_b)):
            yield f"another loss with A·2^{a_and_b[0]} and W·2^{a_and_b[1]}"


def _of_solver(given: Given, method: str, rng: np.random.Generator, restarts: int) -> tuple[str, list[str]]:
    def solved(given: Given) -> Solution:
        return solve(given.A, given.weights, given.k, method, r=given.r, certify=effort)

    effort = Effort() if rng.integers(4) == 0 else QUICK
    solution = solved(given)
    found = list(_of_solution(given, solution, restarts))
    if (given.W == 0).any() and _numbers(solved(dirty(given))) != _numbers(solution):
        found.append("what stands where W is 0 is seen")
    scaled, a_and_b = times_powers(given, rng)
    other = solved(scaled)
    if other.loss != np.ldexp(solution.loss, 2 * sum(a_and_b)):
        found.append(f"another loss with A·2^{a_and_b[0]} and W·2^{a_and_b[1]}: {solution.loss}, {other.loss}")
    return "solved", found


def _of_solution(given: Given, solution: Solution, restarts: int) -> Iterator[str]:
    d, noise = given.A.shape[1], ROUNDING * energy(given)
    counted = true_loss(given, solution.approximation.columns(np.arange(d)))
    if abs(counted - solution.loss) > RELATIVE * counted + noise:
        yield f"the loss is {counted}, {solution.loss} was said"
    proof = solution.certificate
    if proof is not None and proof.proven:
        within_reach = least_known(given, restarts)
        if proof.lower_bound_opt > within_reach * (1 + RELATIVE) + noise:
            yield f"LB = {proof.lower_bound_opt} ({proof.bound}), and {within_reach} is within reach"


def true_loss(given: Given, output: np.ndarray) -> float:
    """‖W∘(A − Ã)‖_F², where W is not 0."""
    seen = given.W > 0
    with np.errstate(over="ignore", under="ignore"):
        return float(np.square(given.W[seen] * (given.A[seen] - output[seen])).sum())


def energy(given: Given) -> float:
    """‖W∘A‖_F²."""
    return true_loss(given, np.zeros(given.A.shape))


def least_known(given: Given, restarts: int) -> float:
    """The least loss of rank k that is known: by an SVD where W is 1, else by alternating least squares."""
    if (given.W == 1).all():
        return float(np.square(np.linalg.svd(given.A, compute_uv=False)[given.k :]).sum())
    A = np.where(given.W > 0, given.A, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return als_loss(A, given.W, given.k, starts=restarts)


def dirty(given: Given) -> Given:
    """The same with junk where W is 0."""
    return replace(given, A=np.where(given.W > 0, given.A, np.resize(JUNK, given.A.shape)))


def times_powers(given: Given, rng: np.random.Generator) -> tuple[Given, tuple[int, int]]:
    """A·2^a and W·2^b."""
    a, b = (int(power) for power in rng.integers(-60, 61, 2))
    factors = None if given.factors is None else (np.ldexp(given.factors[0], b), given.factors[1])
    return replace(given, A=np.ldexp(given.A, a), W=np.ldexp(given.W, b), factors=factors), (a, b)


def bits(game: Outcome) -> int:
    return sum(entry.bits for entry in game.account.entries)


def _numbers(solution: Solution) -> tuple[Any, ...]:
    """All that a solution says, bit for bit."""
    columns = solution.approximation.columns(np.arange(solution.approximation.shape[1]))
    return columns.tobytes(), solution.loss, solution.certificate
