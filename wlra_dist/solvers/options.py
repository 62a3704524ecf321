"""What the options of a solver may be: their types say so, as a scenario's do, and hold for a call as well."""

from collections.abc import Iterator
from dataclasses import fields
from numbers import Real
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Interval

from wlra_dist.inputs.given import integer_of

Count = Annotated[int, Interval(ge=1, le=1_000_000)]
Positive = Annotated[float, Interval(gt=0, lt=float("inf"))]


def faults(solver: Any) -> Iterator[str]:
    """What is wrong with the options that a solver, a dataclass, was made with."""
    kinds = get_type_hints(type(solver), include_extras=True)
    for name in (field.name for field in fields(solver)):
        value = getattr(solver, name)
        if not _fits(value, kinds[name]):
            yield f"{name}: expected {_in_words(kinds[name])}, found {value!r}"


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) in (Union, UnionType):
        return any(_fits(value, part) for part in get_args(kind))
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if get_origin(kind) is Annotated:
        base, interval = get_args(kind)
        return _fits(value, base) and _within(value, interval)
    if kind is NoneType:
        return value is None
    if kind is int:
        return integer_of(value) is not None
    return isinstance(value, Real) and not isinstance(value, bool)


def _within(value: float, interval: Interval) -> bool:
    above = value > interval.gt if interval.gt is not None else value >= interval.ge  # type: ignore[operator]
    return bool(above and (value < interval.lt if interval.lt is not None else value <= interval.le))  # type: ignore[operator]


def _in_words(kind: Any) -> str:
    """The type in words."""
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(map(_in_words, get_args(kind)))
    if get_origin(kind) is Literal:
        return " or ".join(map(repr, get_args(kind)))
    if get_origin(kind) is Annotated:
        base, interval = get_args(kind)
        above = f"above {interval.gt}" if interval.gt is not None else f"of at least {interval.ge}"
        below = f"below {interval.lt}" if interval.lt is not None else f"at most {interval.le}"
        return f"{_in_words(base)} {above} and {below}"
    return {int: "an integer", float: "a number", NoneType: "None"}[kind]
