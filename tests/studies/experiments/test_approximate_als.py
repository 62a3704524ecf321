"""Alternating minimisation with rough regressions: the steps as they are written, and what they bear."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from wlra_dist.errors import InputError
from wlra_dist.report.files.experiment import write_experiment
from wlra_dist.report.tables.experiment import table
from wlra_dist.scenario.toml import find
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.als import Alternating
from wlra_dist.studies.experiments import load_experiment
from wlra_dist.studies.experiments.alternation import (
    Perturbed,
    Sketched,
    alternation,
    orthonormal,
    spectral_error,
    started,
)
from wlra_dist.studies.experiments.approximate_als import ApproximateALSResult
from wlra_dist.studies.experiments.planted import Planted
from wlra_dist.weights import DenseWeights

SMALL = ["n=60", "d=50", "k=3", "trials=1", "iterations=20", "conditions=[1.0, 1e6]", "errors=[0.0, 1e-4, 3.0]",
         "steps=[1, 25]", "noise_levels=[0.0, 0.1]", "missing_shares=[0.2, 0.95]"]  # fmt: skip

CLIP = 8.0


@cache
def found() -> ApproximateALSResult:
    result = load_experiment(find("approximate_als"), SMALL).run()
    assert isinstance(result, ApproximateALSResult)
    return result


def planted(noise: float = 0.0, missing: float = 0.3) -> Planted:
    return Planted.drawn((40, 30), 3, noise, missing, 0)


@pytest.mark.parametrize("clip", [CLIP, 0.6])
def test_the_solver_takes_the_steps_as_they_are_written(clip: float):
    """Also where clipping drops rows; both start from the same Y."""
    hidden, rng = planted(noise=0.1), np.random.default_rng(0)
    Y = np.linalg.qr(started(hidden.A, hidden.W, 3, "random", rng))[0]
    kept = np.linalg.norm(orthonormal(Y, clip), axis=1) > 0
    assert kept.all() == (clip == CLIP)
    literal = [each.approximation for each in alternation(hidden.A, hidden.W, Y, 4, clip, Perturbed(0.0, rng))]
    start = LowRank(np.zeros((40, 3)), Y.T)
    ours = Alternating(4, clip=clip, relaxation=1.0)(hidden.A, DenseWeights(hidden.W), 3, rng, start)
    for one, other in zip(literal, ours, strict=True):
        np.testing.assert_allclose(other.U @ other.V, one, atol=1e-8)


@pytest.mark.parametrize("error", [0.0, 1e-3, 0.5])
def test_a_regression_is_off_by_the_spectral_norm_that_is_asked_for(error: float):
    hidden, rng = planted(), np.random.default_rng(0)
    V = rng.standard_normal((3, 30))
    exact = Perturbed(0.0, rng)(hidden.A, V, hidden.W)
    assert spectral_error(Perturbed(error, rng)(hidden.A, V, hidden.W), exact) == pytest.approx(error, abs=1e-12)


def test_more_gradient_steps_leave_a_smaller_error():
    hidden, rng = planted(), np.random.default_rng(0)
    V = rng.standard_normal((3, 30))
    exact = Perturbed(0.0, rng)(hidden.A, V, hidden.W)
    few, many = (spectral_error(Sketched(steps, rng)(hidden.A, V, hidden.W), exact) for steps in (1, 30))
    assert many < 1e-6 < few


def test_what_is_planted_is_what_it_says():
    hidden = planted(noise=0.1, missing=0.4)
    values = np.linalg.svd(hidden.hidden, compute_uv=False)
    assert values[:4] == pytest.approx([2, 1.5, 1, 0], abs=1e-12)
    assert np.linalg.norm(hidden.A - hidden.hidden) == pytest.approx(0.1 * np.linalg.norm(hidden.hidden))
    assert set(hidden.W.ravel()) == {0.0, 1.0}
    assert 1 <= hidden.incoherence <= 40 / 3
    assert planted(missing=0.0).gap == pytest.approx(0)
    assert planted(missing=0.2).gap < planted(missing=0.8).gap


def test_the_preconditioner_takes_the_condition_number_away():
    easy, hard = found().conditions
    assert hard["before"] > 1e5 > 10 * easy["before"]
    assert max(easy["after_most"], hard["after_most"]) < 20


def test_exact_regressions_find_what_was_planted():
    for start in ("random", "svd"):
        own = [row["distance"] for row in found().convergence if row["start"] == start]
        assert len(own) == 20
        assert own[-1] < 1e-6


def test_it_ends_as_near_as_its_regressions_are():
    at = {(row["way"], row["level"]): row for row in found().errors}
    assert at["error", 0.0]["distance"] < 1e-6
    assert at["error", 1e-4]["distance"] < 1e-3
    assert at["error", 3.0]["distance"] > 0.1
    assert at["error", 1e-4]["error"] == pytest.approx(1e-4)
    assert at["steps", 25]["distance"] < at["steps", 1]["distance"]


def test_noise_is_what_is_lost():
    none, some = found().noise
    assert none["distance_svd"] < 1e-6
    assert 0.01 < some["distance_svd"] < 0.1
    little, much = found().missing
    assert little["distance_svd"] < 1e-6 < much["distance_svd"]
    assert little["gap"] < much["gap"]


def test_each_part_has_a_table_and_a_small_picture(tmp_path: Path):
    asked = load_experiment(find("approximate_als"), SMALL)
    write_experiment(asked, found(), tmp_path / "out")
    names = {"conditions", "convergence", "errors", "noise", "missing"}
    assert {path.stem for path in (tmp_path / "out").glob("*.png")} == names
    assert {path.stem for path in (tmp_path / "out").glob("*.csv")} == names
    assert max(path.stat().st_size for path in (tmp_path / "out").glob("*.png")) < 100_000
    for title in ("spectral gap", "gradient steps", "before and after the preconditioner"):
        assert title in table(asked, found())


@pytest.mark.parametrize(("setting", "says"), [
    ("k=120", "k: expected less than n and d, got 120"),
    ("missing_shares=[1.0]", "missing_shares: expected less than 1"),
    ("errors=[]", "errors: expected at least one, got none"),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(setting: str, says: str):
    with pytest.raises(InputError) as refused:
        load_experiment(find("approximate_als"), [setting])
    assert says in str(refused.value)
