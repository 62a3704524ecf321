"""BLAS obeys, also the one that scipy brings later."""

import subprocess
import sys

import pytest

SCRIPT = """
from wlra_dist.world.blas import blas_threads, fix_blas_threads
fix_blas_threads({n})
import scipy.linalg
assert blas_threads(), "no BLAS was found"
assert set(blas_threads().values()) == {{{n}}}, blas_threads()
"""


@pytest.mark.parametrize("n", [1, 2])
def test_every_blas_uses_the_threads_it_is_told(n: int) -> None:
    child = subprocess.run([sys.executable, "-c", SCRIPT.format(n=n)], capture_output=True, text=True, timeout=60)
    assert child.returncode == 0, child.stderr
