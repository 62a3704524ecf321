"""Scenarios played: the same outcome on any number of ranks, and a judge who is fair."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest

from tests.game.playing import on_ranks
from tests.optima.weighted_als import als_loss
from wlra_dist.errors import InputError
from wlra_dist.instances import Columns, Instance, LowerBound, Share, Synthetic, indices
from wlra_dist.playing.deal import deal
from wlra_dist.playing.play import Outcome, play
from wlra_dist.scenario.options import Deal, GameOptions, InstanceOptions, ProtocolOptions, Scenario
from wlra_dist.scenario.toml import load
from wlra_dist.weights import BlockMask, LowRankWeights
from wlra_dist.world.world import Alone, World

IN_THE_BOX = Path(__file__).parents[2] / "scenarios"


def scenario(instance: InstanceOptions, servers: int = 4, **protocol: object) -> Scenario:
    options = ProtocolOptions(**protocol)  # pyright: ignore[reportArgumentType]
    return Scenario("test", "", "test", instance, GameOptions(servers=servers, seed=5), options)


def dealt_at_random(game: Scenario) -> Scenario:
    return replace(game, game=replace(game.game, deal="at random"))


GAMES: dict[str, Callable[[], Scenario]] = {
    "dense": lambda: scenario(Synthetic(n=12, d=11, k=2, r=2, noise=0.1), epsilon=0.5),
    "sparse": lambda: scenario(Synthetic(n=16, d=12, k=2, s=4, noise=0.1), selector="sketched_qr"),
    "mask": lambda: scenario(Synthetic(n=12, d=18, k=1, r=3, weights="mask", integer=True)),
    "drawn columns": lambda: scenario(Synthetic(n=20, d=17, k=2), selector="leverage", columns=3),
    "dealt at random": lambda: dealt_at_random(scenario(Synthetic(n=9, d=12, k=1, r=3, weights="mask", s=3))),
    "raw": lambda: scenario(Synthetic(n=9, d=8, k=2, integer=True), name="raw"),
    "lower bound": lambda: scenario(LowerBound(s=8, r=3, k=2), servers=3),
    "one way": lambda: load(IN_THE_BOX / "lower_bound.toml"),
    "shared by the first rank": lambda: load(IN_THE_BOX / "quickstart.toml", ["hidden=8", "epochs=1"]),
}


def played(game: Scenario, world: World | None = None) -> Outcome:
    outcome = play(game, world or Alone())
    assert outcome is not None
    return outcome


@pytest.mark.parametrize(("name", "ranks"), list(zip(GAMES, cycle((2, 5)), strict=False)))
def test_any_number_of_ranks_plays_the_same_game(name: str, ranks: int):
    game = GAMES[name]()
    alone = played(game)
    assert alone.holds
    first, *others = on_ranks(ranks, partial(play, game))
    assert others == [None] * (ranks - 1)
    assert first is not None
    assert first.ranks == ranks
    assert first.account.digest == alone.account.digest
    assert first.account.entries == alone.account.entries
    assert first.certificate == alone.certificate
    assert first.checks == alone.checks
    assert first.solution.dense().tobytes() == alone.solution.dense().tobytes()


def test_a_random_deal_changes_who_holds_what_and_no_column_of_the_output():
    game = scenario(Synthetic(n=12, d=18, k=1, r=3, weights="mask", integer=True), name="raw")
    in_order, at_random = played(game), played(dealt_at_random(game))
    assert in_order.account.digest != at_random.account.digest
    assert np.array_equal(in_order.solution.dense(), at_random.solution.dense())
    assert np.array_equal(at_random.solution.columns([3, 0]), in_order.solution.columns([3, 0]))


def test_more_ranks_than_parties_look_on():
    game = GAMES["lower bound"]()
    outcomes = on_ranks(7, partial(play, game))
    assert [outcome is not None for outcome in outcomes] == [True] + [False] * 6


def test_the_loss_is_that_of_the_whole_matrix():
    game = GAMES["dense"]()
    outcome = played(game)
    W, A = outcome.instance.weights.dense(slice(None)), outcome.instance.block(slice(None))
    assert isinstance(A, np.ndarray)
    loss = float(np.square(W * (A - outcome.solution.dense())).sum())
    tail = float(np.square(np.linalg.svd(W * A, compute_uv=False)[2 * 2 :]).sum())
    assert outcome.certificate.loss == pytest.approx(loss, rel=1e-12)
    assert outcome.certificate.lower_bound_opt >= tail * (1 - 1e-9)
    assert outcome.certificate.lower_bound_opt <= als_loss(A, W, 2)
    assert outcome.certificate.rank_claim == "proven"


def test_bits_do_not_depend_on_who_listens_and_seeds_do_matter():
    game = GAMES["drawn columns"]()
    other = replace(game, game=replace(game.game, seed=6))
    assert played(game).account.digest == played(game).account.digest
    assert played(game).account.digest != played(other).account.digest


@pytest.mark.parametrize("ranks", [1, 3])
def test_more_servers_than_columns_is_an_input_error_on_every_rank(ranks: int):
    game = scenario(Synthetic(n=9, d=5, k=2), servers=6)

    def refused(world: World) -> str:
        with pytest.raises(InputError) as caught:
            play(game, world)
        return str(caught.value)

    sentences = {refused(Alone())} if ranks == 1 else set(on_ranks(ranks, refused))
    assert sentences == {"6 servers expect at least 6 columns, A has 5; try --servers 5"}


@pytest.mark.parametrize(("d", "m"), [(1, 1), (7, 3), (8, 8), (100, 7)])
@pytest.mark.parametrize("how", ["in order", "at random"])
def test_servers_share_the_columns_evenly(d: int, m: int, how: Deal):
    hands = deal(d, GameOptions(servers=m, deal=how))
    held = [np.arange(d)[columns] for columns in hands.columns]
    order = np.arange(d) if hands.order is None else hands.order
    assert np.array_equal(np.concatenate(held), order)
    assert np.array_equal(np.sort(order), np.arange(d))
    assert {len(columns) for columns in held} <= {d // m, -(-d // m)}


@dataclass(frozen=True)
class Spiked:
    """Two diagonal blocks, one with a spectrum that decays slowly and one that hardly counts."""

    def open(self, share: Share) -> Instance:  # noqa: ARG002
        A = np.zeros((16, 16))
        A[:8, :8] = np.diag(np.arange(18, 10, -1.0))
        A[8:, 8:] = np.eye(8) / 1000
        return Instance((16, 16), k=1, r=2, weights=BlockMask.square(16, 2), block=lambda run: A[:, run])


def test_servers_that_use_the_rank_of_their_own_weights_are_judged_by_it():
    """On each block W has rank 1, so a server aims at ‖(B_i)_{−k}‖², though ‖B_{−2k}‖² is smaller."""
    outcome = played(scenario(Spiked(), servers=2, epsilon=0.1))
    blocks = sum(s**2 for s in range(11, 18)) + 7e-6
    assert outcome.certificate.lower_bound_opt == pytest.approx(blocks, rel=1e-9)
    assert outcome.certificate.loss <= 1.1 * blocks
    assert outcome.holds


@dataclass(frozen=True)
class Broken:
    """An instance with one block that cannot be read."""

    def open(self, share: Share) -> Instance:  # noqa: ARG002
        return Instance((4, 6), k=1, r=1, weights=LowRankWeights(np.ones((4, 1)), np.ones((1, 6))), block=self.block)

    def block(self, run: Columns) -> np.ndarray:
        if isinstance(run, slice) and run.start == 3:
            raise InputError("row 2 of A is no number: write it anew")
        return np.ones((4, len(indices(run, 6))))


def test_an_input_that_one_rank_cannot_read_ends_all_alike():
    def refused(world: World) -> str:
        with pytest.raises(InputError) as caught:
            play(scenario(Broken(), servers=6), world)
        return str(caught.value)

    assert set(on_ranks(3, refused)) == {"row 2 of A is no number: write it anew"}
