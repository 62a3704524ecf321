"""How arrays differ that should be the same bit for bit: in how many entries, and by how much."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Difference:
    """How an array x differs from one y of the same name.

    Attributes:
        words: what a reader is told.
        largest: the largest |x − y|; None where types or shapes differ, or no number is meant.
        relative: the largest |x − y| / max(|x|, |y|).
    """

    words: str
    largest: float | None = None
    relative: float | None = None


def differences_between(x: Mapping[str, np.ndarray], y: Mapping[str, np.ndarray]) -> dict[str, Difference]:
    """The arrays that are not the same bit for bit, by name."""
    found = {name: _difference(x.get(name), y.get(name)) for name in dict.fromkeys([*x, *y])}
    return {name: difference for name, difference in found.items() if difference is not None}


def _difference(x: np.ndarray | None, y: np.ndarray | None) -> Difference | None:
    if x is None or y is None:
        return Difference("is in one of them only")
    if (x.dtype, x.shape) != (y.dtype, y.shape):
        return Difference(f"is {x.dtype}{list(x.shape)} beside {y.dtype}{list(y.shape)}")
    count = int(np.any(_bytes(x) != _bytes(y), axis=1).sum())
    if not count:
        return None
    largest, relative = _distance(x.astype(float), y.astype(float))
    of = f"differs in {count:,} of {x.size:,} entries"
    return Difference(f"{of}, by at most {largest:.3g} (relative {relative:.3g})", largest, relative)


def _distance(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """The largest |x − y|, and the largest |x − y| / max(|x|, |y|)."""
    with np.errstate(all="ignore"):  # infinities and NaN are differences too
        apart = np.abs(x - y)
        relative = np.where(apart == 0, 0.0, apart / np.maximum(np.abs(x), np.abs(y)))
    return float(np.max(apart)), float(np.max(relative))


def _bytes(array: np.ndarray) -> np.ndarray:
    """The bytes of each entry, a row an entry."""
    return np.frombuffer(array.tobytes(), np.uint8).reshape(array.size, array.itemsize)
