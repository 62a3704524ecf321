"""Sweeps: all combinations, all checked before the first is played, the same on any number of ranks."""

import csv
import json
import re
import subprocess
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, InputError
from wlra_dist.playing.play import Outcome
from wlra_dist.protocols.bounds import lower
from wlra_dist.report.tables.sweep import COLUMNS, columns, headline, line, point_facts, row, widths
from wlra_dist.scenario.toml import FIRST, find, listed, load
from wlra_dist.studies.sweep import Sweep, load_sweep, play_point
from wlra_dist.world.world import Alone

Run = Callable[..., subprocess.CompletedProcess[str]]

SCENARIOS = Path(__file__).parents[2] / "scenarios"
GRID = SCENARIOS / "lower_bound_sweep.toml"
HARD = SCENARIOS / "lower_bound.toml"

SMALL = ["sweep.s=[4, 8]", "sweep.r=[1, 3]", "sweep.k=[2]"]
SMALL_ARGUMENTS = [word for setting in SMALL for word in ("--set", setting)]


@pytest.fixture(autouse=True)
def wide_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen that has room for all columns."""
    monkeypatch.setenv("COLUMNS", "250")


def played(path: Path, *settings: str) -> list[dict[str, Any]]:
    """The facts of each point."""
    games: list[dict[str, Any]] = []
    sweep = load_sweep(path, settings)
    for point in sweep.points:
        outcome = play_point(sweep, point, Alone(), lambda _: None)
        assert isinstance(outcome, Outcome)
        games.append(point_facts(point.values, outcome))
    return games


def values(path: Path, *settings: str) -> list[tuple[Any, ...]]:
    return [tuple(point.values.values()) for point in load_sweep(path, settings).points]


def test_the_grid_in_the_box_has_all_combinations():
    assert values(GRID) == list(product([16, 64, 256, 1024], [1, 4, 16], [1, 4, 16]))


def test_each_point_is_the_scenario_with_its_values_set():
    for point in load_sweep(GRID, SMALL).points:
        alone = load(HARD, [f"{key}={value}" for key, value in point.values.items()])
        assert point.scenario.facts() | {"name": "", "about": ""} == alone.facts() | {"name": "", "about": ""}


def test_json_brings_back_the_same_sweep():
    sweep = load_sweep(HARD, ["sweep.codec=['paper', 'float64']", "sweep.epsilon=[0.1, 0.25]"])
    assert Sweep.from_json(sweep.to_json()) == sweep


def test_a_scenario_without_a_sweep_is_one_point():
    sweep = load_sweep(HARD)
    assert sweep.keys == ()
    assert [point.scenario for point in sweep.points] == [load(HARD)]


@pytest.mark.parametrize("setting", ["sweep.instance.s=[2, 3]", "sweep.s=[2, 3]"])
def test_a_key_may_be_bare_or_with_its_table(setting: str):
    assert [point.scenario.facts()["instance"]["s"] for point in load_sweep(HARD, [setting]).points] == [2, 3]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (["sweep.s=[8, 0]"], r"at s = 0: \[instance\] s: expected"),
        (["sweep.servers=[1, 2]"], "at servers = 2: one_way is a game of two"),  # related keys
        (["sweep.s=[10000000]", "sweep.r=[1, 2]"], "at s = 10000000, r = 2: .* is more than 10000000"),
        (["sweep.s=8"], "s: expected a list of values, got 8"),
        (["sweep.s=[]"], r"s: expected a list of values, got \[\]"),
        (["sweep.seed=[1]"], "several tables have this key; say instance.seed or game.seed"),
        (["sweep.sreves=[1]"], r"\[sweep\] sreves: no table has this key"),
        (["sweep.s=[1]", "sweep.instance.s=[2]"], "instance.s: is the same key as s"),
        (["sweep.about.s=[1]"], r"expected a key of \[instance\], \[game\] or \[protocol\]"),
        (["sweep.s=[1]", "s=2"], r"s is swept; try --set sweep.s="),
        ([f"sweep.s={[1] * 101}", f"sweep.k={[1] * 101}"], "makes 10,201 games"),
    ],
)
def test_a_sweep_that_cannot_be_played_is_refused_at_once(settings: list[str], says: str):
    with pytest.raises(InputError, match=says):
        load_sweep(HARD, settings)


def test_a_sweep_is_no_table_but_text(tmp_path: Path):
    (tmp_path / "wrong.toml").write_text('sweep = "s"\n' + HARD.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match="must be a table of lists"):
        load_sweep(tmp_path / "wrong.toml")


def test_who_wants_one_game_is_told_that_these_are_many():
    with pytest.raises(InputError, match="makes it many games"):
        load(GRID)


def test_what_only_the_instance_finds_wrong_names_its_point():
    settings = ["n=24", "d=6", "s=4", "k=2", "r=2", "sweep.servers=[2, 7]"]
    with pytest.raises(InputError, match="at servers = 7: 7 servers expect"):
        played(SCENARIOS / "servers.toml", *settings)


def test_the_line_of_a_hard_instance_holds_its_bits_against_all_three_bounds():
    for facts in played(GRID, *SMALL):
        swept, figures = facts["swept"], row(facts)
        N = swept["s"] * swept["r"] * swept["k"]
        assert figures["bits"] == figures["lower_bound_bits"] + figures["bits_beyond_lower_bound"] == facts["bits"]
        assert figures["lower_bound_bits"] == N
        assert figures["lower_bound_worst_case"] == lower.worst_case_bits(N)
        assert figures["lower_bound_expected"] == lower.expected_bits(N, N)
        assert figures["decoded"]
        assert figures["holds"]
        assert figures["loss"] == 0
        room, chosen = widths([swept]), columns([facts], {})
        assert len(line(facts, room, chosen)) == len(headline(room, chosen))


def test_what_a_game_does_not_have_is_a_dash():
    (facts,) = played(SCENARIOS / "two_party.toml", "images=60", "k=2", "sweep.epsilon=[0.1]")
    chosen = columns([facts], {})
    assert line(facts, {"epsilon": 9}, chosen).split().count("–") == 1  # decoded
    assert "least" not in headline({"epsilon": 9}, chosen)
    assert all(row(facts)[key] is None for key in ("least_bits", "lower_bound_bits", "lower_bound_expected"))


def test_where_everyone_must_output_bits_are_held_against_what_that_costs():
    alone, facts = played(HARD, "s=8", "name=one_round", "output=everyone", "sweep.m=[1, 3]")
    N, figures = 8 * 4 * 4, row(facts)
    assert figures["least_bits"] == lower.everyone_bits(N, 3) == facts["bits"] - figures["bits_beyond_lower_bound"]
    assert figures["bits_over_lower_bound"] == facts["bits"] / figures["least_bits"]
    assert row(alone)["least_bits"] == N
    assert "m(N − 1.17)" in headline({"m": 6}, columns([alone, facts], {}))
    assert "m(N − 1.17)" not in headline({"m": 6}, columns([alone], {}))


def test_no_figure_of_the_theorem_stands_beside_an_input_that_is_none_of_its():
    (facts,) = played(SCENARIOS / "comparison.toml", "n=40", "d=16", "s=8", "sweep.epsilon=[0.1]")
    assert facts["lower_bound_bits"] == 8 * 12
    assert all(row(facts)[key] is None for key in ("least_bits", "lower_bound_bits", "lower_bound_expected"))


def test_the_command_prints_a_line_a_point_and_keeps_a_table(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    code = main(["run", str(GRID), *SMALL_ARGUMENTS, "--out", str(tmp_path / "kept")])
    titles, *lines, bits, theorem, N, Fano, last = capfd.readouterr().out.splitlines()
    assert code == Exit.OK
    assert re.fullmatch(r"bits ~ s\^0\.\d{3} · r\^0\.\d{3}", bits)
    assert (theorem.split(" ~ ")[0], N, Fano.split(" ~ ")[0]) == (
        "the theorem's count",
        "N ~ s^1.000 · r^1.000",
        "Fano's bound",
    )
    assert titles.split()[:4] == ["s", "r", "k", "bits"]
    assert [tuple(map(int, text.split()[:3])) for text in lines] == [(4, 1, 2), (4, 3, 2), (8, 1, 2), (8, 3, 2)]
    assert "kept" in last
    with (tmp_path / "kept" / "sweep.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["s", "r", "k", *(column.key for column in COLUMNS)]
    assert [row["lower_bound_bits"] for row in rows] == ["8", "24", "16", "48"]


def test_a_place_that_is_taken_is_found_before_the_first_game(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "mine").write_text("")
    assert main(["run", str(GRID), *SMALL_ARGUMENTS, "--out", str(tmp_path)]) == Exit.INPUT
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "holds 'mine'" in printed.err


def test_a_point_that_does_not_hold_is_exit_code_3(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Outcome, "holds", property(lambda outcome: outcome.instance.sparsity != 4))
    assert main(["run", str(GRID), *SMALL_ARGUMENTS, "--json"]) == Exit.VERIFICATION
    assert len(games(capfd.readouterr().out)) == 4


def games(output: str) -> list[dict[str, Any]]:
    """A JSON object a line."""
    return [json.loads(text) for text in output.splitlines()]


def test_bits_grow_with_the_rank_of_W_as_the_paper_claims(capfd: pytest.CaptureFixture[str]):
    assert main(["run", "rank_sweep", "--set", "sweep.r=[1, 2, 4]", "--json"]) == Exit.OK
    found = games(capfd.readouterr().out)
    r, bits, N = (np.array([game[key] for game in found]) for key in ("r", "bits", "N"))
    assert [(game["n"], game["s"], game["k"]) for game in found] == [(4096, 64, 32)] * 3
    assert N.tolist() == (64 * 32 * r).tolist()
    assert np.polyfit(np.log(r), np.log(bits), 1)[0] == pytest.approx(1, abs=0.03)
    assert (bits[1:] <= 1.02 * N[1:]).all()


@pytest.mark.parametrize(
    ("key", "meant"),
    [("m", "game.servers"), ("ε", "protocol.epsilon"), ("eps", "protocol.epsilon"), ("protocol", "protocol.name")],
)
def test_what_people_call_a_key_is_that_key(key: str, meant: str):
    values = "['raw', 'one_round']" if key == "protocol" else "[1, 2]" if key == "m" else "[0.1, 0.2]"
    names = ["name=one_round"] if key == "m" else []
    called, spelled = (load_sweep(HARD, [f"sweep.{name}={values}", *names]) for name in (key, meant))
    assert [point.scenario for point in called.points] == [point.scenario for point in spelled.points]
    assert called.keys == (key,)
    with pytest.raises(InputError, match="is the same key as"):
        load_sweep(HARD, [f"sweep.{key}={values}", f"sweep.{meant.partition('.')[2]}={values}", *names])


def test_a_name_of_a_figure_that_is_swept_has_a_column_of_its_own():
    (facts,) = played(HARD, "s=8", "sweep.columns=[8]")
    assert row(facts | {"swept": {"bits": 3}})["swept bits"] == 3
    assert row(facts | {"swept": {"bits": 3}})["bits"] == facts["bits"]


def test_long_values_stay_apart():
    swept = [{"deal": "at random", "s": 4}, {"deal": "in order", "s": 1000000}]
    room = widths(swept)
    assert room == {"deal": 11, "s": 9}
    assert headline(room, COLUMNS[:1]).startswith("       deal        s       bits")


def test_the_sweeps_of_the_paper_s_claim_are_listed_first():
    names = [name for name, _, _ in listed()]
    assert tuple(names[: len(FIRST)]) == FIRST
    for name in FIRST:
        sweep = load_sweep(find(name))
        assert len(sweep.keys) == 1
        assert len(sweep.points) >= 6
