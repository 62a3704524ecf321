"""Small models in torch: the same outputs, factors that can be trained, and the same file from a state dict."""

from pathlib import Path

import numpy as np
import pytest

import wlra_dist as wd
from tests.models.made import compressed, low_rank, saved
from wlra_dist.errors import InputError
from wlra_dist.instances.mlp import Data, initial
from wlra_dist.models.expand import load
from wlra_dist.models.importance import Importance
from wlra_dist.models.observe import Observed
from wlra_dist.models.sources import open_model

torch = pytest.importorskip("torch")
layers = pytest.importorskip("wlra_dist.models.torch_layers")


def network():
    """Convolutions and linear layers, some of them of low rank."""
    nn, found = torch.nn, torch.nn.Sequential
    torch.manual_seed(0)
    model = found(
        nn.Conv2d(6, 32, 3, padding=1, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(512, 40), nn.Tanh(),
        nn.Linear(40, 40), nn.Linear(40, 5),
    )  # fmt: skip
    with torch.no_grad():
        model[0].weight.copy_(torch.from_numpy(low_rank(32, 54, 4).reshape(32, 6, 3, 3)) / 5)
        model[3].weight.copy_(torch.from_numpy(low_rank(40, 512, 6)) / 20)
    return model


def data(count: int = 8):
    return [torch.randn(4, 6, 8, 8, generator=torch.Generator().manual_seed(i)) for i in range(count)]


def test_replaced_layers_compute_what_expanded_weights_do(tmp_path: Path):
    model = network()
    torch.save(model.state_dict(), tmp_path / "model.pt")
    layers.observe(model, data(), tmp_path / "inputs.safetensors")
    compressed(
        tmp_path / "model.pt", tmp_path / "small.wlra", Importance("inputs", str(tmp_path / "inputs.safetensors")), k=5
    )
    expanded = network()
    numbers = {name: torch.from_numpy(tensor.array().copy()) for name, tensor in load(tmp_path / "small.wlra").items()}
    expanded.load_state_dict(numbers)
    replaced = layers.replace(network(), tmp_path / "small.wlra")
    assert [type(replaced[i]).__name__ for i in (0, 3)] == ["ReweightedConvolution", "ReweightedLinear"]
    (x,) = data(1)
    assert torch.allclose(replaced(x), expanded(x), atol=1e-5)
    replaced(x).sum().backward()
    assert all(parameter.grad is not None for parameter in replaced.parameters())
    torch.save(replaced.state_dict(), tmp_path / "replaced.pt")
    assert "3.U" in open_model(tmp_path / "replaced.pt")


def test_what_a_convolution_meets_is_what_it_multiplies():
    for layer, shape in (
        (torch.nn.Conv1d(3, 5, 4, stride=2, padding=1, dilation=2), (2, 3, 20)),
        (torch.nn.Conv2d(3, 5, (3, 5), padding="same"), (2, 3, 9, 8)),
    ):
        x = torch.randn(shape)
        own = layers._patches(layer, x) @ layer.weight.flatten(1).T + layer.bias  # noqa: SLF001
        assert torch.allclose(own.transpose(1, 2).reshape(layer(x).shape), layer(x), atol=1e-5)


def test_observed_moments_are_those_of_the_inputs(tmp_path: Path):
    model = network()
    layers.observe(model, data(), tmp_path / "inputs.npz", gradients=False)
    saved = np.load(tmp_path / "inputs.npz")
    x = torch.cat([model[:3](each) for each in data()]).detach().numpy().astype(float)
    found = Observed()
    found.see("3.weight", x)
    assert np.allclose(saved["3.weight"], found.moments("3.weight"), rtol=1e-4, atol=1e-6)


def test_a_tensor_of_two_names_is_stored_once(tmp_path: Path):
    shared = torch.from_numpy(low_rank(60, 50, 3))
    torch.save({"a": shared, "b": shared, "turned": shared.T, "half": shared[:30].bfloat16()}, tmp_path / "model.pt")
    entries = {entry.name: entry for entry in compressed(tmp_path / "model.pt", tmp_path / "small.wlra", loss=1e-3)}
    assert entries["b"].same_as == "a"
    assert entries["b"].nbytes == 0
    tensors = load(tmp_path / "small.wlra")
    assert np.array_equal(tensors["a"].array(), tensors["b"].array())
    assert np.allclose(tensors["turned"].array(), shared.T.numpy(), atol=0.5)


def test_what_may_run_is_not_read(tmp_path: Path):
    torch.save({"a": torch.zeros(3), "f": print}, tmp_path / "model.pt")
    with pytest.raises(InputError, match="no state dict that is safe to read"):
        open_model(tmp_path / "model.pt")


def test_another_model_is_named(tmp_path: Path):
    compressed(saved({"x.weight": low_rank(30, 20, 2)}, tmp_path / "m.safetensors"), tmp_path / "small.wlra", loss=0.1)
    with pytest.raises(InputError, match=r"has x\.weight, which the model has not"):
        layers.replace(network(), tmp_path / "small.wlra")


def test_fisher_information_is_that_of_our_own_network():
    """A module with the same weights, and batches of any size; its loss may be one's own."""
    rng = np.random.default_rng(0)
    ours = initial(6, 5, 3, rng)
    images = Data(rng.integers(0, 256, (9, 6), dtype=np.uint8), rng.integers(0, 3, 9), 255)
    module = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    with torch.no_grad():
        for name, array in (("0.weight", ours.A.T), ("0.bias", ours.a), ("2.weight", ours.C.T), ("2.bias", ours.c)):
            module.get_parameter(name).copy_(torch.from_numpy(array.copy()))
    x, labels = (torch.from_numpy(part) for part in images.batch(slice(None)))
    found = wd.fisher(module, [(x[:4], labels[:4]), (x[4:], labels[4:])])
    np.testing.assert_allclose(found["0.weight"].T, wd.fisher(ours, images)["A"], rtol=1e-4)
    twice = wd.fisher(
        module, [(x, labels)], lambda outputs, right: 2 * torch.nn.functional.cross_entropy(outputs, right)
    )
    np.testing.assert_allclose(twice["2.bias"], 4 * found["2.bias"], rtol=1e-5)
    with pytest.raises(InputError, match="expected examples"):
        wd.fisher(module, [])
