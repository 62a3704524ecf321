"""Whatever a command prints for people fits on a screen of 80 characters; a wide screen shows more."""

from collections.abc import Callable
from pathlib import Path

import pytest

from wlra_dist.commands.main import main
from wlra_dist.errors import Exit
from wlra_dist.report.screen import fitted

SCENARIOS = Path(__file__).parents[2] / "scenarios"

TINY = ["--set", "n=24", "--set", "d=16", "--set", "k=1", "--set", "r=2", "--set", "s=6"]
"""The scenario `comparison`, made small."""

GRID = ["--set", "sweep.s=[4,8]", "--set", "sweep.r=[1,3]", "--set", "sweep.k=[2]"]


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """lines(*words, columns=80): what `wlra-dist words…` prints on a screen of so many characters."""

    def printed(*words: str, columns: int = 80) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(columns))
        assert main(words) in (Exit.OK, Exit.ENVIRONMENT), capfd.readouterr().err
        return capfd.readouterr().out.splitlines()

    return printed


@pytest.mark.parametrize(
    "words",
    [
        ["scenarios"],
        ["bounds"],
        ["bounds", "--bound=99", "--m=1000000"],
        ["bounds", "--n=40", "--s=30"],
        ["bounds", "--weights", str(SCENARIOS / "files" / "W.npy"), "--s", "2", "--k", "2"],
        ["doctor"],
        ["run", "comparison", *TINY, "--set", "protocol.output=everyone"],
        ["run", "lower_bound", "--set", "s=4"],
        ["run", "lower_bound_sweep", *GRID],
        ["run", "comparison", *TINY, "--set", "sweep.m=[1,2]", "--set", "sweep.protocol=['raw','frequent_directions']"],
        ["compare", "comparison", *TINY, "--protocols", "raw,frequent_directions,one_way,distinct"],
        ["compare", "lower_bound", "--set", "s=8"],
        ["experiment", "experiments/fisher_like", "--set", "n=60", "--set", "d=40"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_tables_fit_on_80_characters(words: list[str], lines: Callable[..., list[str]]):
    assert [line for line in lines(*words) if len(line) > 80] == []


@pytest.mark.parametrize("command", ["replay", "audit"])
def test_what_is_found_in_a_recorded_run_fits_too(
    command: str, recorded: Callable[[str], Path], lines: Callable[..., list[str]]
):
    assert [line for line in lines(command, str(recorded("lower_bound") / "run")) if len(line) > 80] == []


def test_a_wide_screen_shows_the_columns_that_a_narrow_one_leaves_to_the_file(lines: Callable[..., list[str]]):
    words = "compare", "comparison", *TINY, "--protocols", "raw,one_round"
    narrow, wide = ("\n".join(lines(*words, columns=columns)) for columns in (80, 200))
    assert "blackboard" not in narrow
    assert all(title in wide for title in ("bits", "up", "down", "blackboard", "rounds", "theorem's"))


def test_words_go_on_where_they_began():
    assert fitted("  bits      12  " + "as many as there are " * 5).splitlines()[1].startswith(" " * 16 + "as many")
    assert fitted("short") == "short"
    assert fitted("x" * 100) == "x" * 100
