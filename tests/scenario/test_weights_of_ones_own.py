"""A weight type from outside the package: played, recorded, replayed, audited, in one process and on several ranks."""

import json
import sys
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wlra_dist as wd
from tests.game.playing import on_ranks
from wlra_dist.errors import InputError
from wlra_dist.playing.play import play
from wlra_dist.record.write import write_record
from wlra_dist.report.pictures.run import draw
from wlra_dist.scenario import plugins
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.plugins import with_plugins
from wlra_dist.testing import check_weights

STAIRS = '''
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Stairs:
    """W_ij = 2^(h_i + g_j), and 0 where step j has not begun in row i."""

    h: np.ndarray
    g: np.ndarray
    begins: np.ndarray

    @property
    def shape(self):
        return len(self.h), len(self.g)

    @property
    def rank(self):
        return min(self.shape)

    def block(self, columns):
        return Stairs(self.h, self.g[columns], self.begins[columns])

    def rows(self, rows):
        return Stairs(self.h[rows], self.g, self.begins)

    def dense(self, columns):
        return self._weights(self.h[:, None], self.g[columns], self.begins[columns])

    def entries(self, rows, columns):
        return self._weights(self.h[rows], self.g[columns], self.begins[columns])

    @property
    def groups(self):
        return np.unique(np.stack([self.g, self.begins]), axis=1, return_inverse=True)[1].ravel()

    @staticmethod
    def _weights(h, g, begins):
        return np.where(h >= begins, np.exp2(h + g), 0.0)


WEIGHTS = {"stairs": Stairs}
'''

HILLS = """
import numpy as np
from stairs import Stairs

from wlra_dist.instances import Instance, indices


def hills(share, *, n: int = 12, d: int = 9, k: int = 1):
    W = Stairs(np.arange(n) % 4, np.arange(d) % 3, np.arange(d) % 2)
    rng = np.random.default_rng(3)
    A = np.outer(rng.standard_normal(n), rng.standard_normal(d)) + 0.01 * rng.standard_normal((n, d))
    return Instance((n, d), k, min(n, d), W, lambda columns: A[:, indices(columns, d)])


INSTANCES = {"hills": hills}
"""

GAME: dict[str, Any] = {
    "instance": {"kind": "hills"},
    "game": {"servers": 3},
    "protocol": {"name": "raw", "bounds": "quick"},
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The weight type in one plugin, the instance that has such weights in another, which imports it."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delitem(sys.modules, "stairs", raising=False)
    texts = {"stairs.py": STAIRS, "hills.py": f"{HILLS}# in {tmp_path}: equal bytes are loaded once"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return [tmp_path / name for name in texts]


def scenario(files: list[Path], **game: Any) -> Scenario:
    return Scenario.of(GAME, plugins=files, **game)


def test_it_keeps_the_laws_of_weights(files: list[Path]) -> None:
    check_weights(wd.play(scenario(files)).instance.weights)


@pytest.mark.parametrize("game", [{"protocol": "one_round"}, {"weights": "sent"}])
def test_it_is_recorded_replayed_and_audited(files: list[Path], tmp_path: Path, game: dict[str, Any]) -> None:
    outcome = wd.play(scenario(files, **game))
    seal = write_record(outcome, tmp_path / "one", draw)
    assert wd.replay(tmp_path / "one", plugins=files).same
    assert not [line for line in wd.audit(tmp_path / "one", plugins=files) if line.startswith("NOT CHECKED")]
    other, *rest = on_ranks(3, partial(play, scenario(files, **game)))
    assert other is not None
    assert rest == [None, None]
    assert other.account.digest == outcome.account.digest
    assert write_record(other, tmp_path / "many", draw) == seal
    assert wd.replay(tmp_path / "many", plugins=files).same


def test_the_record_keeps_both_plugins_and_asks_for_both(files: list[Path], tmp_path: Path) -> None:
    write_record(wd.play(scenario(files)), tmp_path / "run", draw)
    public = json.loads((tmp_path / "run" / "record.json").read_text())["public"]
    assert [stated["name"] for stated in public["plugins"]] == ["stairs.py", "hills.py"]
    for given, missing in ((files[:1], "hills.py"), (files[1:], "stairs.py")):
        with pytest.raises(InputError, match=f"played with the plugin {missing}"):
            wd.replay(tmp_path / "run", plugins=given)
    files[0].write_text(STAIRS + "\n# changed\n")
    with pytest.raises(InputError, match=r"the stairs.py that is given has another"):
        next(iter(wd.audit(tmp_path / "run", plugins=files)))


def test_an_installed_one_needs_no_file(files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("theirs", "stairs", plugins.GROUP)]
    monkeypatch.setattr(plugins, "entry_points", lambda group: points if group == plugins.GROUP else [])
    write_record(wd.play(scenario(files[1:])), tmp_path / "run", draw)
    assert wd.replay(tmp_path / "run", plugins=files[1:]).same
    public = json.loads((tmp_path / "run" / "record.json").read_text())["public"]
    assert {stated["name"] for stated in public["plugins"]} == {"theirs", "hills.py"}


def test_a_type_that_no_table_names_is_not_recorded(files: list[Path], tmp_path: Path) -> None:
    outcome = wd.play(scenario(files[1:]))
    with pytest.raises(InputError, match="W is a Stairs, which a record cannot be read with: name it in WEIGHTS"):
        write_record(outcome, tmp_path / "run", draw)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("name", "whose"), [("DenseWeights", "the package's own"), ("Stairs", "of stairs.py")])
def test_two_classes_are_not_called_alike(files: list[Path], tmp_path: Path, name: str, whose: str) -> None:
    (tmp_path / "other.py").write_text(f"class {name}: pass\nWEIGHTS = {{'another': {name}}}")
    with pytest.raises(InputError, match=f"other.py: the weight type '.*' is {whose}"):
        with_plugins([files[0], tmp_path / "other.py"])


def test_a_field_that_no_record_holds_is_told_when_it_is_kept(files: list[Path], tmp_path: Path) -> None:
    text = STAIRS.replace("begins: np.ndarray\n", "begins: np.ndarray\n    about: str = 'stairs'\n")
    files[0].write_text(text)
    with pytest.raises(InputError, match=r"Stairs cannot be kept in a record: .* about has str"):
        write_record(wd.play(scenario(files)), tmp_path / "run", draw)
    with pytest.raises(AssertionError, match="about has str"):
        check_weights(wd.play(scenario(files)).instance.weights)


def test_entries_are_what_the_type_says(files: list[Path]) -> None:
    W = wd.play(scenario(files)).instance.weights
    assert np.array_equal(W.dense(slice(None))[0], [1.0, 0.0, 4.0, 0.0, 2.0, 0.0, 1.0, 0.0, 4.0])
