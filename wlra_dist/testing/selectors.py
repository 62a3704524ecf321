"""The laws of a column subset selector."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from wlra_dist.css import Selection, Selector, Stop, select
from wlra_dist.linalg.blocks import column_energies, shape_of
from wlra_dist.linalg.matrix import Matrix, dense
from wlra_dist.linalg.spectral.spectrum import roundoff_energy
from wlra_dist.scenario.choices import as_class
from wlra_dist.testing.laws import require, under_check
from wlra_dist.testing.sums import sum_of

SHARES = (0.5, 1e-2, 1e-6)
"""Of the energy, that a choice may leave."""


def check_selector(selector: Callable[..., Any], **options: Any) -> None:
    """Holds a selector to what `wlra_dist.css.Selector` asks, on small blocks of every kind.

    Parameters
    ----------
    selector
        A function ``(B, stop, rng)``, or a dataclass of options with that ``__call__``, as a plugin's ``SELECTORS``
        names it.
    **options
        The selector's own.

    Raises
    ------
    AssertionError
        One sentence: columns that are no columns, or come twice, or are more than ``stop.count``, or hold nothing; a
        block that was changed; a choice that the same coins do not repeat; or a residual that is not reached with
        `wlra_dist.css.select` (Woodruff & Yasuda, Cor 1.3).
    """
    choose = as_class(selector, "__call__")(**options)
    for name, B in _blocks():
        energy = float(column_energies(B).sum())
        for stop in (Stop(), Stop(0), Stop(3), *(Stop(residual=share * energy) for share in SHARES)):
            with under_check(selector, f"on a block that is {name}, for {stop}"):
                _check_proposal(choose, B, stop)
                _check_selected(choose, B, stop)


def _blocks() -> Iterator[tuple[str, Matrix]]:
    from scipy.sparse import csc_array

    rng = np.random.default_rng(0)
    tall = rng.standard_normal((24, 12)) * 10.0 ** -np.arange(12)
    whole = (rng.integers(-3, 4, (9, 4)) @ rng.integers(-2, 3, (4, 11))).astype(float)
    whole[:, [2, 5]] = 0
    yield "tall", tall
    yield "wide", tall.T.copy()
    yield "of float32", tall.astype(np.float32)
    yield "integer and of low rank, with columns of zeros", whole
    yield "sparse", csc_array(whole)
    yield "zero", np.zeros((5, 4))
    yield "without columns", np.zeros((5, 0))


def _check_proposal(choose: Selector, B: Matrix, stop: Stop) -> None:
    before = sum_of(B)
    found = choose(B, stop, np.random.default_rng(3))
    require(isinstance(found, Selection), f"a Selection is due, {type(found).__name__} came")
    columns = np.asarray(found.columns)
    require(sum_of(B) == before, "the block was changed")
    require(columns.ndim == 1 and columns.dtype.kind in "iu", "columns are a vector of integers")
    require(len(columns) <= stop.limit(B), f"{len(columns)} columns came, at most {stop.limit(B)} may")
    require(((columns >= 0) & (columns < shape_of(B)[1])).all(), f"columns are 0 to {shape_of(B)[1] - 1}")
    require(len(np.unique(columns)) == len(columns), "a column came twice")
    require((column_energies(B)[columns] > 0).all(), "a column of zeros was chosen")
    again = choose(B, stop, np.random.default_rng(3)).columns
    require(np.array_equal(columns, again), "the same coins gave other columns")


def _check_selected(choose: Selector, B: Matrix, stop: Stop) -> None:
    """`select` measures what is left, and asks again until it is little enough."""
    columns = select(choose, B, stop, np.random.default_rng(5)).columns
    if stop.count is not None or stop.residual is None:
        return
    whole = dense(B).astype(float)
    C = whole[:, columns]
    left = whole - C @ np.linalg.lstsq(C, whole, rcond=None)[0]
    room = stop.residual * (1 + 1e-6) + 10 * roundoff_energy(B)
    require(float(np.vdot(left, left)) <= room, f"asked again and again, it leaves {np.vdot(left, left):.3g}")
