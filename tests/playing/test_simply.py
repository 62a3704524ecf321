"""One line of Python plays what a file, a dict or a name states, and settings go over it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wlra_dist.errors import InputError
from wlra_dist.playing.simply import play

TABLES: dict[str, Any] = {
    "instance": {"kind": "synthetic", "n": 20, "d": 12, "k": 2, "r": 1, "noise": 0.1},
    "game": {"servers": 2},
    "protocol": {"name": "one_round"},
}

FILE = """
[instance]
kind = "synthetic"
n = 20
d = 12
k = 2
r = 1
noise = 0.1
[game]
servers = 2
[protocol]
name = "one_round"
"""


def test_a_dict_and_a_file_that_state_the_same_are_the_same_game(tmp_path: Path):
    (tmp_path / "game.toml").write_text(FILE, encoding="utf-8")
    by_dict, by_file = play(TABLES), play(str(tmp_path / "game.toml"))
    assert by_dict.account.digest == by_file.account.digest
    assert by_dict.holds
    assert by_dict.scenario.game.servers == 2
    assert play(by_dict.scenario).account.digest == by_dict.account.digest


def test_settings_go_over_the_scenario_s_and_leave_it_as_it_is():
    raw, three = play(TABLES, protocol={"name": "raw"}), play(TABLES, servers=3)
    assert raw.scenario.protocol.name == "raw"
    assert raw.certificate.loss == 0
    assert (three.scenario.game.servers, TABLES["game"]["servers"]) == (3, 2)
    assert three.solution is not None
    assert np.isfinite(three.certificate.loss)


@pytest.mark.parametrize("wrong", [{"servers": 0}, {"protocol": {"name": "none"}}, {"colour": 3}])
def test_what_cannot_be_played_is_refused(wrong: dict[str, Any]):
    with pytest.raises(InputError):
        play(TABLES, **wrong)
