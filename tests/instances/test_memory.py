"""A process that reads a quarter of the columns needs little more memory than these take."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

SHAPE = 16_000, 512
SLACK = 40 * 2**20
"""Bytes for the buffers of reading and checking, and what the allocator keeps."""

PROGRAM = """
import resource, sys
from wlra_dist.instances import Files, alone

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before = peak()
instance = Files(A=sys.argv[1], W=sys.argv[1], k=5).open(alone)
block = instance.block(slice(128, 256))
print(1024 * (peak() - before), block.nbytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux only")
@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("C.npy", lambda path, A: np.save(path, A)),
        ("F.npy", lambda path, A: np.save(path, np.asfortranarray(A))),
        ("stored.npz", lambda path, A: np.savez(path, A)),
        ("packed.npz", lambda path, A: np.savez_compressed(path, A)),
    ],
)
def test_reading_a_quarter_takes_a_quarter(tmp_path: Path, name: str, save: Callable[[Path, np.ndarray], None]) -> None:
    A = np.tile(np.arange(SHAPE[1], dtype=float), (SHAPE[0], 1))
    save(tmp_path / name, A)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / name)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    grown, block = map(int, run.stdout.split())
    assert block == A.nbytes / 4
    assert grown < 1.2 * block + SLACK < A.nbytes
