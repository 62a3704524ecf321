"""Column subset selection in one line of Python."""

from typing import Any

import numpy as np

from wlra_dist.css.auto import Auto
from wlra_dist.css.selection import Selector, Stop
from wlra_dist.css.until import select
from wlra_dist.inputs.given import given_finite


def select_columns(
    B: Any, count: int | None = None, *, residual: float | None = None, selector: Selector | None = None, rng: int = 0
) -> np.ndarray:
    """Columns of B whose span holds B well (Woodruff & Yasuda, Cor 1.3, for B = W∘A).

    Parameters
    ----------
    B
        n×d, dense or sparse.
    count
        How many columns; with a residual, at most. With neither, as many as B has directions above rounding.
    residual
        ‖B − CC⁺B‖_F² that may be left, C being the columns; in units of B's squares.
    selector
        One of `wlra_dist.css.SELECTORS` with its options; by default chosen by size.
    rng
        The seed of its coins.

    Returns
    -------
    numpy.ndarray
        The columns' numbers, in the order chosen.

    Raises
    ------
    InputError
        B is no matrix of finite real numbers, the count no integer of at least 0, or the residual negative or NaN.
    """
    return select(selector or Auto(), given_finite(B, "B"), Stop(count, residual), np.random.default_rng(rng)).columns
