"""How a machine rounds is named alike, whatever else is loaded."""

import subprocess
import sys

PROGRAM = """
from wlra_dist.world.fingerprint import fingerprint
before = fingerprint()
import scipy.linalg
assert fingerprint() == before, (before, fingerprint())
"""


def test_libraries_that_bring_a_blas_of_their_own_change_no_fingerprint():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
