"""No step of a game with plain columns takes a process more than 2.5 times its blocks of A and 150 MB."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

N, D, TIMES, MARGIN = 2**17, 128, 2.5, 150e6

PROGRAM = """
import sys
from pathlib import Path
from wlra_dist.playing.play import play
from wlra_dist.scenario.toml import load
from wlra_dist.world.world import Alone

outcome = play(load(Path(sys.argv[1])), Alone())
status = Path("/proc/self/status").read_text().split()
print(1024 * int(status[status.index("VmHWM:") + 1]), outcome.certificate.ratio)
"""

SCENARIO = """
[instance]
kind = "files"
A = "A.npy"
k = 2

[game]
servers = 4

[protocol]
name = "one_round"
bounds = "quick"
columns = 4
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
def test_a_game_takes_little_more_than_its_blocks(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    A = np.tile(rng.standard_normal((N // 64, 2), np.float32) @ rng.standard_normal((2, D), np.float32), (64, 1))
    A += np.tile(0.1 * rng.standard_normal((N // 8, D), np.float32), (8, 1))
    np.save(tmp_path / "A.npy", A)
    (tmp_path / "game.toml").write_text(SCENARIO)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "game.toml")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    peak, ratio = map(float, run.stdout.split())
    assert 0.9 < ratio < 2
    assert A.nbytes < peak <= TIMES * A.nbytes + MARGIN
