"""Arguments as numbers: what is taken at the very limits, and what is refused in one sentence."""

from argparse import ArgumentTypeError
from collections.abc import Callable

import pytest

from wlra_dist.commands.arguments import A_YEAR, accuracy, seconds, size
from wlra_dist.commands.models.compress import share
from wlra_dist.inputs.numbers import LEAST_EPSILON, MOST_EPSILON

TAKEN: list[tuple[Callable[[str], float], str, float]] = [
    (size, "1", 1),
    (size, "20", 20),
    (seconds, "0.001", 0.001),
    (seconds, str(A_YEAR), A_YEAR),
    (share, "1", 1.0),
    (share, "1e-9", 1e-9),
    (accuracy, str(LEAST_EPSILON), LEAST_EPSILON),
    (accuracy, str(MOST_EPSILON), MOST_EPSILON),
]


@pytest.mark.parametrize(("reads", "text", "number"), TAKEN)
def test_numbers_are_taken_up_to_the_limits(reads: Callable[[str], float], text: str, number: float):
    assert reads(text) == number


@pytest.mark.parametrize(
    ("reads", "texts", "expected"),
    [
        (size, ["0", "-1", "1.5", "", "²", "many"], "a whole number from 1 up"),
        (seconds, ["0", "-1", str(1.01 * A_YEAR), "nan", "inf", "soon"], "a number of seconds above 0"),
        (share, ["0", "-0.1", "1.0001", "nan", "half"], "a number above 0 and at most 1"),
        (accuracy, ["0", str(LEAST_EPSILON / 2), str(2 * MOST_EPSILON), "nan", "fine"], "a number from"),
    ],
)
def test_others_are_refused_with_what_was_expected(reads: Callable[[str], float], texts: list[str], expected: str):
    for text in texts:
        with pytest.raises(ArgumentTypeError, match=f"expected {expected}.*got '{text}'"):
            reads(text)
