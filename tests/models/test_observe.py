"""What layers see while a model runs, in numpy."""

from pathlib import Path

import numpy as np
import pytest

from tests.models.made import compressed, low_rank, moments, saved
from wlra_dist.errors import InputError
from wlra_dist.models.expand import load
from wlra_dist.models.importance import Importance
from wlra_dist.models.observe import Observed


def test_moments_are_added_up_as_inputs_come_by():
    x = np.random.default_rng(0).standard_normal((90, 5)) + 1
    found, at_once = Observed(), Observed()
    for piece in np.split(x.reshape(3, 30, 5), 3):
        found.see("A", piece)
    at_once.see("A", x)
    assert np.allclose(found.moments("A"), at_once.moments("A"))
    assert np.allclose(found.moments("A"), x.T @ x / 90, rtol=0.1)
    assert np.allclose(found.moments("A").diagonal(), np.square(x).mean(axis=0))


@pytest.mark.parametrize(("inputs", "gain"), [(10, 0.5), (40, 0.6), (4000, 1.0)])
def test_moments_of_few_inputs_are_nearer_to_those_of_many(inputs: int, gain: float):
    """Shrunk they are never farther, and much nearer where inputs are fewer than their entries."""
    rng = np.random.default_rng(0)
    B, found = rng.standard_normal((40, 200)), Observed()
    C = B @ B.T / 200
    x = rng.multivariate_normal(np.zeros(40), C, inputs)
    found.see("A", x)
    assert np.linalg.norm(found.moments("A") - C) < gain * np.linalg.norm(x.T @ x / inputs - C)


def test_what_is_always_there_tells_nothing():
    """Losses are compared over the spread of a layer's outputs."""
    x = np.random.default_rng(0).standard_normal((1000, 5))
    found, A = Observed(), np.ones((2, 5))
    found.see("still", x)
    found.see("shifted", x + 3)
    assert np.isclose(found.sensitivity("still", A), 1, rtol=0.05)
    outputs = (x + 3) @ A.T
    assert np.isclose(
        found.sensitivity("shifted", A), np.square(outputs).sum() / np.square(outputs - outputs.mean(0)).sum()
    )


def test_with_gradients_losses_are_those_of_the_outputs():
    """A model of two layers: what each loses, by its own file, is what the outputs lose, over their spread."""
    rng = np.random.default_rng(0)
    A, B, x = rng.standard_normal((6, 8)), rng.standard_normal((4, 6)), rng.standard_normal((4000, 8))
    found, signs = Observed(), rng.choice([-1.0, 1.0], (4000, 4))
    found.see("A", x, signs @ B)
    found.see("B", x @ A.T, signs)
    outputs = x @ A.T @ B.T
    found.see_outputs(outputs)
    spread = np.square(outputs - outputs.mean(axis=0)).sum()
    for name, weight, run in (("A", A, lambda E: x @ E.T @ B.T), ("B", B, lambda E: x @ A.T @ E.T)):
        E = rng.standard_normal(weight.shape)
        C, sensitivity = found.moments(name), found.sensitivity(name, weight)
        loss = sensitivity * np.trace(E @ C @ E.T) / np.trace(weight @ C @ weight.T)
        assert np.isclose(loss, np.square(run(E)).sum() / spread, rtol=0.6)


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_the_file_is_what_compress_reads(tmp_path: Path, ending: str):
    A, found, rng = low_rank(40, 30, 30), Observed(), np.random.default_rng(0)
    for name, gradient in (("A", 1.0), ("B", 10.0)):
        found.see(name, rng.standard_normal((200, 30)), np.full((200, 40), gradient))
    found.see_outputs(rng.standard_normal((200, 40)))
    found.save(tmp_path / f"known{ending}", {"A": A, "B": A})
    model = saved({"A": A, "B": A}, tmp_path / "model.safetensors")
    entries = compressed(
        model, tmp_path / "small.wlra", Importance("inputs", str(tmp_path / f"known{ending}")), nbytes=900
    )
    assert entries[1].loss < entries[0].loss / 4  # an error of B moves the outputs ten times as far
    assert load(tmp_path / "small.wlra").keys() == {"A", "B"}


@pytest.mark.parametrize(
    ("kind", "known", "words"),
    [
        ("inputs", {"other": moments(30, 50)}, "has no array named as a tensor of the model"),
        ("inputs", {"A": moments(29, 50)}, r"expected the shape \(30, 30\) as inputs, found \(29, 29\)"),
        ("weights", {"A": -np.ones((40, 30))}, "expected finite numbers from 0 up"),
        ("fisher", {"A": np.full((40, 30), np.nan)}, "expected finite numbers from 0 up"),
        ("inputs", {"A": moments(30, 50), "sensitivity:A": np.array(-1.0)}, "expected a number from 0 up"),
    ],
)
def test_what_does_not_fit_the_model_is_named(tmp_path: Path, kind: str, known: dict[str, np.ndarray], words: str):
    model = saved({"A": low_rank(40, 30, 3)}, tmp_path / "model.safetensors")
    saved(known, tmp_path / "known.safetensors")
    with pytest.raises(InputError, match=words):
        compressed(model, tmp_path / "small.wlra", Importance(kind, str(tmp_path / "known.safetensors")), loss=0.1)
