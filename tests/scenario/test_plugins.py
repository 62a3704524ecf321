"""Protocols, selectors, instance kinds, solvers of the user's own: from a file, by name, and held to a record."""

import json
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import wlra_dist as wd
from tests.game.playing import on_ranks
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, InputError
from wlra_dist.playing.alike import require_one_catalogue
from wlra_dist.scenario import plugins
from wlra_dist.scenario.catalogue import BUILT_IN
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.plugins import with_plugins
from wlra_dist.scenario.toml import load
from wlra_dist.studies.experiments import load_experiment

PLUGIN = '''
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.css import Selection
from wlra_dist.instances import Instance
from wlra_dist.protocols.raw import raw
from wlra_dist.solvers import LowRank
from wlra_dist.weights import DenseWeights


def loud(game, servers, coordinator, A, W, terms, *, times: int, volume: float = 1.5):
    """Sends everything, so many times."""
    assert volume
    for _ in range(times):
        found = raw(game, servers, coordinator, A, W, terms)
    return found


def last(B, stop, rng, *, skip: int = 0):
    d = B.shape[1] - skip
    return Selection(np.arange(d)[::-1][: stop.limit(B)])


def ramp(share, *, n: int = 6, d: int = 5, k: int = 1):
    A = np.add.outer(np.arange(n), np.arange(d)) + 1.0
    return Instance((n, d), k, 1, DenseWeights(np.ones((n, d))), lambda columns: A[:, columns])


@dataclass(frozen=True)
class Zero:
    scale: float = 0.0

    def __call__(self, A, W, k, rng) -> Iterator[LowRank]:
        yield LowRank(np.full((A.shape[0], k), self.scale), np.zeros((k, A.shape[1])))


PROTOCOLS = {"loud": loud}
SELECTORS = {"last": last}
INSTANCES = {"ramp": ramp}
SOLVERS = {"zero": Zero}
UPPER_BOUNDS = {"loud": lambda sizes: 10 * sizes.n * sizes.d}
PROMISES = {"loud": "certain"}
'''

RAMP = {"instance": {"kind": "ramp"}, "game": {"servers": 2}}
LOUD = {**RAMP, "protocol": {"name": "loud", "times": 2}}


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(PLUGIN)
    return tmp_path / "mine.py"


def refused(capfd: pytest.CaptureFixture[str], *words: object) -> str:
    """What the command says when it refuses."""
    assert main(list(map(str, words))) == Exit.INPUT
    printed = capfd.readouterr().err
    assert printed.count("\n") == 1
    return printed


def test_a_protocol_of_ones_own_has_its_options_in_the_scenario(plugin: Path) -> None:
    once, twice = (wd.play({**RAMP, "protocol": {"name": "loud", "times": t}}, plugins=[plugin]) for t in (1, 2))
    assert twice.scenario.facts()["protocol"]["volume"] == 1.5
    assert twice.account.frames[: len(once.account.frames)] == once.account.frames
    assert len(twice.account.frames) == 2 * len(once.account.frames)
    assert twice.promise == "certain"
    assert wd.play(RAMP, plugins=[plugin], protocol="loud", times=1).account.digest == once.account.digest


