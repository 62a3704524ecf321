"""From a model to a small model: goals are met, whoever does the work, and nothing is lost that was to be kept."""

from pathlib import Path

import numpy as np
import pytest

from tests.models.made import compressed, low_rank, moments, saved
from wlra_dist.errors import InputError
from wlra_dist.models.audit import audit
from wlra_dist.models.compress import Goal, Order, compress
from wlra_dist.models.container import open_small
from wlra_dist.models.expand import load
from wlra_dist.models.hands import OneHand, hands
from wlra_dist.models.importance import NOTHING, Importance
from wlra_dist.models.sources import open_model
from wlra_dist.world.world import Alone


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of several layers, and what is known of its inputs."""
    folder = tmp_path_factory.mktemp("model")
    rng = np.random.default_rng(0)
    tensors = {
        "embed.weight": low_rank(400, 24, 8),
        "body/conv.weight": rng.standard_normal((24, 12, 3)).astype(np.float32),
        "Wörter.weight": low_rank(80, 96, 20, seed=2),
        "Wörter.bias": rng.standard_normal(80).astype(np.float32),
        "head": low_rank(64, 64, 64, seed=3),
    }
    saved(tensors, folder / "model.safetensors")
    saved({"Wörter.weight": moments(96, 300), "head": moments(64, 40)}, folder / "inputs.safetensors")
    return folder


@pytest.mark.parametrize("share", [0.6, 0.1, 0.03])
def test_a_budget_is_met_from_below(folder: Path, tmp_path: Path, share: float):
    model = folder / "model.safetensors"
    original = sum(tensor.nbytes for tensor in open_model(model).values())
    compressed(model, tmp_path / "small.wlra", nbytes=int(share * original))
    assert 0.99 * share * original <= (tmp_path / "small.wlra").stat().st_size <= share * original


def test_a_budget_too_small_is_named(folder: Path, tmp_path: Path):
    with pytest.raises(InputError, match="--bytes 300: expected at least about"):
        compressed(folder / "model.safetensors", tmp_path / "small.wlra", nbytes=300)
    assert not (tmp_path / "small.wlra").exists()


def test_more_bytes_lose_less_and_all_forms_beat_one(folder: Path, tmp_path: Path):
    model = folder / "model.safetensors"
    losses = []
    for nbytes in (3000, 8000):
        entries = compressed(model, tmp_path / "small.wlra", nbytes=nbytes)
        losses.append(sum(entry.loss for entry in entries))
    assert losses == sorted(losses, reverse=True)
    entries = compressed(model, tmp_path / "rank.wlra", k=4)
    size = (tmp_path / "rank.wlra").stat().st_size
    mixed = compressed(model, tmp_path / "small.wlra", nbytes=size)
    assert sum(entry.loss for entry in mixed) < sum(entry.loss for entry in entries)


@pytest.mark.parametrize("loss", [0.3, 1e-3, 1e-12])
def test_no_tensor_loses_more_than_it_may(folder: Path, tmp_path: Path, loss: float):
    known = Importance("inputs", str(folder / "inputs.safetensors"))
    entries = compressed(folder / "model.safetensors", tmp_path / "small.wlra", known, loss=loss)
    assert all(entry.loss <= loss for entry in entries)
    assert len(list(audit(dict(load(tmp_path / "small.wlra")), open_model(folder / "model.safetensors"), known))) == 5


@pytest.mark.parametrize("kind", ["plain", "inputs", "weights", "fisher"])
def test_a_rank_is_kept_and_its_ratio_proven(tmp_path: Path, kind: str):
    A = low_rank(60, 48, 12, noise=0.2)
    model = saved({"A": A}, tmp_path / "A.safetensors")
    known = {"inputs": moments(48, 200)}.get(kind, np.random.default_rng(0).uniform(0.2, 1, A.shape))
    saved({"A": known}, tmp_path / "known.safetensors")
    importance = NOTHING if kind == "plain" else Importance(kind, str(tmp_path / "known.safetensors"))
    (entry,) = compressed(model, tmp_path / "small.wlra", importance, k=4)
    expanded = load(tmp_path / "small.wlra")["A"]
    assert np.linalg.matrix_rank(expanded.array().astype(float), tol=1e-3) == 4
    assert entry.ratio is not None
    assert 1 <= entry.ratio < (1.2 if kind in ("plain", "inputs") else 8)
    factors = expanded.factors()
    assert factors is not None
    assert np.allclose(factors[0] @ factors[1], expanded.array(), atol=1e-5)
    x = np.arange(48.0)
    assert np.allclose(expanded.operator().matvec(x), expanded.array().astype(float) @ x, atol=1e-3)


def test_any_hands_make_the_same_file(folder: Path, tmp_path: Path):
    order = Order(str(folder / "model.safetensors"), Goal(k=3), block=2048)
    for name, processes in (("one", 1), ("two", 2)):
        with hands(Alone(), processes) as crew:
            compress(order, tmp_path / f"{name}.wlra", crew)
    assert (tmp_path / "one.wlra").read_bytes() == (tmp_path / "two.wlra").read_bytes()
    embedding = load(tmp_path / "one.wlra")["embed.weight"]
    assert len(embedding.entry.blocks) > 1


class Tired(OneHand):
    """Is interrupted after so many tasks."""

    def __init__(self, tasks: int) -> None:
        self.left = tasks

    def each(self, work, tasks, done):
        def tiring(task: str) -> str:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            return work(task)

        return super().each(tiring, tasks, done)


def test_after_an_interruption_the_same_command_goes_on(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from wlra_dist.models import work

    order, out = Order(str(folder / "model.safetensors"), Goal(k=3)), tmp_path / "small.wlra"
    with pytest.raises(KeyboardInterrupt):
        compress(order, out, Tired(12))
    done = []
    for name in ("_looked", "_weighed", "_encoded"):
        monkeypatch.setattr(work, name, counted(getattr(work, name), done))
    compress(order, out, OneHand())
    again = [task for task in done if task]
    compress(order, tmp_path / "other.wlra", OneHand())
    assert len(done) - len(again) == len(again) + 12
    assert out.read_bytes() == (tmp_path / "other.wlra").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.wlra", "small.wlra"]


def counted(work, done: list):
    def counting(task):
        done.append(task)
        return work(task)

    return counting


def test_a_small_file_says_what_it_holds(folder: Path, tmp_path: Path):
    compressed(folder / "model.safetensors", tmp_path / "small.wlra", nbytes=9000)
    small = open_small(tmp_path / "small.wlra")
    assert list(small.entries) == list(open_model(folder / "model.safetensors"))
    assert {"exact", "half"} >= {small.entries["Wörter.bias"].blocks[0].form}
    assert sum(entry.nbytes for entry in small.entries.values()) + small.start == small.nbytes
