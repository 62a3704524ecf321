"""Small models in torch: layers that keep the factors of a .wlra file, and a model observed while it runs.

torch is optional; this module is loaded where it is asked for.
"""

# torch may not be there
# pyright: reportMissingImports=false

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from wlra_dist.errors import InputError
from wlra_dist.models.expand import LazyTensor, load
from wlra_dist.models.observe import Observed

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


class ReweightedLinear(nn.Module):
    """x ↦ x (L R)ᵀ + b, a linear layer as its factors: both are trainable, and nothing of n×d numbers is formed.

    Attributes:
        U: L, n×k.
        V: R, k×d.
        bias: of the layer it takes the place of.
    """

    def __init__(self, U: Tensor, V: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.U, self.V = nn.Parameter(U), nn.Parameter(V)
        self.bias = None if bias is None else nn.Parameter(bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(functional.linear(x, self.V), self.U, self.bias)


class ReweightedConvolution(nn.Module):
    """A convolution as two: k kernels of the layer's own size, then k values mixed at each place."""

    def __init__(self, U: Tensor, V: Tensor, layer: nn.Module) -> None:
        super().__init__()
        first: Any = type(layer)(
            layer.in_channels, len(V), layer.kernel_size, layer.stride, layer.padding, layer.dilation,
            bias=False, padding_mode=layer.padding_mode,
        )  # fmt: skip
        first.weight = nn.Parameter(V.reshape(len(V), *layer.weight.shape[1:]))
        self.first = first
        self.U = nn.Parameter(U)
        self.bias = None if layer.bias is None else nn.Parameter(layer.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(self.first(x).movedim(1, -1), self.U, self.bias).movedim(-1, 1)


def replace(model: nn.Module, small: str | Path) -> nn.Module:
    """The model with the numbers of a .wlra file: layers of low rank keep their factors, all others are expanded.

    InputError where the file has another model's tensors. The model itself is changed and returned.
    """
    tensors = load(small)
    own = model.state_dict(keep_vars=True)
    if unknown := next((name for name in tensors if name not in own), None):
        raise InputError(f"{small} has {unknown}, which the model has not; is it of another model?")
    for name, tensor in tensors.items():
        if tuple(own[name].shape) != tensor.shape:
            raise InputError(f"{small}: {name} has the shape {tensor.shape}, the model's is {tuple(own[name].shape)}")
        with torch.no_grad():
            own[name].copy_(_tensor(tensor, own[name]))
    for name, module in list(model.named_modules()):
        if isinstance(module, (nn.Linear, *CONVOLUTIONS)) and f"{name}.weight" in tensors:
            _put(model, name, _as_factors(module, tensors[f"{name}.weight"]))
    return model


def _as_factors(layer: nn.Module, tensor: LazyTensor) -> nn.Module:
    """The layer, or one that has its factors where these are fewer numbers."""
    factors = tensor.factors()
    if (
        factors is None
        or sum(factor.size for factor in factors) >= tensor.array().size
        or getattr(layer, "groups", 1) > 1
    ):
        return layer
    weight: Any = layer.weight
    U, V = (torch.as_tensor(factor).to(weight.device, weight.dtype) for factor in factors)
    if isinstance(layer, nn.Linear):
        return ReweightedLinear(U, V, layer.bias)
    return ReweightedConvolution(U, V, layer)


def _put(model: nn.Module, name: str, layer: nn.Module) -> None:
    parent, _, own = name.rpartition(".")
    if own:
        setattr(model.get_submodule(parent), own, layer)


def _tensor(tensor: LazyTensor, like: Tensor) -> Tensor:
    raw = torch.from_numpy(tensor.array().copy())
    return raw.view(like.dtype) if raw.element_size() == like.element_size() == 1 else raw.to(like.dtype)


def observe(model: nn.Module, data: Iterable[Any], file: str | Path, *, gradients: bool = True, seed: int = 0) -> None:
    """Runs a model over data and writes what `compress --inputs` reads (`wlra_dist.models.torch_face.observe`)."""
    found, generator = Observed(), torch.Generator().manual_seed(seed)
    layers = {layer: name for name, layer in model.named_modules() if isinstance(layer, (nn.Linear, *CONVOLUTIONS))}
    with _watched(layers) as calls:
        for example in data:
            calls.clear()
            with torch.set_grad_enabled(gradients):
                outputs = _outputs(model(*example) if isinstance(example, tuple) else model(example))
            if gradients:
                found.see_outputs(outputs.detach().double().cpu().numpy())
                signs = torch.randint(0, 2, outputs.shape, generator=generator).to(outputs) * 2 - 1
                (outputs * signs).sum().backward()
            for layer, inputs, output in calls:
                _see(found, layers[layer], layer, inputs, output if gradients else None)
    weights = {f"{name}.weight": layer.weight.detach().float().cpu().numpy() for layer, name in layers.items()}
    model.zero_grad()
    found.save(file, weights)


def fisher(model: nn.Module, data: Iterable[tuple[Any, Any]], loss: Any = None) -> dict[str, np.ndarray]:
    """See `torch_face.fisher`. A backward pass for each example: so it holds for whatever a module does."""
    measure = functional.cross_entropy if loss is None else loss
    weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    sums, count = {name: np.zeros(weight.shape) for name, weight in weights.items()}, 0
    for inputs, labels in data:
        for i in range(len(inputs)):
            error = measure(model(inputs[i : i + 1]), labels[i : i + 1])
            gradients = torch.autograd.grad(error, list(weights.values()), allow_unused=True)
            for total, gradient in zip(sums.values(), gradients, strict=True):
                if gradient is not None:
                    total += np.square(gradient.detach().cpu().double().numpy())
            count += 1
    if not count:
        raise InputError("expected examples to take gradients of, found none; a generator that was used is empty")
    return {name: total / count for name, total in sums.items()}


def _see(found: Observed, name: str, layer: nn.Module, inputs: Tensor, output: Tensor | None) -> None:
    x, g = inputs, None if output is None or output.grad is None else output.grad
    if not isinstance(layer, nn.Linear):
        x, g = _patches(layer, inputs), None if g is None else g.flatten(2).transpose(1, 2)
    found.see(f"{name}.weight", x.float().cpu().numpy(), None if g is None else g.float().cpu().numpy())


def _patches(layer: Any, x: Tensor) -> Tensor:
    """What a convolution's kernels meet at each place: batch × places × in·kernel."""
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    x = functional.pad(x, layer._reversed_padding_repeated_twice, mode=mode)  # noqa: SLF001  as the layer itself does
    for axis, (size, stride, dilation) in enumerate(zip(layer.kernel_size, layer.stride, layer.dilation, strict=True)):
        x = x.unfold(axis + 2, dilation * (size - 1) + 1, stride)[..., ::dilation]
    places = x.shape[2 : 2 + len(layer.kernel_size)]
    return x.movedim(1, 1 + len(places)).reshape(len(x), places.numel(), -1)


def _outputs(outputs: Any) -> Tensor:
    """The first tensor of what a model returns."""
    while not isinstance(outputs, Tensor):
        outputs = next(iter(outputs.values() if isinstance(outputs, dict) else outputs))
    return outputs


@contextmanager
def _watched(layers: dict[nn.Module, str]) -> Iterator[list[tuple[nn.Module, Tensor, Tensor]]]:
    """(layer, inputs, output) of each call of these layers; outputs keep their gradients."""
    calls: list[tuple[nn.Module, Tensor, Tensor]] = []

    def watch(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if output.requires_grad:
            output.retain_grad()
        calls.append((layer, inputs[0].detach(), output))

    handles = [layer.register_forward_hook(watch) for layer in layers]
    try:
        yield calls
    finally:
        for handle in handles:
            handle.remove()
