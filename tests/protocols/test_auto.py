"""The protocol chosen by public facts: the same by everybody, cheaper than what is left, and told with its reason."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.game.playing import in_one_process, merged
from tests.protocols.cross.test_cross import SPECTRA, drawn, game
from tests.protocols.small import Small
from wlra_dist.errors import InputError
from wlra_dist.instances import Synthetic
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols.auto import choose
from wlra_dist.record.summary import summary
from wlra_dist.report.tables.run import table
from wlra_dist.scenario.check import check
from wlra_dist.scenario.draft import Draft
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.weights import DenseWeights
from wlra_dist.world.world import Alone

SYNTHETIC = Synthetic(n=250, d=40, k=2, noise=0.3, weights="ones")


def bits(small: Small, protocol: str) -> int:
    played, _ = in_one_process(small.body(protocol))
    return sum(entry.bits for entry in merged([played])[0])


@pytest.mark.parametrize(("m", "promise"), [(1, "certain"), (16, "certain"), (16, "estimate")])
def test_the_chosen_protocol_takes_fewer_bits_than_the_runner_up(m: int, promise: str):
    small = game(drawn(1, SPECTRA["sharp"][:48], 100), m).on(promise=promise)
    choice = choose(small.public_W, small.terms)
    assert choice.runner_up is not None
    chosen = bits(small, "auto")
    assert chosen == bits(small, choice.name)
    assert chosen <= 1.1 * bits(small, choice.runner_up)


@pytest.mark.parametrize(
    ("m", "promise", "name"),
    [
        (1, "certain", "one_round"),
        (4, "certain", "local_budget"),
        (64, "certain", "rounded"),
        (64, "estimate", "cross"),
    ],
)
def test_what_is_chosen_for_how_many_servers(m: int, promise: str, name: str):
    small = game(np.ones((1000, 256)), m, k=8).on(promise=promise)
    assert choose(small.public_W, small.terms).name == name


def test_nothing_is_chosen_by_what_only_servers_know():
    small = game(drawn(2, SPECTRA["slow"][:48], 100), 40)
    other = replace(small, A=np.zeros_like(small.A))
    assert choose(small.public_W, small.terms) == choose(other.public_W, other.terms)


def test_integers_sparse_blocks_and_unknown_ranks_are_left_to_the_servers():
    small = game(np.ones((60, 40)), 20, k=1)
    unknown = game(np.ones((60, 40)), 20, DenseWeights(np.random.default_rng(0).random((60, 40))), k=1)
    for each in (small.on(bound=3), small.on(sparse=True), small.on(columns=2), unknown):
        assert choose(each.public_W, each.terms).name in ("one_round", "local_budget")


def outcome(**protocol: object) -> Outcome:
    options = ProtocolOptions(epsilon=0.3, bounds="quick", **protocol)  # pyright: ignore[reportArgumentType]
    played = play(Scenario("auto", "", "synthetic", SYNTHETIC, GameOptions(servers=40), options), Alone())
    assert played is not None
    return played


def test_the_table_says_what_was_chosen_why_and_how_an_estimate_would_save():
    certain = outcome()
    facts = summary(certain)
    assert (certain.plays, facts["protocol"], facts["promise"]) == ("rounded", "rounded", "certain")
    lines = table(facts).splitlines()
    assert any(line.startswith("chosen by auto") and "one_round would take about" in line for line in lines)
    assert "--set promise=estimate" in lines[-1]
    saved = outcome(promise="estimate")
    assert (saved.plays, saved.promise) == ("cross", "estimate")
    assert summary(saved)["bits"] <= facts["bits"] / 2
    assert "--set promise" not in table(summary(saved))
    assert "chosen by auto" not in table(summary(outcome(name="rounded")))


@pytest.mark.parametrize(
    ("name", "promise", "fault"),
    [
        ("cross", "certain", "for certain, not cross; try local_budget, one_way"),
        ("sketch_qrcp", "certain", "for certain, not sketch_qrcp"),
        ("als", "estimate", "promises an accuracy, not als"),
        ("als", "certain", "for certain, not als"),
    ],
)
def test_what_a_protocol_cannot_promise_is_an_input_error_that_names_those_that_can(
    name: str, promise: str, fault: str
):
    tables = {
        "instance": {"kind": "synthetic", "n": 9, "d": 9, "k": 1},
        "protocol": {"name": name, "promise": promise},
    }
    with pytest.raises(InputError, match=fault):
        check(Draft(Path("x.toml"), tables))
    tables["protocol"]["name"] = "raw"
    assert check(Draft(Path("x.toml"), tables)).protocol.promise == promise
