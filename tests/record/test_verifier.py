"""The verifier decodes what the package decodes, says VERIFIED of honest runs, and of no damaged one."""

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tests.record.damage import copies, damages
from tests.record.hear_vectors import SPOKEN
from tests.record.verifying import CHECKOUT, FILE, recorded, verifier

VECTORS = CHECKOUT / "tests" / "vectors"
FACTORS = json.loads((VECTORS / "factors.json").read_text(encoding="utf-8"))

DAMAGED = 27


@pytest.fixture(scope="module")
def verify() -> ModuleType:
    return verifier()


def outcome(verify: ModuleType, run: Path, A: Path | None) -> str:
    """What the command prints, all but its exit code."""
    try:
        return verify.verify(run, A, None)
    except verify.SilenceError as silence:
        return f"NOT CHECKED: {silence}"
    except Exception as error:
        return f"NOT VERIFIED: {error}"


@pytest.mark.parametrize("name", SPOKEN)
def test_golden_transcripts_have_the_same_factors(verify: ModuleType, name: str) -> None:
    assert f"factors  {FACTORS[name]}" in outcome(verify, VECTORS / name, None)


@pytest.mark.parametrize("name", sorted(set(FACTORS) - set(SPOKEN)))
def test_of_other_games_it_says_that_it_knows_nothing(verify: ModuleType, name: str) -> None:
    assert outcome(verify, VECTORS / name, None).startswith("NOT CHECKED: nothing is known here")


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path]]:
    places = [tmp_path_factory.mktemp(name) for name in ("bits", "servers", "real")]
    common = {"n": 48, "d": 24, "k": 2, "servers": 2}
    mask = {"kind": "synthetic", "r": 2, "weights": "ones", "noise": 0.2, "n": 48, "d": 24, "k": 2}
    return [
        recorded("lower_bound", places[0], s=6, r=2, k=2),
        recorded("servers", places[1], **common, s=8, protocol="local_budget"),
        recorded("servers", places[2], instance=mask | {"r": 1, "s": None, "integer": False}, servers=2),
    ]


def test_honest_runs_are_verified(verify: ModuleType, honest: list[tuple[Path, Path]]) -> None:
    for run, A in honest:
        record = json.loads((run / "record.json").read_text(encoding="utf-8"))
        found = outcome(verify, run, A)
        assert found.startswith("VERIFIED"), found
        assert f"said     {record['bits']:,} bits" in found
        assert outcome(verify, run, None).startswith("NOT CHECKED: loss and lower bound")


def test_no_damaged_run_is_verified(verify: ModuleType, honest: list[tuple[Path, Path]], tmp_path: Path) -> None:
    for run, A in honest:
        for damage in islice(damages(run, np.random.default_rng(0)), DAMAGED // len(honest)):
            damaged = copies(run, A, tmp_path / "damaged")
            damage.do(*damaged)
            assert not outcome(verify, *damaged).startswith("VERIFIED"), damage.what


def test_it_runs_where_the_package_is_not(honest: list[tuple[Path, Path]], tmp_path: Path) -> None:
    (tmp_path / "wlra_dist.py").write_text("raise ImportError('the verifier needs no package')")
    paths = [str(tmp_path), str(Path(np.__file__).parents[1])]
    script = f"import sys, runpy; sys.path[:0] = {paths!r}; sys.argv = ['verify.py', {str(honest[0][0])!r}]"
    words = [sys.executable, "-S", "-c", f"{script}; runpy.run_path({str(FILE)!r}, run_name='__main__')"]
    finished = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert (finished.returncode, finished.stderr) == (4, "")
    assert finished.stdout.startswith("NOT CHECKED: loss and lower bound")
