"""Factors on a grid: as coarse as their part of the loss allows."""

import numpy as np

from wlra_dist.codecs.base.grid import FINENESS, GRID_BOUND, exponent_below
from wlra_dist.codecs.multiples import Entries, Multiples, have_a_step
from wlra_dist.forms.search import coarsest
from wlra_dist.linalg.blocks import energy
from wlra_dist.protocols.terms import Terms


def entries_of(terms: Terms) -> Entries:
    """How numbers travel on these terms."""
    if terms.columns and terms.code == "auto":
        return "words"
    return {"auto": "coded", "paper": "words", "float32": "float32", "float64": "float64"}[terms.code]  # pyright: ignore[reportReturnType]


def rounded_within(numbers: np.ndarray, allowed: float, terms: Terms) -> Multiples:
    """The coarsest multiples whose error is within what is allowed, or the finest that their code has room for."""
    entries = entries_of(terms)
    if not have_a_step(entries):
        return finest_near(numbers, entries)

    def at(exponent: int) -> Multiples | None:
        near = Multiples.near(numbers, exponent, entries)
        return near if near is not None and energy(near.numbers - numbers) <= allowed else None

    exponent = exponent_for(allowed / max(numbers.size, 1))  # if all entries were far above their step
    while (coarser := at(exponent + FINENESS)) is not None and coarser.grid.any():
        exponent += FINENESS
    return coarsest(at, exponent) or finest_near(numbers, entries)


def finest_near(numbers: np.ndarray, entries: Entries) -> Multiples:
    """As exactly as their code has room for."""
    largest = max(float(np.abs(numbers).max(initial=0.0)), float(np.finfo(float).tiny))
    exponent = exponent_below(2 * largest / GRID_BOUND)
    while (near := Multiples.near(numbers, exponent, entries)) is None:
        exponent += 1
    return near


def exponent_for(D: float) -> int:
    """Of the step whose rounding costs D an entry."""
    return exponent_below(np.sqrt(12 * max(D, np.finfo(float).tiny)))
