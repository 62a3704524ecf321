"""silero-vad in numpy: four convolutions and an LSTM, whose weights ship in the PyPI wheel silero-vad (MIT)."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from safetensors.numpy import load_file

from wlra_dist.models.observe import Observed

CONTEXT, FRAME, WINDOW, HOP = 64, 512, 256, 128

BASIS = "stft_conv.weight"
"""A Fourier basis, which nobody has to store."""

Weights = Mapping[str, np.ndarray]
Watch = Callable[[str, np.ndarray], None]
"""Told the name of a weight and its inputs, a row each."""


def opened(package: Path) -> dict[str, np.ndarray]:
    return load_file(package / "data" / "silero_vad_16k.safetensors")


def observe(weights: Weights, clips: np.ndarray, found: Observed, rng: np.random.Generator) -> None:
    """Inputs of every layer, weighed by the gradients of the probabilities times random signs: back through time."""
    seen: list[tuple[str, np.ndarray]] = []
    scores = logits(weights, clips, lambda name, x: seen.append((name, x)))
    p = _sigmoid(scores)
    found.see_outputs(p)
    signs = rng.choice([-1.0, 1.0], p.shape) * p * (1 - p)
    convolutions, steps = seen[:4], seen[4:]
    into = _through_time(weights, [x for _, x in steps], signs, found)
    for (name, inputs), stride in zip(reversed(convolutions), (1, 2, 2, 1), strict=True):
        W, bias = weights[name], weights[name.replace("weight", "bias")]
        z = inputs @ W.reshape(len(W), -1).T + bias
        g = np.where(z > 0, into.reshape(z.shape), 0)
        found.see(name, inputs, g)
        into = _folded(g @ W.reshape(len(W), -1), W.shape[1], stride)


def _through_time(weights: Weights, seen: list[np.ndarray], signs: np.ndarray, found: Observed) -> np.ndarray:
    """Gradients at the LSTM's inputs (clips×frames×128)."""
    W, U = weights["lstm_cell.weight_ih"], weights["lstm_cell.weight_hh"]
    states, c = [], np.zeros_like(seen[1])
    for x, h in zip(seen[::2], seen[1::2], strict=True):
        i, f, g, o = _gates(weights, x, h)
        before, c = c, f * c + i * g
        states.append((x, h, i, f, g, o, before, np.tanh(c)))
    dh, dc, into = np.zeros_like(c), np.zeros_like(c), []
    for t in range(len(states) - 1, -1, -1):
        x, h, i, f, g, o, before, out = states[t]
        dh = dh + np.where(o * out > 0, signs[:, [t]] * weights["final_conv.weight"][0, :, 0], 0)
        dc = dc + dh * o * (1 - out**2)
        dz = np.hstack([dc * g * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - g**2), dh * out * o * (1 - o)])
        found.see("lstm_cell.weight_ih", x, dz)
        found.see("lstm_cell.weight_hh", h, dz)
        dc, dh = dc * f, dz @ U
        into.append(dz @ W)
    return np.stack(into[::-1], axis=1)


def _folded(patches: np.ndarray, channels: int, stride: int) -> np.ndarray:
    """Gradients of patches (frames×places×3·channels) added up where they overlap: frames×inputs×channels."""
    places = patches.shape[1]
    size = (places - 1) * stride + 3
    whole = np.zeros((len(patches), size + 1, channels))
    for k in range(3):
        whole[:, k : k + places * stride : stride] += patches.reshape(len(patches), places, channels, 3)[..., k]
    return whole[:, 1 : 1 + (places if stride == 1 else places * stride)]


def logits(weights: Weights, clips: np.ndarray, watch: Watch | None = None) -> np.ndarray:
    """Their logits (clips×frames)."""
    features = _features(weights, clips, watch)
    h = c = np.zeros((len(clips), 128), np.float32)
    scores = []
    for x in features.swapaxes(0, 1):
        if watch:
            watch("lstm_cell.weight_ih", x)
            watch("lstm_cell.weight_hh", h)
        i, f, g, o = _gates(weights, x, h)
        c = f * c + i * g
        h = o * np.tanh(c)
        scores.append(np.maximum(h, 0) @ weights["final_conv.weight"][0, :, 0] + weights["final_conv.bias"][0])
    return np.stack(scores, axis=1)


def _gates(weights: Weights, x: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, ...]:
    """Input, forget, cell and output gates."""
    gates = x @ weights["lstm_cell.weight_ih"].T + weights["lstm_cell.bias_ih"]
    gates += h @ weights["lstm_cell.weight_hh"].T + weights["lstm_cell.bias_hh"]
    i, f, g, o = np.split(gates, 4, axis=1)
    return _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)


def _features(weights: Weights, clips: np.ndarray, watch: Watch | None) -> np.ndarray:
    """clips×frames×128."""
    padded = np.pad(clips, ((0, 0), (CONTEXT, 0)))
    frames = sliding_window_view(padded, CONTEXT + FRAME, axis=1)[:, ::FRAME].reshape(-1, CONTEXT + FRAME)
    x = np.pad(frames, ((0, 0), (0, CONTEXT)), "reflect")
    windows = sliding_window_view(x, WINDOW, axis=1)[:, ::HOP]
    waves = windows @ weights[BASIS][:, 0].T
    x = np.sqrt(np.square(waves[..., :129]) + np.square(waves[..., 129:])).swapaxes(1, 2)
    for layer, stride in (("conv1", 1), ("conv2", 2), ("conv3", 2), ("conv4", 1)):
        x = _convolved(x, weights, layer, stride, watch)
    return x[..., 0].reshape(len(clips), -1, 128)


def _convolved(x: np.ndarray, weights: Weights, layer: str, stride: int, watch: Watch | None) -> np.ndarray:
    W = weights[f"{layer}.weight"]
    patches = sliding_window_view(np.pad(x, ((0, 0), (0, 0), (1, 1))), 3, axis=2)[:, :, ::stride]
    inputs = patches.transpose(0, 2, 1, 3).reshape(len(x), -1, W.shape[1] * 3)
    if watch:
        watch(f"{layer}.weight", inputs)
    return np.maximum(inputs @ W.reshape(len(W), -1).T + weights[f"{layer}.bias"], 0).swapaxes(1, 2)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -80, 80)))
