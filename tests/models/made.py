"""Small models for tests, and the shortest way to compress them."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from wlra_dist.models.compress import Goal, Order, compress
from wlra_dist.models.container import TensorEntry
from wlra_dist.models.hands import OneHand
from wlra_dist.models.importance import NOTHING, Importance


def low_rank(n: int, d: int, k: int, seed: int = 0, noise: float = 0.05) -> np.ndarray:
    """A float32 matrix of rank k and noise."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, k)) @ rng.standard_normal((k, d)) / np.sqrt(k)
    return (A + noise * rng.standard_normal((n, d))).astype(np.float32)


def moments(d: int, inputs: int, seed: int = 1) -> np.ndarray:
    """Second moments of so many inputs of very different scales, correlated."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((inputs, d)) * np.exp(rng.uniform(-2, 1, d)) @ np.linalg.qr(rng.standard_normal((d, d)))[0]
    return x.T @ x / inputs


def saved(tensors: dict[str, np.ndarray], file: Path) -> Path:
    save_file({name: np.ascontiguousarray(array) for name, array in tensors.items()}, file)
    return file


def compressed(model: Path, out: Path, importance: Importance = NOTHING, **goal: Any) -> list[TensorEntry]:
    """With one hand, so that only the file is new."""
    block = goal.pop("block", 1 << 22)
    keep_nan = goal.pop("keep_nan", False)
    return compress(Order(str(model), Goal(**goal), importance, keep_nan, block), out, OneHand())