@pytest.mark.parametrize(
    ("protocol", "says"),
    [
        ({"name": "loud"}, "[protocol] times is missing"),
        ({"name": "loud", "times": "2"}, "[protocol] times: expected a valid integer, got '2'"),
        ({"name": "loud", "times": 2, "volum": 1.0}, "has no key 'volum' (did you mean 'volume'?)"),
        ({"name": "loudd", "times": 2}, "has no key 'times'"),
        ({"name": "loudd"}, "(did you mean 'loud'?)"),
        ({"selector": {"name": "last", "skip": "x"}}, "[protocol.selector] skip: expected a valid integer"),
    ],
)
def test_options_are_held_to_their_annotations(plugin: Path, protocol: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as caught:
        wd.play({**RAMP, "protocol": protocol}, plugins=[plugin])
    assert says in str(caught.value)


def test_a_selector_and_an_instance_kind_are_functions_or_classes(plugin: Path) -> None:
    asked = {"name": "one_round", "columns": 1, "selector": {"name": "last", "skip": 1}}
    outcome = wd.play({**RAMP, "protocol": asked}, plugins=[plugin], d=6)
    assert outcome.instance.shape == (6, 6)
    assert [block.S.tolist() for block in outcome.solution.blocks] == [[1], [1]]


def test_a_solver_is_a_method(plugin: Path, tmp_path: Path) -> None:
    methods = '[{name = "zero", scale = 1.0}, "zero+als"]'
    scenario = (
        f'[instance]\nkind = "ramp"\n[experiment]\nkind = "rank_sweep"\nranks = [1]\ntrials = 1\nmethods = {methods}\n'
    )
    (tmp_path / "methods.toml").write_text(f'plugins = ["{plugin.name}"]\n{scenario}')
    rows = load_experiment(tmp_path / "methods.toml").run().tables["losses"]
    assert [row["relative_loss"] for row in rows] == [1.0, pytest.approx(rows[1]["relative_loss"])]
    with pytest.raises(InputError, match="zero"):
        load_experiment(tmp_path / "methods.toml", ['methods=["zeo"]'])


def test_what_a_plugin_does_not_touch_is_as_it_was(plugin: Path) -> None:
    own, beside = (wd.play("lower_bound", s=2, r=2, k=1, plugins=given) for given in ([], [plugin]))
    assert own.account.digest == beside.account.digest
    assert own.scenario.to_json() == beside.scenario.to_json()
    assert "loud" not in BUILT_IN.protocols


def test_other_ranks_get_the_same_scenario(plugin: Path) -> None:
    names = with_plugins([plugin])
    scenario = wd.play(LOUD, plugins=[plugin]).scenario
    again = Scenario.from_json(scenario.to_json(), names)
    assert again.to_json() == scenario.to_json()
    assert wd.play(again).account.digest == wd.play(scenario).account.digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1", "names nothing"),
        ("PROTOCOLS = {}", "names nothing"),
        ("PROTOCOLS = ['raw']", "must be a dict of names"),
        ("PROTOCOLS = {1: print}", "must be a dict of names"),
        ("PROTOCOLS = {'mine': 7}", "'mine' is neither a function nor a dataclass but 7"),
        ("class Mine: pass\nSELECTORS = {'mine': Mine}", "'mine' is a class, but no dataclass with a method __call__"),
        ("WEIGHTS = {'mine': 1}", "'mine' is no class"),
        ("def raw(*all): ...\nPROTOCOLS = {'raw': raw}", "the protocol 'raw' is the package's own"),
        ("def f(*all, epsilon=1): ...\nPROTOCOLS = {'f': f}", "option epsilon, which all protocols have"),
        ("def f(*all, x=[]): ...\nPROTOCOLS = {'f': f}", "mutable default"),
        ("def f(*all, x: 'Nix'): ...\nPROTOCOLS = {'f': f}", "'Nix' is not defined"),
        ("def f(*all): ...\nPROTOCOLS = {'f': f}\nPROMISES = {'f': 'surely'}", "must be 'certain' or 'estimate' or"),
        ("def f(*all): ...\nPROTOCOLS = {'f': f}\nUPPER_BOUNDS = {'f': 7}", "must be a function of Sizes"),
        ("def f(*all): ...\nPROTOCOLS = {'f': f}\nUPPER_BOUNDS = {'g': f}", "must be a dict of names in its PROTOCOLS"),
        ("import nowhere_at_all", "ModuleNotFoundError"),
        ("def f(:", "SyntaxError"),
        ("raise SystemExit(0)", "SystemExit"),
    ],
)
def test_what_is_no_plugin_is_refused_in_a_sentence(
    text: str, says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    printed = refused(capfd, "run", "quickstart", "--plugin", path)
    assert "mine.py" in printed
    assert says in printed


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for command in ("run", "compare", "experiment"):
        assert "cannot be read" in refused(capfd, command, "quickstart", "--plugin", tmp_path / "none.py")


def test_two_plugins_do_not_share_a_name(plugin: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text(PLUGIN + "\n# another file\n")
    with pytest.raises(InputError, match=r"other.py: the protocol 'loud' is of mine.py"):
        with_plugins([plugin, other])
    assert len(with_plugins([plugin, plugin]).plugins) == 1


def test_ranks_with_other_plugins_end_alike(plugin: Path, tmp_path: Path) -> None:
    own = tmp_path / "elsewhere" / "mine.py"
    own.parent.mkdir()
    own.write_text(PLUGIN + "\n")
    catalogues = [with_plugins([plugin]), with_plugins([plugin]), with_plugins([own])]

    def end(world: Any) -> str:
        with pytest.raises(InputError) as caught:
            require_one_catalogue(world, catalogues[world.rank])
        return str(caught.value)

    sentences = on_ranks(3, end)
    assert len(set(sentences)) == 1
    assert "on rank 2 mine.py (SHA-256" in sentences[0]
    on_ranks(2, lambda world: require_one_catalogue(world, catalogues[world.rank]))


def test_an_installed_module_is_a_plugin(plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(plugin.parent)
    points = [EntryPoint("theirs", "mine", plugins.GROUP)]
    monkeypatch.setattr(plugins, "entry_points", lambda group: points if group == "wlra_dist.plugins" else [])
    outcome = wd.play(LOUD)
    assert outcome.scenario.facts()["plugins"][0]["name"] == "theirs"
    points[0] = EntryPoint("theirs", "gone_away", plugins.GROUP)
    with pytest.raises(InputError, match="the installed plugin theirs"):
        wd.play("lower_bound")


SMALL = ("--set", "s=2", "--set", "r=2", "--set", "k=1", "--set", "protocol=loud", "--set", "times=1")


def test_a_record_keeps_the_plugin_and_asks_for_it(
    plugin: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main(["run", "lower_bound", "--plugin", str(plugin), *SMALL, "--out", str(run)]) == Exit.OK
    assert "claimed by the protocol's plugin" in capfd.readouterr().out
    public = json.loads((run / "record.json").read_text())["public"]
    assert [stated["name"] for stated in public["plugins"]] == ["mine.py"]
    assert public["protocol"]["times"] == 1
    for command, *rest in (("replay",), ("audit",), ("expand", tmp_path / "again.npy")):
        asked = (command, run, *rest)
        assert "played with the plugin mine.py" in refused(capfd, *asked)
        assert main([*map(str, asked), "--plugin", str(plugin)]) == Exit.OK
    capfd.readouterr()
    plugin.write_text(PLUGIN + "\n# changed\n")
    assert "the mine.py that is given has another" in refused(capfd, "replay", run, "--plugin", plugin)


@pytest.mark.usefixtures("plugin")
def test_a_scenario_lists_its_plugins_beside_itself(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = 'kind = "ramp"\n[game]\nservers = 2\n[protocol]\nname = "loud"\ntimes = 1\n'
    path = tmp_path / "games.toml"
    path.write_text(f'plugins = ["mine.py"]\n[instance]\n{table}')
    assert main(["run", str(path), "--json"]) == Exit.OK
    first = json.loads(capfd.readouterr().out)
    assert first["digest"] == wd.play(load(path)).account.digest
    assert main(["run", str(path), "--set", "sweep.times=[1, 2]", "--json"]) == Exit.OK
    assert [json.loads(game)["messages"] for game in capfd.readouterr().out.splitlines()] == [2, 4]
    assert main(["compare", str(path), "--selectors", "last", "--protocols", "loud,raw", "--json"]) == Exit.OK
    assert {game["protocol"] for game in json.loads(capfd.readouterr().out)["games"]} == {"loud", "raw"}
    path.write_text(f'plugins = "mine.py"\n[instance]\n{table}')
    assert "plugins must list files" in refused(capfd, "run", path)
