"""The types of an experiment's keys, and what all its lists must be."""

from collections.abc import Sequence
from typing import Annotated, Any

from annotated_types import Interval

Trials = Annotated[int, Interval(ge=1, le=1000)]

Threads = Annotated[int, Interval(ge=1, le=256)]
"""Of BLAS."""


def require_each_once(**lists: Sequence[Any]) -> None:
    """ValueError for a list that is empty or says the same twice."""
    for name, values in lists.items():
        if not values:
            raise ValueError(f"{name}: expected at least one, got none")
        for i, value in enumerate(values):
            if value in values[:i]:
                raise ValueError(f"{name}: expected each once, got {value!r} twice")
