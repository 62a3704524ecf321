"""Commands that play tell the same on two ranks as in one process; all of them in one job, as jobs take long to start.

Which kinds of games are the same on any number of ranks: tests/playing/test_worlds.py.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.playing.test_rank_claims import write as write_files
from tests.scenario.test_plugins import PLUGIN
from tests.scenario.test_weights_of_ones_own import HILLS, STAIRS
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit

COMMANDS_MAIN = str(Path(__file__).with_name("commands_main.py"))

SMALL = ["n=48", "d=24", "s=8", "k=2", "r=2", "servers=3"]

CIRCUMSTANCES = {"seconds", "ranks"}

PLAYED = {
    "a trace": ("run", "comparison", *SMALL, "--trace"),
    "W sent, and the output of everyone": (
        *("run", "lower_bound", "s=8", "protocol=one_round", "servers=3", "output=everyone", "game.weights=sent"),
        "--json",
    ),
    "trials": (
        *("run", "two_thirds", "s=16", "r=2", "k=2", "d=6", "servers=3", "output=everyone"),
        *("--trials", "6", "--json"),
    ),
    "a comparison": ("compare", "comparison", *SMALL, "--protocols", "one_round,raw,one_way", "--json"),
    "a record": ("run", "lower_bound", "s=8", "--json", "--out", "kept"),
    "a sweep": ("run", "lower_bound_sweep", "sweep.s=[4, 8]", "sweep.r=[1, 3]", "sweep.k=[2]", "--json"),
    "a rank that one finds for all": ("run", "game.toml", "--json"),
    "a protocol of the user's own": ("run", "loud.toml", "times=2", "--json"),
    "a weight type of the user's own": ("run", "hills.toml", "--json"),
}

REFUSED = {
    "a name is 'nothing'": ("compare", "comparison", "--protocols", "nothing"),
    "broken.py: a plugin is expected to define": ("run", "broken.toml", "times=2"),
    "--require-rank expects": ("run", "game.toml", "r=1", "--require-rank"),
}
"""By what is said of them, once."""

FILES = {
    "mine.py": PLUGIN,
    "stairs.py": STAIRS,
    "hills.py": HILLS,
    "broken.py": "x = 1\n",
    "loud.toml": 'plugins = ["mine.py"]\n[instance]\nkind = "ramp"\n[protocol]\nname = "loud"\n',
    "broken.toml": 'plugins = ["broken.py"]\n[instance]\nkind = "ramp"\n[protocol]\nname = "loud"\n',
    "hills.toml": 'plugins = ["stairs.py", "hills.py"]\n[instance]\nkind = "hills"\n'
    '[game]\nservers = 3\n[protocol]\nname = "raw"\nbounds = "quick"\n',
}


def words(place: Path, command: tuple[str, ...]) -> list[str]:
    """The arguments: files are in `place`, where records are kept, and what has a = is a setting."""
    placed = (str(place / word) if word.endswith((".toml", "kept")) else word for word in command)
    return [word for each in placed for word in (("--set", each) if "=" in each else (each,))]


def story(text: str) -> Any:
    """What every number of ranks must agree on: all but the circumstances, or the lines of a trace."""
    if not text.startswith("{"):
        return text[: text.index("in ")]

    def essence(facts: Any) -> Any:
        match facts:
            case dict():
                return {key: essence(value) for key, value in facts.items() if key not in CIRCUMSTANCES}
            case list():
                return [essence(value) for value in facts]
        return facts

    return [essence(json.loads(line)) for line in text.splitlines()]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files are, of which one plugin imports another."""
    write_files(tmp_path, "integers")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text + f"# in {tmp_path}: equal bytes are loaded once\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delitem(sys.modules, "stairs", raising=False)
    return tmp_path


def test_two_ranks_tell_what_one_process_tells(
    place: Path, mpiexec: Callable[..., subprocess.CompletedProcess[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    asked = [words(place, command) for command in (*PLAYED.values(), *REFUSED.values())]
    job = mpiexec(2, COMMANDS_MAIN, json.dumps(asked), timeout=100)
    assert job.returncode == 0, job.stderr
    answers = [json.loads(line) for line in job.stdout.splitlines()]
    for (name, command), (code, printed) in zip(PLAYED.items(), answers, strict=False):
        assert main(words(place, command)) == code == Exit.OK, name
        assert story(capfd.readouterr().out) == story(printed), name
    assert answers[len(PLAYED) :] == [[Exit.INPUT, ""]] * len(REFUSED)
    assert all(job.stderr.count(sentence) == 1 for sentence in REFUSED)
    assert job.stderr.count("\n") == len(REFUSED)
