"""A value in a line: what a prompt shows of it."""

from dataclasses import fields
from importlib import import_module
from typing import Any

import numpy as np

LONGEST = 199
"""Characters of it; a field has a quarter of them at most."""


def brief(value: Any) -> str:
    """`Name(field=…)` of a dataclass: arrays by shape and type, nothing longer than a line."""
    named = ((field.name, getattr(value, field.name)) for field in fields(value) if field.repr)
    return cut(f"{type(value).__name__}({', '.join(f'{name}={_part(part)}' for name, part in named)})", LONGEST)


def _part(value: Any) -> str:
    if isinstance(value, np.ndarray) or hasattr(value, "nnz"):
        return f"<{'×'.join(map(str, value.shape))} {value.dtype}>"
    if isinstance(value, float):
        return f"{value:.6g}"
    return cut(repr(value), LONGEST // 4)


def cut(text: str, most: int) -> str:
    """The text, its end left out if it is longer."""
    return text if len(text) <= most else text[: most - 2] + "…" + text[-1]


def page(value: Any) -> str:
    """HTML for a notebook. What draws it is above this room, and is loaded, by name, when a notebook asks."""
    return import_module("wlra_dist.report.notebook").page_of(value)
