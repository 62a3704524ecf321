"""A value in a line: what a prompt shows of it."""

from dataclasses import fields
from decimal import ROUND_CEILING, Context
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

LONGEST = 199
"""Characters of it; a field has a quarter of them at most."""


class FirstLine(NamedTuple):
    """What a matrix became: the first line of every table.

    Attributes:
        shape: of A.
        nbytes: of what Ã is made of, beside W.
        original: bytes of A; None where they are not known.
        loss: ‖W∘(A − Ã)‖².
        energy: ‖W∘A‖²; None where it is not known.
        ratio: a proven bound on loss/OPT; None where there is none.
    """

    shape: tuple[int, int]
    nbytes: int
    original: int | None
    loss: float
    energy: float | None
    ratio: float | None

    @property
    def relative_loss(self) -> float | None:
        """loss/‖W∘A‖², the share of what is left; None where A is 0, or all that is not known."""
        return self.loss / self.energy if self.energy else None

    @property
    def words(self) -> str:
        """`A 784×128 → 2,692 B (0.671 % of 401,408), relative loss 0.021, at most 1.09 × the best`."""
        n, d = self.shape
        beside = f" ({share(self.nbytes, self.original)} of {self.original:,})" if self.original else ""
        best = "" if self.loss == 0 else self._beside_the_best
        return f"A {n:,}×{d:,} → {self.nbytes:,} B{beside}, {self._loss}{best}"

    @property
    def _loss(self) -> str:
        if self.loss == 0 or self.relative_loss is None:
            return "no loss" if self.loss == 0 else f"loss {self.loss:.3g}"
        return f"relative loss {self.relative_loss:.3g}"

    @property
    def _beside_the_best(self) -> str:
        if self.ratio is None:
            return ""
        return ", below the best of rank k" if self.ratio < 1 else f", at most {at_most(self.ratio)} × the best"


def share(part: float, whole: float) -> str:
    """0.00671 as 0.671 %."""
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:,.0f} %" if percent >= 100 else f"{percent:.3g} %"


def at_most(ratio: float) -> str:
    """Three digits of a bound, rounded up: what is rounded down would not be one."""
    rounded = Context(prec=3, rounding=ROUND_CEILING).create_decimal(f"{ratio:.12g}")
    return f"{float(rounded):,.3g}" if rounded < 1000 else f"{float(rounded):,.0f}"


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
