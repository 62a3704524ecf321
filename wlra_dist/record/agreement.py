"""Whether two accounts of the same thing agree, and the sentence where they do not."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlra_dist.errors import VerificationError
from wlra_dist.inputs.canonical import canonical

BRIEF = 60
"""Characters of a figure that a message repeats."""


@dataclass(frozen=True)
class Tolerance:
    """How far figures may be apart that were computed twice.

    Attributes:
        relative: 0 for figures that must be the same bit for bit.
        noise: the size below which a number is pure rounding.
    """

    relative: float = 0.0
    noise: float = 0.0

    def near(self, one: float, other: float) -> bool:
        return math.isclose(one, other, rel_tol=self.relative, abs_tol=self.noise)


EXACT = Tolerance()


def agree(place: str, found: Mapping[str, Any], expected: Mapping[str, Any], tolerance: Tolerance = EXACT) -> None:
    """VerificationError names the first key whose JSON value is not as expected."""
    for key in dict.fromkeys([*expected, *found]):
        if key not in found or key not in expected or not equal(found[key], expected[key], tolerance):
            there, due = (brief(side[key]) if key in side else "missing" for side in (found, expected))
            raise VerificationError(f"{place}: {key} is {there}, computed again it is {due}")


def equal(one: Any, other: Any, tolerance: Tolerance = EXACT) -> bool:
    """Whether two JSON values are the same; numbers, if there is a tolerance, nearly."""
    if tolerance == EXACT:
        return canonical(one) == canonical(other)
    match one, other:
        case bool(), _:
            return one is other
        case (float() | int(), float() | int()):
            return tolerance.near(one, other)
        case dict(), dict():
            return one.keys() == other.keys() and all(equal(one[key], other[key], tolerance) for key in one)
    return canonical(one) == canonical(other)


def arrays_agree(
    place: str,
    found: Mapping[str, np.ndarray],
    expected: Mapping[str, np.ndarray],
    tolerance: Tolerance = EXACT,
) -> None:
    """VerificationError names the first array that is not as expected; it may be off relative to its largest entry."""
    agree(place, _kinds(found), _kinds(expected))
    for name, array in expected.items():
        room = tolerance.relative * float(np.max(np.abs(array), initial=0.0))
        if not np.all(np.abs(array - found[name]) <= room):
            raise VerificationError(f"{place}: {name} is not the array that is computed again")


def _kinds(arrays: Mapping[str, np.ndarray]) -> dict[str, str]:
    return {name: f"{array.dtype}{list(array.shape)}" for name, array in arrays.items()}


def brief(value: Any) -> str:
    """The value, cut to what fits into a sentence."""
    text = canonical(value)
    return text if len(text) <= BRIEF else text[:BRIEF] + "…"
