"""Small models for tests, and the shortest way to compress them."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from wlra_dist.models.compress import Goal, Order, compress
from wlra_dist.models.container import TensorEntry
from wlra_dist.models.expand import load
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


def golden(folder: Path) -> Path:
    """A model that takes every form of which what is decoded is exact: factors, a whole matrix, half, exact."""
    tensors = {
        "factors": low_rank(60, 50, 3),
        "whole": low_rank(30, 20, 20),
        "kernel": low_rank(24, 36, 36).reshape(24, 12, 3),
        "bias": np.arange(7.0),
        "counts": np.arange(12).reshape(3, 4),
    }
    return saved(tensors, folder / "model.safetensors")


def sums(small: Path) -> dict[str, str]:
    """Of each tensor's decoded numbers: of its factors where these are all, else of its entries."""
    found = {name: tensor.factors() or (tensor.array(),) for name, tensor in load(small).items()}
    return {name: sha256(b"".join(array.tobytes() for array in arrays)).hexdigest() for name, arrays in found.items()}
