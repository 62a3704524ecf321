"""silero-vad in numpy: four convolutions and an LSTM, whose weights ship in the PyPI wheel silero-vad (MIT)."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from safetensors.numpy import load_file

CONTEXT, FRAME, WINDOW, HOP = 64, 512, 256, 128

BASIS = "stft_conv.weight"
"""A Fourier basis, which nobody has to store."""

Weights = Mapping[str, np.ndarray]
Watch = Callable[[str, np.ndarray], None]
"""Told the name of a weight and its inputs, a row each."""


def opened(package: Path) -> dict[str, np.ndarray]:
    return load_file(package / "data" / "silero_vad_16k.safetensors")


def probabilities(weights: Weights, clips: np.ndarray, watch: Watch | None = None) -> np.ndarray:
    """Of speech, in each frame of each clip (clips×frames)."""
    return _sigmoid(logits(weights, clips, watch))


def logits(weights: Weights, clips: np.ndarray, watch: Watch | None = None) -> np.ndarray:
    """Their logits (clips×frames)."""
    features = _features(weights, clips, watch)
    h = c = np.zeros((len(clips), 128), np.float32)
    said = []
    for x in features.swapaxes(0, 1):
        if watch:
            watch("lstm_cell.weight_ih", x)
            watch("lstm_cell.weight_hh", h)
        gates = x @ weights["lstm_cell.weight_ih"].T + weights["lstm_cell.bias_ih"]
        gates += h @ weights["lstm_cell.weight_hh"].T + weights["lstm_cell.bias_hh"]
        i, f, g, o = np.split(gates, 4, axis=1)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        h = _sigmoid(o) * np.tanh(c)
        said.append(np.maximum(h, 0) @ weights["final_conv.weight"][0, :, 0] + weights["final_conv.bias"][0])
    return np.stack(said, axis=1)


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
