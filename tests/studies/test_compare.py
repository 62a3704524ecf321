"""Comparisons: the same games as one by one, on an instance that is opened once."""

import csv
import json
import re
import subprocess
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.game.playing import on_ranks
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, InputError
from wlra_dist.instances import Synthetic
from wlra_dist.playing import referee
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.record.summary import summary
from wlra_dist.report.tables.comparison import COLUMNS, figures
from wlra_dist.studies import compare
from wlra_dist.studies.compare import Comparison, load_comparison, play_games, selector_of
from wlra_dist.world.world import Alone, World

Run = Callable[..., subprocess.CompletedProcess[str]]

SCENARIO = Path(__file__).parents[2] / "scenarios" / "comparison.toml"
SMALL = ["n=48", "d=24", "s=8", "k=2", "r=2", "servers=3"]
SMALL_ARGUMENTS = [word for setting in SMALL for word in ("--set", setting)]
TWO = ["one_round", "raw"]


@pytest.fixture(autouse=True)
def wide_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen that has room for all columns."""
    monkeypatch.setenv("COLUMNS", "250")


def played(comparison: Comparison) -> list[Outcome]:
    outcomes = [outcome for _, outcome in play_games(comparison, Alone())]
    assert all(isinstance(outcome, Outcome) for outcome in outcomes)
    return outcomes  # pyright: ignore[reportReturnType]


def test_every_protocol_plays_or_says_why_not():
    comparison = load_comparison(SCENARIO, SMALL)
    assert {game.protocol.name for game in comparison.games} | comparison.declined.keys() == PROTOCOLS.keys() - {"auto"}
    assert comparison.declined["one_way"].startswith("one_way is a game of two")
    assert "one_way" in {game.protocol.name for game in load_comparison(SCENARIO, [*SMALL, "servers=1"]).games}


def test_several_numbers_of_servers_make_a_table_and_a_picture(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    arguments = ["compare", str(SCENARIO), *SMALL_ARGUMENTS, "--protocols", "one_round,one_way,auto", "--among", "3,1"]
    assert main([*arguments, "--out", str(tmp_path / "kept")]) == Exit.OK
    assert "one_way  cannot play" not in capfd.readouterr().out
    with (tmp_path / "kept" / "comparison.csv").open(encoding="utf-8") as file:
        rows = [(row["protocol"], row["among"]) for row in csv.DictReader(file)]
    chosen = "auto: one_round"
    assert rows == [("one_round", "1"), ("one_way", "1"), (chosen, "1"), ("one_round", "3"), (chosen, "3")]
    assert main(["report", str(tmp_path / "kept")]) == Exit.OK
    page = (tmp_path / "kept" / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 1
    assert {">auto<", ">one_way<", ">one_round<"} <= set(re.findall(">[a-z_]+<", page)), "a line for each of them"
    alone = played(load_comparison(SCENARIO, [*SMALL, "servers=1"], TWO))
    both = played(load_comparison(SCENARIO, SMALL, TWO, servers=[1, 3]))
    assert [each.account.digest for each in both[:2]] == [each.account.digest for each in alone]


@pytest.mark.parametrize("counts", ["0", "1,x", "-3", "1,,2"])
def test_numbers_of_servers_are_positive(counts: str):
    assert main(["compare", str(SCENARIO), f"--among={counts}"]) == Exit.INPUT


def test_json_brings_back_the_same_comparison():
    comparison = load_comparison(SCENARIO, SMALL, TWO, ["greedy", "norm"])
    assert Comparison.from_json(comparison.to_json()) == comparison


def test_each_game_is_the_one_that_is_played_alone():
    comparison = load_comparison(SCENARIO, [*SMALL, "deal='at random'"], TWO)
    for game, outcome in zip(comparison.games, played(comparison), strict=True):
        alone = play(game, Alone())
        assert alone is not None
        assert outcome.account.digest == alone.account.digest
        assert outcome.certificate == alone.certificate
        assert summary(outcome) | {"seconds": 0} == summary(alone) | {"seconds": 0}


def test_the_instance_is_opened_and_its_bound_computed_once(monkeypatch: pytest.MonkeyPatch):
    calls: list[str] = []
    opened, bounded = Synthetic.open, referee.Referee.of
    monkeypatch.setattr(Synthetic, "open", lambda *of: (calls.append("open"), opened(*of))[1])
    monkeypatch.setattr(referee.Referee, "of", lambda *of: (calls.append("bound"), bounded(*of))[1])
    assert len(played(load_comparison(SCENARIO, SMALL, TWO, ["greedy", "norm"]))) == 3
    assert calls == ["open", "bound"]


def test_who_chooses_no_columns_plays_once_whatever_the_selectors():
    comparison = load_comparison(SCENARIO, SMALL, TWO, ["greedy", "norm"])
    assert [(game.protocol.name, selector_of(game)) for game in comparison.games] == [
        ("one_round", "greedy"), ("one_round", "norm"), ("raw", None),
    ]  # fmt: skip


def test_a_selector_with_options_has_its_name():
    (game,) = load_comparison(SCENARIO, [*SMALL, "selector={name='sketched_qr', oversampling=8}"], ["one_round"]).games
    assert selector_of(game) == "sketched_qr"


def test_bits_go_up_or_down_and_a_blackboard_is_no_dearer():
    those = [name for name in PROTOCOLS if name not in ("one_way", "two_thirds")]  # whose coin is public
    for outcome in played(load_comparison(SCENARIO, [*SMALL, "model=blackboard", "coins=private"], those)):
        row = figures(outcome, None)
        assert row["up_bits"] + row["down_bits"] + row["between_bits"] == row["bits"]
        assert row["bits"] == sum(entry.bits for entry in outcome.account.entries)
        assert 0 < row["blackboard_bits"] <= row["bits"]
        assert row["within_target"] == (row["loss"] <= row["target"] * row["lower_bound_opt"])
        promises = {"als": None, "sketch_qrcp": "estimate", "cross": "estimate"}
        assert row["promise"] == promises.get(row["protocol"], "certain")


def test_a_number_of_columns_is_no_target():
    (outcome,) = played(load_comparison(SCENARIO, [*SMALL, "columns=3"], ["one_round"]))
    row = figures(outcome, "auto")
    assert row["within_target"] is None
    assert row["target"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--protocols", "one_rond"], "--protocols: a name is 'one_rond'; expected one of"),
        (["--protocols", "one_rond"], "(did you mean 'one_round'?)"),
        (["--selectors", "greedi"], "(did you mean 'greedy'?)"),
        (["--protocols", "raw,"], "expected names with commas between them, got 'raw,'"),
        (["--protocols", "one_way"], "one_way is a game of two"),  # asked for alone, and cannot play
        (["--set", "n=0"], "[instance] n: expected greater than or equal to 1, got 0"),
        (["--set", "sweep.s=[1, 2]"], "a comparison has one instance"),
        (["--servers", "25"], "25 servers expect at least 25 columns"),
        (["--set", "zz"], "--set expects key=value"),
    ],
)
def test_a_comparison_that_cannot_be_played_is_refused(
    arguments: list[str], says: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
):
    out = ["--out", str(tmp_path / "out")]
    assert main(["compare", str(SCENARIO), *SMALL_ARGUMENTS, *arguments, *out]) == Exit.INPUT
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert says in printed.err
    assert printed.err.count("[instance] n:") <= 1  # what is wrong for every protocol is told once
    assert not list(tmp_path.iterdir())


def refusing(*_: Any) -> Any:
    raise InputError("integers alone can be told apart")


def test_a_protocol_that_finds_the_instance_unfit_is_listed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(import_module("wlra_dist.protocols.one_round.one_round"), "one_round", refusing)
    comparison = load_comparison(SCENARIO, SMALL, TWO)

    def rows_of(world: World) -> list[Any]:
        return [
            outcome if isinstance(outcome, str) else outcome and outcome.account.digest
            for _, outcome in play_games(comparison, world)
        ]

    alone = rows_of(Alone())
    assert alone[0] == "integers alone can be told apart"
    assert on_ranks(3, rows_of) == [alone, [alone[0], None], [alone[0], None]]
    assert main(["compare", str(SCENARIO), *SMALL_ARGUMENTS, "--protocols", "one_round,raw"]) == Exit.OK
    assert "cannot play: integers alone can be told apart" in capfd.readouterr().out


def test_the_command_prints_a_line_a_game_and_keeps_table_and_picture(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    arguments = ["compare", str(SCENARIO), *SMALL_ARGUMENTS, "--protocols", "one_way,one_round,raw"]
    for _ in range(2):  # the second takes the place of the first
        assert main([*arguments, "--out", str(tmp_path / "kept")]) == Exit.OK
    title, titles, *lines = capfd.readouterr().out.splitlines()[6:]
    assert "comparison: A is 48 × 24 of 646 B, k = 2, r = 2, 3 servers; all aim at a loss of 1.1 × LB" in title
    assert titles.split()[:5] == ["protocol", "selector", "bits", "up", "down"]
    assert [line.split()[0] for line in lines[:-1]] == ["one_round", "raw", "one_way"]
    assert "kept" in lines[-1]
    with (tmp_path / "kept" / "comparison.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["protocol", "selector", *(column.key for column in COLUMNS)]
    record = json.loads((tmp_path / "kept" / "comparison.json").read_text(encoding="utf-8"))
    assert [str(game["bits"]) for game in record["games"]] == [row["bits"] for row in rows]
    assert list(record["declined"]) == ["one_way"]
    assert (tmp_path / "kept" / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_a_place_that_is_taken_is_found_before_the_first_game(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "mine").write_text("")
    assert main(["compare", str(SCENARIO), *SMALL_ARGUMENTS, "--out", str(tmp_path)]) == Exit.INPUT
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "holds 'mine'" in printed.err


def test_a_game_that_misses_the_target_is_exit_code_3(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Outcome, "holds", property(lambda outcome: outcome.scenario.protocol.name != "raw"))
    arguments = ["compare", str(SCENARIO), *SMALL_ARGUMENTS, "--protocols", "raw,one_round", "--json"]
    assert main(arguments) == Exit.VERIFICATION
    assert len(json.loads(capfd.readouterr().out)["games"]) == 2


def test_an_error_in_a_game_names_its_protocol(monkeypatch: pytest.MonkeyPatch):
    def miscounting(*_: Any) -> Any:
        raise compare.WlraDistError("a message is missing")

    monkeypatch.setattr(import_module("wlra_dist.protocols.raw"), "raw", miscounting)
    with pytest.raises(compare.WlraDistError, match="comparison, raw: a message is missing"):
        played(load_comparison(SCENARIO, SMALL, ["raw"]))
