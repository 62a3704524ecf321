"""The types of the scenario's keys: every number is bounded, so a typing slip cannot ask for a terabyte."""

from typing import Annotated

from annotated_types import Interval

Size = Annotated[int, Interval(ge=1, le=10_000_000)]
"""A number of rows, columns, servers or blocks."""

Rank = Annotated[int, Interval(ge=1, le=100_000)]
"""A target rank, or the rank of W."""

Seed = Annotated[int, Interval(ge=0, lt=2**63)]

LEAST_EPSILON, MOST_EPSILON = 1e-9, 1000.0
"""Of accuracies: below, rounding decides; above, nothing is promised."""

Accuracy = Annotated[float, Interval(ge=LEAST_EPSILON, le=MOST_EPSILON)]
"""ε in (1+ε); smaller ones drown in the rounding of a loss."""

Noise = Annotated[float, Interval(ge=0, le=1e6)]
