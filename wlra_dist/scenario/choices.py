"""What may be stated of a thing that a scenario names: the options of a protocol, selector, instance kind or solver.

A class is a dataclass, and its fields are its options. A function has its keyword-only parameters; `as_class` makes
the dataclass of them, so that all else has to do with classes alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, field, is_dataclass, make_dataclass
from functools import wraps
from inspect import Parameter, signature, unwrap
from types import SimpleNamespace
from typing import Any, NamedTuple, get_type_hints


class StatedKey(NamedTuple):
    """One key: its type as annotated, and whether it must be stated."""

    hint: Any
    required: bool


def options_of(maker: Any) -> Mapping[str, StatedKey]:
    """The options of a dataclass by name; a function that is no class has none left to state."""
    if not isinstance(maker, type):
        return {}
    hints = get_type_hints(maker, include_extras=True)
    parameters = signature(maker).parameters.values()
    return {each.name: StatedKey(hints[each.name], each.default is Parameter.empty) for each in parameters}


def as_class(maker: Any, method: str) -> type:
    """The dataclass whose fields are the options; its `method` does the work.

    Raises:
        TypeError: it is neither a dataclass with that method nor a function.
    """
    if isinstance(maker, type):
        if not (is_dataclass(maker) and callable(getattr(maker, method, None))):
            raise TypeError(f"is a class, but no dataclass with a method {method}")
        return maker
    if not callable(maker):
        raise TypeError(f"is neither a function nor a dataclass but {maker!r:.60}")
    return _class_of(maker, method)


def _hints(function: Callable[..., Any], names: Sequence[str]) -> dict[str, Any]:
    """The types of these parameters alone: those of the others may be names that only a type checker knows."""
    annotations = getattr(function, "__annotations__", {})
    some = SimpleNamespace(__annotations__={name: annotations[name] for name in names if name in annotations})
    return get_type_hints(some, getattr(unwrap(function), "__globals__", {}), include_extras=True)


def _class_of(function: Callable[..., Any], method: str) -> type:
    stated = [each for each in signature(function).parameters.values() if each.kind is Parameter.KEYWORD_ONLY]
    hints = _hints(function, [each.name for each in stated])
    defaults = {each.name: MISSING if each.default is Parameter.empty else each.default for each in stated}
    options = [(name, hints.get(name, Any), field(default=default)) for name, default in defaults.items()]

    @wraps(function)
    def work(self: Any, *arguments: Any, **more: Any) -> Any:
        return function(*arguments, **more, **vars(self))

    name = getattr(function, "__name__", "Own")
    body = {method: work, "__doc__": function.__doc__, "__module__": function.__module__}
    return make_dataclass(name, options, frozen=True, kw_only=True, namespace=body)
