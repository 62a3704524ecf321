"""Where everyone outputs, the fit of `cross` is told again in place of all that was told."""

from collections.abc import Callable

import numpy as np

from tests.game.playing import in_one_process, merged, one_party_a_thread
from tests.protocols.cross.test_cross import SPECTRA, drawn, game
from tests.protocols.small import Small, coordinator
from wlra_dist.game import Game
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.protocols.auto import goes_by_fit
from wlra_dist.protocols.cross.everyone import cross_for_everyone
from wlra_dist.weights.reweighted import ReweightedSolution

M = 6


def body(small: Small) -> Callable[[Game], list[ReweightedSolution | None]]:
    """What every party runs."""

    def play(game: Game) -> list[ReweightedSolution | None]:
        A = game.deal(small.servers, small.block)
        solution, copies = cross_for_everyone(game, small.servers, coordinator, A, small.public_W, small.terms)
        return [game.output(solution), *(game.output(copy) for copy in copies)]

    return play


def test_all_hold_the_same_and_the_promise_is_kept_for_few_bits_a_copy():
    small = game(drawn(1, SPECTRA["sharp"][:80], 150), M)
    played, solutions = in_one_process(body(small))
    assert len(solutions) == M + 1
    assert len({solution.digest for solution in solutions if solution is not None}) == 1
    assert solutions[0] is not None
    assert small.loss(solutions[0]) <= 1.3 * small.tail_of_all()
    entries, _ = merged([played])
    copies = [entry.bits for entry in entries if entry.label == "fit"]
    alone, _ = in_one_process(small.body("cross"))
    assert M * max(copies) == sum(copies) <= M / 2 * sum(entry.bits for entry in merged([alone])[0])


def test_one_party_a_thread_tells_the_same_story():
    small = game(drawn(2, SPECTRA["slow"][:60], 100), 2)
    played, _ = in_one_process(body(small))
    runs = one_party_a_thread(body(small), [coordinator, *small.servers])
    assert merged([played]) == merged([each for each, _ in runs])


def test_what_is_not_a_game_of_fits_is_passed_on_as_it_was():
    small = game(drawn(3, SPECTRA["slow"][:60], 100), M)
    W, terms = small.public_W, small.on(promise="estimate").terms
    assert goes_by_fit(PROTOCOLS["cross"], W, terms)
    for other in (small.on(bound=3), small.on(sparse=True), small.on(certificate="rows")):
        assert not goes_by_fit(PROTOCOLS["cross"], W, other.terms)
    assert not goes_by_fit(PROTOCOLS["auto"], W, small.terms)
    assert not goes_by_fit(PROTOCOLS["raw"], W, terms)


def test_nothing_is_left_of_what_is_zero():
    small = game(np.zeros((60, 40)), 2)
    _, solutions = in_one_process(body(small))
    assert all(solution is not None and not solution.dense().any() for solution in solutions)
