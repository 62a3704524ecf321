"""Rank sweeps: the table's laws, on a tiny network."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from wlra_dist.instances import FisherLayer, FisherLike, alone
from wlra_dist.solvers import solve
from wlra_dist.studies.experiments import load_experiment
from wlra_dist.studies.experiments.rank_sweep import RankSweep, RankSweepResult, problem
from wlra_dist.studies.experiments.spectrum import coarse, spectrum
from wlra_dist.studies.experiments.tables import Row
from wlra_dist.weights.weighing import dense

SCENARIOS = Path(__file__).parents[3] / "scenarios" / "experiments"
SMALL = ["hidden=16", "epochs=2", "k=8", "ranks=[1, 2, 4, 8]", "trials=2"]
MONOTONE = ("em", "svd", "greedy", "reweighted_svd rank=k", "svd_w+als iterations=2")


@cache
def found() -> RankSweepResult:
    """Of the scenario in the box, smaller."""
    result = load_experiment(SCENARIOS / "fisher_rank.toml", SMALL).run()
    assert isinstance(result, RankSweepResult)
    return result


def rows_of(method: str) -> list[Row]:
    rows = [row for row in found().losses if row["method"] == method]
    assert [row["rank"] for row in rows] == [1, 2, 4, 8]
    return rows


def test_every_method_has_a_row_at_every_rank():
    options = load_experiment(SCENARIOS / "fisher_rank.toml", SMALL).options
    assert isinstance(options, RankSweep)
    methods = {row["method"] for row in found().losses}
    assert len(methods) == len(options.methods)
    assert len(found().losses) == 4 * len(methods)


@pytest.mark.parametrize("method", MONOTONE)
def test_a_higher_rank_loses_no_more(method: str):
    losses = [row["loss"] for row in rows_of(method)]
    assert all(later <= earlier * (1 + 1e-3) for earlier, later in pairwise(losses))


def test_refinements_improve_on_their_start():
    for start, better, best in zip(
        rows_of("svd_w"), rows_of("svd_w+als iterations=1"), rows_of("svd_w+als iterations=2"), strict=True
    ):
        assert best["loss"] <= better["loss"] * (1 + 1e-9) <= start["loss"] * (1 + 1e-6)


def test_every_trial_has_a_network_of_its_own():
    small = ["hidden=16", "epochs=1", "k=2", "ranks=[2]", 'methods=["svd_w", "sample"]', "refine=[]"]

    def losses(*settings: str) -> list[tuple[float, float]]:
        result = load_experiment(SCENARIOS / "fisher_rank.toml", [*small, *settings]).run()
        assert isinstance(result, RankSweepResult)
        return [(row["loss"], row["relative_loss"]) for row in result.losses]

    first, second = (losses("trials=1", f"instance.seed={seed}", f"experiment.seed={seed}") for seed in (0, 1))
    assert first != second
    assert np.allclose(losses("trials=2"), np.mean([first, second], axis=0), rtol=1e-12)


def test_what_is_stored_is_counted():
    for row in rows_of("svd_w"):
        assert row["bytes"] == 4 * row["parameters"] == 4 * (64 + 16) * row["rank"]
    twice = rows_of("reweighted_svd r=2")
    assert twice[1]["bytes"] == rows_of("reweighted_svd rank=k")[2]["bytes"]  # its rank 2 is a rank 4


def test_rank_rk_is_rank_k_at_twice_the_rank():
    """Algorithm 1 at k = 2 with r = 2 answers what it answers at K = 4."""
    assert rows_of("reweighted_svd r=2")[1]["loss"] == pytest.approx(
        rows_of("reweighted_svd rank=k")[2]["loss"], rel=1e-3
    )


def test_a_method_is_held_against_those_of_its_size():
    for row in found().losses:
        rivals = [other["loss"] for other in found().losses if other["stored_rank"] == row["stored_rank"]]
        assert row["over_best"] == (row["loss"] / min(rivals) if len(rivals) > 1 else None)
    assert {row["stored_rank"] for row in rows_of("reweighted_svd r=2")} == {2, 4, 8, 16}


def test_the_spectrum_is_that_of_the_weights():
    W = FisherLayer(k=8, hidden=16, epochs=2).open(alone).weights.dense(slice(None))
    squares = np.square(np.linalg.svd(W**2, compute_uv=False))
    rows = found().spectrum
    assert rows[0]["mass_F"] == pytest.approx(squares[0] / squares.sum())
    assert found().facts["fisher_mass"] == pytest.approx(rows[0]["mass_F"])
    assert [row["sigma_F"] for row in rows[:4]] == pytest.approx(np.sqrt(squares[:4] / squares[0]), rel=1e-6)
    assert [row["mass_W"] for row in rows] == sorted(row["mass_W"] for row in rows)


def test_iterates_of_em_and_als_never_get_worse():
    for method in ("em", "als", "svd_w+em iterations=25", "svd_w+als iterations=10"):
        losses = [row["relative_loss"] for row in found().refinement if row["method"] == method]
        assert len(losses) >= 10
        assert all(later <= earlier * (1 + 1e-6) for earlier, later in pairwise(losses))


def test_a_refinement_starts_from_what_it_refines():
    first = next(row for row in found().refinement if row["method"].startswith("svd_w+em"))
    A, W, _ = problem(FisherLayer(k=8, hidden=16, epochs=2).open(alone))
    alone_at_8 = solve(A, W, 8, "svd_w", certify=False)
    assert first["iterate"] == 1
    assert first["relative_loss"] == pytest.approx(alone_at_8.loss / alone_at_8.energy, rel=1e-9)


def test_weights_of_rank_one_have_all_their_mass_in_front():
    W = np.multiply.outer(np.arange(1.0, 7), np.arange(1.0, 5))
    assert spectrum(W)[0]["mass_F"] == pytest.approx(1)


def test_a_coarse_picture_keeps_the_mean():
    M = np.random.default_rng(0).random((512, 600))
    assert coarse(M).shape == (256, 256)
    assert coarse(M[:, :512]).mean() == pytest.approx(M[:, :512].mean())
    assert np.array_equal(coarse(M[:5, :7]), M[:5, :7])


def test_variety_is_what_keeps_f_from_rank_one():
    like = FisherLike(n=60, d=40, k=3, variety=0.0)
    masses = [replace(like, variety=variety).open(alone).facts["fisher_mass"] for variety in (0.0, 0.5, 1.0)]
    assert masses[0] == pytest.approx(1)
    assert masses == sorted(masses, reverse=True)
    assert masses[2] > 0.9


def test_the_layer_is_that_of_the_digits_without_a_directory():
    digits = FisherLayer(k=4, hidden=16, epochs=1)
    ours, theirs = (dense(kind.open(alone).block(slice(None))) for kind in (digits, digits.layer))
    assert np.array_equal(ours, theirs)
    assert digits.layer.batch == 32
    assert FisherLayer(k=4, data="somewhere").layer.epochs == 3


def test_weights_in_a_file_have_the_rank_that_is_claimed(tmp_path: Path):
    """Read once, and not taken for weights of full rank, under which Algorithm 1 would keep all of W∘A."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / "A.npy", rng.standard_normal((12, 9)))
    np.save(tmp_path / "W.npy", rng.random((12, 9)))
    instance = '[instance]\nkind = "files"\nA = "A.npy"\nW = "W.npy"\nk = 2\nr = 2\n'
    sweep = '[experiment]\nkind = "rank_sweep"\nranks = [2]\nmethods = ["reweighted_svd"]\ntrials = 2\n'
    (tmp_path / "sweep.toml").write_text(instance + sweep)
    result = load_experiment(tmp_path / "sweep.toml").run()
    assert isinstance(result, RankSweepResult)
    assert result.losses[0]["stored_rank"] == 4
    assert result.losses[0]["relative_loss"] > 1e-3


def test_the_optimum_is_enclosed_below_every_method():
    small = ["hidden=16", "epochs=1", "k=3", "ranks=[1, 3]", "enclose=0.3", 'methods=["svd_w", "em"]']
    result = load_experiment(SCENARIOS / "certified_rank.toml", small).run()
    assert isinstance(result, RankSweepResult)
    assert result.tables["optimum"] is result.optimum
    assert [row["rank"] for row in result.optimum] == [1, 3]
    for row in result.optimum:
        losses = [found["loss"] for found in result.losses if found["rank"] == row["rank"]]
        assert 0 < row["lower"] <= row["upper"]
        assert row["lower"] <= min(losses) * (1 + 1e-6)
        assert row["relative_lower"] / row["relative_upper"] == pytest.approx(1 - row["gap"])
    assert "optimum" not in found().tables
