"""Section 4 on its data sets: a piece is made once, the paper's tables follow from the pieces, pictures are small."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, InputError
from wlra_dist.instances import alone
from wlra_dist.report.files.experiment import write_experiment
from wlra_dist.report.tables.experiment import table
from wlra_dist.scenario.toml import find
from wlra_dist.studies.experiments import load_experiment
from wlra_dist.studies.experiments.figure_tables import PAPER_MASS, PAPER_ORDER, FiguresResult
from wlra_dist.studies.experiments.figures import Figures
from wlra_dist.studies.experiments.pieces import KeptIn

SMALL = ["quick=true", 'sets=["mnist", "drawn:fashion_mnist"]', "ranks=[1, 4]", "trials=2", "enclose=0.05"]


@cache
def found() -> FiguresResult:
    result = load_experiment(find("figures"), SMALL).run()
    assert isinstance(result, FiguresResult)
    return result


def made_up(losses: dict[str, list[float]]) -> FiguresResult:
    """Networks with these losses, by method."""
    common: dict[str, Any] = {
        "set": "mnist",
        "drawn": False,
        "n": 9,
        "d": 8,
        "accuracy": 1.0,
        "fisher_mass": 1.0,
        "cpu_seconds": 1.0,
    }
    pieces = [
        common | {"losses": [
            {"method": method, "rank": 2, "relative_loss": own[trial], "seconds": 0.1 * (1 + i), "parameters": 34}
            for i, (method, own) in enumerate(losses.items())
        ]}
        for trial in range(2)
    ]  # fmt: skip
    return FiguresResult(pieces, list(losses))


def test_table_1_has_the_sizes_of_the_paper():
    figures = load_experiment(find("figures")).options
    assert isinstance(figures, Figures)
    layers = [figures.layer(name, 0) for name in figures.sets]
    sizes = [(layer.set.pixels, layer.training.hidden) for layer in layers]
    assert sizes == [(784, 128), (784, 128), (9216, 1024), (67500, 1024)]
    assert [layer.images for layer in layers] == list(PAPER_MASS)
    assert [row["matrix"] for row in found().table1()] == ["784×16", "784×16"]


def test_table_2_is_the_mass_of_the_networks():
    figures = load_experiment(find("figures"), SMALL).options
    assert isinstance(figures, Figures)
    masses = []
    for trial in range(2):
        W = figures.layer("mnist", trial).open(alone).weights.dense(slice(None))
        squares = np.square(np.linalg.svd(np.square(W), compute_uv=False))
        masses.append(squares[0] / squares.sum())
    row = next(found().table2())
    assert (row["set"], row["paper"]) == ("drawn mnist", 0.954)
    assert row["fisher_mass"] == pytest.approx(np.mean(masses))
    assert row["fisher_mass_deviation"] == pytest.approx(np.std(masses))


def test_losses_are_means_of_networks_and_seconds_are_held_against_svd_w():
    rows = found().losses
    assert len(rows) == 2 * len(PAPER_ORDER) * 2
    trials = [piece["losses"] for piece in found().pieces[:2]]
    own = [next(row["relative_loss"] for row in rows if row["method"] == "em" and row["rank"] == 4) for rows in trials]
    row = next(row for row in rows if (row["set"], row["method"], row["rank"]) == ("drawn mnist", "em", 4))
    assert row["relative_loss"] == pytest.approx(np.mean(own))
    assert row["relative_loss_deviation"] == pytest.approx(abs(own[0] - own[1]) / 2)
    assert own[0] != own[1]
    assert {row["seconds_over_svd_w"] for row in rows if row["method"] == "svd_w"} == {1.0}


def test_no_method_of_the_first_network_is_below_the_certified_end():
    for name, pieces in found().sets.items():
        enclosed = [row for row in found().tables["optimum"] if row["set"] == name]
        for end in ("relative_lower", "relative_upper"):
            assert enclosed[0][end] >= enclosed[1][end]  # of rank 1 and of rank 4
        for row in enclosed:
            losses = [own["relative_loss"] for own in pieces[0]["losses"] if own["rank"] == row["rank"]]
            assert 0 <= row["relative_lower"] <= row["relative_upper"]
            assert row["relative_lower"] <= min(losses) * (1 + 1e-6)


def test_only_what_all_networks_say_is_an_order():
    result = made_up({"em": [0.1, 0.2], "adam": [0.2, 0.3], "svd_w": [0.1, 0.4], "svd": [0.05, 0.1]})
    assert [(row["less"], row["more"], row["verdict"]) for row in result.order()] == [
        ("em", "adam", "as in the paper"), ("adam", "svd_w", "open"), ("svd_w", "svd", "the other way"),
    ]  # fmt: skip
    assert next(result.order())["difference"] == pytest.approx(0.1)
    assert [row["seconds_over_svd_w"] for row in result.losses] == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3])


def test_a_finished_piece_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked = load_experiment(find("figures"), [*SMALL, 'sets=["mnist"]', "enclose=0", 'methods=["svd_w"]', "refine=[]"])
    first = asked.run(keep=KeptIn(tmp_path))
    monkeypatch.setattr("wlra_dist.studies.experiments.figures.made", lambda *_: pytest.fail("made again"))
    assert asked.run(keep=KeptIn(tmp_path)).tables == first.tables


def test_a_piece_of_other_options_is_another(tmp_path: Path):
    names = []
    for setting in ("seed=0", "seed=1", "ranks=[1, 3]", 'methods=["svd"]'):
        settings = [*SMALL, 'sets=["mnist"]', "trials=1", "enclose=0", 'methods=["svd_w"]', "refine=[]", setting]
        load_experiment(find("figures"), settings).run(keep=KeptIn(tmp_path))
        names.append(len(list((tmp_path / "points").iterdir())))
    assert names == [1, 2, 3, 4]


def test_each_figure_has_a_small_picture_and_each_table_its_number(tmp_path: Path):
    asked = load_experiment(find("figures"), SMALL)
    write_experiment(asked, found(), tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {f"figure{i}.png" for i in range(1, 6)}
    assert max(path.stat().st_size for path in (tmp_path / "out").glob("*.png")) < 100_000
    record = json.loads((tmp_path / "out" / "experiment.json").read_text())
    assert len(record["losses"]) == len(found().losses)
    assert "instance" not in record["public"]
    printed = table(asked, made_up({"svd_w": [0.1, 0.2], "svd": [0.3, 0.4]}))
    for words in ("Table 1", "Table 2", "svd_w < svd"):
        assert words in printed


def test_a_rehearsal_is_an_option_of_the_command(capfd: pytest.CaptureFixture[str]):
    settings = ['sets=["mnist"]', "ranks=[1]", "large_ranks=[1]", "trials=1", 'methods=["svd_w"]']
    words = [word for setting in settings for word in ("--set", setting)]
    assert main(["experiment", "tables", "--quick", *words, "--json"]) == Exit.OK
    record = json.loads(capfd.readouterr().out)
    assert record["public"]["experiment"]["quick"] is True
    assert record["table1"][0]["matrix"] == "784×16"


def test_a_folder_that_is_missing_is_named_with_what_belongs_there(tmp_path: Path):
    with pytest.raises(InputError, match=r"smallnorb with smallnorb-5x46789.*found none; in sets, 'drawn:smallnorb'"):
        load_experiment(find("figures"), ['sets=["smallnorb"]', f"data={tmp_path}"]).run()


@pytest.mark.parametrize(("setting", "says"), [
    ('sets=["mnst"]', "got 'mnst' (did you mean 'mnist'?)"),
    ("sets=[]", "sets: expected at least one, got none"),
    ("ranks=[128]", "the target rank k = 128 must be less than"),
    ("n=3", "no table has this key"),
    ('instance.kind="fisher"', "there is no table [instance]"),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(setting: str, says: str):
    with pytest.raises(InputError) as refused:
        load_experiment(find("figures"), [setting])
    assert says in str(refused.value)
