"""A sparse matrix stays sparse to the end: no step of a game on it, or of what comes after, forms n×d numbers."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import coo_array, load_npz, save_npz

SHAPE, NONZEROS = (400_000, 800), 40_000

ROOM = 600 * 2**20
"""Bytes; two servers' halves of W would take 1.3e9 each, and Python with its libraries takes a third of this."""

SCENARIO = """about = "sparse"
[instance]
kind = "files"
A = "A.npz"
k = 1
{W}
[game]
servers = 2
[protocol]
name = "raw"
"""

PROGRAM = """
from pathlib import Path
from wlra_dist.record.expand import expand
from wlra_dist.world.world import Alone
from wlra_dist.playing.play import play
from wlra_dist.record.write import write_record
from wlra_dist.report.pictures.run import draw
from wlra_dist.record.replay import replay
from wlra_dist.scenario.toml import load

for W in ("ones", "mask"):
    write_record(play(load(Path(f"{W}.toml")), Alone()), Path(W), draw)
    assert replay(Path(W)).same
    expand(Path(W), Path(f"{W}.npz"))
status = Path("/proc/self/status").read_text().split()  # ru_maxrss begins with that of the process that forked
print(1024 * int(status[status.index("VmHWM:") + 1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="VmHWM is told on Linux only")
def test_a_game_its_record_its_replay_and_its_matrix(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    places = rng.choice(SHAPE[0] * SHAPE[1], NONZEROS, replace=False)
    A = coo_array((rng.integers(1, 9, NONZEROS).astype(float), divmod(places, SHAPE[1])), shape=SHAPE)
    save_npz(tmp_path / "A.npz", A, compressed=False)
    for name, W in (("ones", ""), ("mask", 'W = "A.npz"')):
        (tmp_path / f"{name}.toml").write_text(SCENARIO.format(W=W))
    run = subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert int(run.stdout) < ROOM
    for name in ("ones", "mask"):
        assert (load_npz(tmp_path / f"{name}.npz") != A).nnz == 0
