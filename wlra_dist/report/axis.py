"""The axes of a sweep: swept keys and their values, and how fast figures grow along those of sizes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

Points = Sequence[Mapping[str, Any]]
"""Facts of the games; "swept" holds the values that tell one from another."""

SIZES = frozenset({"n", "d", "s", "r", "k", "m", "servers", "hidden", "images", "epsilon", "eps", "ε"})
"""Keys, without their tables, of the numbers in which theorems count; powers of others, such as a seed, say nothing."""

INVERTED = {"epsilon": "1/ε", "eps": "1/ε", "ε": "1/ε", "protocol.epsilon": "1/ε"}
"""Keys whose inverse is what theorems count by, and what that is called."""

FIGURES = {
    "bits": "bits",
    "upper_bound_bits": "the theorem's count",
    "lower_bound_everyone": "m(N − 1.17)",
    "lower_bound_bits": "N",
    "lower_bound_expected": "Fano's bound",
}
"""What is drawn along an axis that is alone, and what it is called."""


@dataclass(frozen=True)
class Axis:
    """A swept key with its values, in the order in which they came."""

    key: str
    values: tuple[Any, ...]

    @cached_property
    def numeric(self) -> bool:
        return all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values)

    @cached_property
    def grows(self) -> bool:
        """Whether it has several values, all of them numbers above 0."""
        return len(self.values) > 1 and self.numeric and min(self.values) > 0

    @property
    def is_size(self) -> bool:
        """Whether it grows, and theorems count by it."""
        return self.grows and self.key.rpartition(".")[2] in SIZES

    @property
    def title(self) -> str:
        return INVERTED.get(self.key, self.key)

    @property
    def word(self) -> str:
        """The key as part of a file's name."""
        return re.sub(r"[^\w.-]", "_", self.key)

    def words(self, value: Any) -> str:
        return f"{self.key} = {value:g}" if self.numeric else f"{self.key} {value}"

    def place(self, value: Any) -> float:
        """Where a value stands on the axis."""
        if not self.numeric:
            return [str(known) for known in self.values].index(str(value))
        return 1 / value if self.grows and self.key in INVERTED else value


def axes_of(points: Points) -> list[Axis]:
    """The swept keys, each value once; tables and lists as text."""
    return [Axis(key, _distinct([point["swept"][key] for point in points])) for key in points[0]["swept"]]


def exponents(points: Points, axes: Sequence[Axis], figure: str) -> list[float] | None:
    """The powers of the axes' values that come nearest to a figure: slopes, log–log, by least squares; to 3 digits.

    None unless there are more games with the figure than powers to find.
    """
    known = [point for point in points if point[figure]]
    if len(known) <= len(axes):
        return None
    places = [[1.0, *(np.log(axis.place(point["swept"][axis.key])) for axis in axes)] for point in known]
    _, *slopes = np.linalg.lstsq(np.array(places), np.log([point[figure] for point in known]))[0].tolist()
    return [round(slope, 3) + 0.0 for slope in slopes]  # and no −0


def growth(points: Points) -> list[str]:
    """A line for each figure that the games have: "bits ~ s^0.980 · r^1.000"; none where no axis is of sizes."""
    axes = [axis for axis in axes_of(points) if axis.is_size]
    found = {name: exponents(points, axes, figure) for figure, name in FIGURES.items()} if axes else {}
    return [
        f"{name} ~ " + " · ".join(f"{axis.title}^{slope:.3f}" for axis, slope in zip(axes, slopes, strict=True))
        for name, slopes in found.items()
        if slopes is not None
    ]


def _distinct(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(value if isinstance(value, int | float | str) else str(value) for value in values))
