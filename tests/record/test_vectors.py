"""Golden transcripts decode to the same factors under every BLAS kernel, by the verifier too; integers to one game.

`python -m benchmarks.vectors` records them anew when the format changes.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.record.hear_vectors import SPOKEN

VECTORS = Path(__file__).parents[1] / "vectors"

KERNELS = ("Haswell", "SkylakeX", "Sandybridge", "Nehalem")
"""Of OpenBLAS; where it has none of these (ARM, Accelerate), the name means nothing, and the factors are the same."""


@cache
def decoded(kernel: str) -> dict[str, Any]:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.record.hear_vectors", str(VECTORS)],
        env=os.environ | {"OPENBLAS_CORETYPE": kernel},
        cwd=VECTORS.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(finished.stdout)


@pytest.mark.parametrize("kernel", KERNELS)
def test_vectors_decode_to_their_factors(kernel: str):
    factors = json.loads((VECTORS / "factors.json").read_text(encoding="utf-8"))
    assert decoded(kernel)["heard"] == {name: [stated, stated] for name, stated in factors.items()}
    assert decoded(kernel)["verified"] == {name: factors[name] for name in SPOKEN}


@pytest.mark.parametrize("kernel", KERNELS)
def test_games_of_integers_have_the_same_words(kernel: str):
    digests = json.loads((VECTORS / "integer_games.json").read_text(encoding="utf-8"))
    assert decoded(kernel)["said"] == digests
