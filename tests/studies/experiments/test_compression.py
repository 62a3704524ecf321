"""Compressions: a network judged with its layer replaced."""

from functools import cache
from pathlib import Path

import numpy as np

from wlra_dist.instances import FisherLayer
from wlra_dist.report.tables.experiment import fewest_bytes
from wlra_dist.studies.experiments import load_experiment
from wlra_dist.studies.experiments.compression import CompressionResult, Layer
from wlra_dist.weights.weighing import dense

SCENARIO = Path(__file__).parents[3] / "scenarios" / "experiments" / "model_compression.toml"
SMALL = ["hidden=16", "epochs=3", "k=8", "ranks=[1, 8]", 'methods=["svd_w", "svd"]', "epsilons=[0.5]"]


@cache
def found() -> CompressionResult:
    result = load_experiment(SCENARIO, SMALL).run()
    assert isinstance(result, CompressionResult)
    return result


def test_every_method_and_game_is_judged_at_every_rank():
    judged = [(row["method"], row["rank"]) for row in found().accuracies]
    assert judged == [(method, k) for method in ("svd_w", "svd", "game, epsilon=0.5") for k in (1, 8)]


def test_the_layer_itself_keeps_the_accuracy_of_the_instance():
    layer = Layer.trained(FisherLayer(k=4, hidden=16, epochs=1))
    row = layer.row("as it is", 4, np.array(layer.network.A), 0, 0.0)
    assert row["accuracy"] == layer.instance.facts["test_accuracy"]
    assert np.array_equal(layer.network.A, dense(layer.instance.block(slice(None))))  # the network that F is of


def test_more_bytes_lose_less_and_games_take_fewer():
    for method in ("svd_w", "svd", "game, epsilon=0.5"):
        small, large = (row for row in found().accuracies if row["method"] == method)
        assert small["bytes"] < large["bytes"]
        assert small["relative_loss"] > large["relative_loss"]
        assert 0 <= small["accuracy"] <= 1
    by = {(row["method"], row["rank"]): row for row in found().accuracies}
    assert by["game, epsilon=0.5", 8]["bytes"] < by["svd_w", 8]["bytes"] == 4 * (64 + 16) * 8


def test_rounding_by_rows_is_a_baseline_of_falling_loss():
    rounded = found().facts["rounded"]
    assert [row["bytes"] for row in rounded] == [64 * 16 * row["rank"] // 8 + 4 * 64 for row in rounded]
    losses = [row["relative_loss"] for row in rounded]
    assert losses == sorted(losses, reverse=True)
    assert rounded[-1]["accuracy"] >= found().facts["accuracy"] - 0.02


def test_the_fewest_bytes_of_a_method_come_first():
    rows = [
        {"method": method, "bytes": size, "accuracy": accuracy}
        for method, size, accuracy in (("a", 9, 0.9), ("a", 5, 0.8), ("b", 4, 0.8), ("c", 1, 0.1))
    ]
    assert fewest_bytes(rows, 0.8) == [("b", 4), ("a", 5), ("c", None)]
