"""Trials: how often a protocol is right, as an interval, and what it says on average."""

import csv
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from wlra_dist.commands.main import main
from wlra_dist.errors import Exit
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols.bounds import lower
from wlra_dist.protocols.one_round.two_thirds import speaks
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.toml import find, load
from wlra_dist.studies.trials import clopper_pearson, trial

Run = Callable[..., subprocess.CompletedProcess[str]]

SMALL = ["two_thirds", "--set", "s=16", "--set", "r=2", "--set", "k=2", "--set", "d=6"]
N = 16 * 2 * 2
TRIALS = 60


def asked(*words: str) -> list[str]:
    return ["run", *SMALL, "--trials", *words]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("trials") / "out"
    assert main(asked(str(TRIALS), "--out", str(out))) == Exit.OK
    return {"out": out, "facts": json.loads((out / "trials.json").read_bytes())}


def test_two_thirds_of_the_games_say_everything_and_the_others_nothing(many: dict[str, Any]) -> None:
    facts = many["facts"]
    bits, right = np.array(facts["bits"]), np.array(facts["rights"])
    assert facts["trials"] == len(bits) == TRIALS
    assert (bits[~right] == 0).all()
    assert set(bits[right]) <= set(range(N, N + 16))
    assert facts["right"] == right.sum()
    assert abs(right.mean() - 2 / 3) < 4 * (2 / 9 / TRIALS) ** 0.5
    assert facts["mean_bits"] == pytest.approx(bits.mean())
    assert (facts["best_bits"], facts["worst_bits"]) == (0, bits.max())


def test_a_protocol_that_errs_is_held_against_the_bounds_for_those(many: dict[str, Any]) -> None:
    facts = many["facts"]
    assert facts["lower_bound_bits"] is None
    assert "right two times in three" in facts["lower_bound_fails"]
    assert facts["lower_bound_expected"] == lower.expected_bits(N, N)
    assert facts["lower_bound_worst_case"] == lower.worst_case_bits(N) <= facts["worst_bits"]


def test_what_is_kept_is_a_line_a_game_and_a_picture(many: dict[str, Any]) -> None:
    assert {path.name for path in many["out"].iterdir()} == {"trials.csv", "trials.json", "trials.png"}
    with (many["out"] / "trials.csv").open(newline="") as file:
        assert [int(row["bits"]) for row in csv.DictReader(file)] == many["facts"]["bits"]


@pytest.mark.parametrize(("right", "count"), [(0, 1), (1, 1), (0, 30), (20, 30), (30, 30), (6671, 10_000)])
def test_the_interval_is_that_of_clopper_and_pearson(right: int, count: int) -> None:
    known = binomtest(right, count).proportion_ci(0.95, method="exact")
    assert clopper_pearson(right, count) == pytest.approx((known.low, known.high), abs=1e-12)


def test_coins_say_so_two_times_in_three() -> None:
    coins = (np.random.default_rng([seed, 0]).integers(1 << 63) for seed in range(10_000))
    assert np.mean([speaks(int(coin)) for coin in coins]) == pytest.approx(2 / 3, abs=0.02)


def test_each_game_has_seeds_of_its_own_and_what_has_none_stays_the_same() -> None:
    scenario = load(find("two_thirds"))
    other = trial(scenario, 7)
    assert (other.game.seed, other.facts()["instance"]["seed"]) == (7, 7)
    assert trial(scenario, 0) == scenario
    files = load(find("files"))
    assert trial(files, 7).instance == files.instance


def test_one_game_that_fails_is_no_broken_promise_and_one_of_a_sure_protocol_is(
    many: dict[str, Any], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = many["facts"]["rights"].index(False)
    assert main(["run", *SMALL, "--set", f"game.seed={silent}", "--json"]) == Exit.OK
    facts = json.loads(capfd.readouterr().out)
    assert (facts["bits"], facts["holds"], facts["promise"]) == (0, None, "two in three")
    monkeypatch.setattr(
        "wlra_dist.playing.play.Outcome.passes", property(lambda outcome: outcome.scenario.game.seed != 1)
    )
    assert main(asked("3", "--set", "protocol=one_way", "--json")) == Exit.VERIFICATION
    assert json.loads(capfd.readouterr().out)["broken"] == 1


def test_interrupted_trials_say_so_in_a_sentence_and_leave_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted_in_the_third(scenario: Scenario, *others: Any, **more: Any) -> Outcome | None:
        if scenario.game.seed == 2:
            raise KeyboardInterrupt
        return play(scenario, *others, **more)

    monkeypatch.setattr("wlra_dist.studies.trials.play", interrupted_in_the_third)
    assert main(asked("9", "--out", str(tmp_path / "out"))) == 128 + signal.SIGINT
    assert capfd.readouterr() == ("", "wlra-dist: interrupted after 2 of 9 games: nothing is kept\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "rank_sweep", "--trials", "3"], "expects one game, but rank_sweep sweeps r"),
        (asked("0"), "expected a whole number from 1 up"),
        (asked("2", "--set", "coins=private"), "a coin that all see"),
    ],
)
def test_what_cannot_be_tried_is_refused(arguments: list[str], says: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == Exit.INPUT
    assert says in capfd.readouterr().err


def test_everyone_is_right_in_some_trials_and_wrong_in_others(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(asked("6", "--set", "servers=3", "--set", "output=everyone", "--json")) == Exit.OK
    assert 0 < json.loads(capfd.readouterr().out)["right"] < 6
