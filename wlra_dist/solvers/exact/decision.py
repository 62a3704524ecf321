"""Whether a matrix of rank one loses at most t: decided over the real numbers, by z3 (the extra `exact`).

For a fixed u the best v is known, so that the loss is ‖W∘A‖² − Σ_j num_j²/den_j with num_j = Σ_i W_ij² A_ij u_i and
den_j = Σ_i W_ij² u_i². Multiplied by all den_j > 0, "at most t" is one polynomial inequality in u; its value does not
change with the length and the sign of u, so u_f = 1, |u_i| ≤ 1 for some f. Floats are rational numbers, and z3 computes
with those: no rounding. 3×3 takes seconds if A, W and t have few digits and t is not next to the optimum, and larger
ones take for ever: a check of other methods, not one of them.
"""

from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

LARGEST = 9
"""Entries of A: more are not decided in any time."""


def loses_at_most(A: np.ndarray, squares: np.ndarray, t: float, seconds: float = 60.0) -> bool | None:
    """Whether min ‖W∘(A − X)‖² ≤ t over X of rank one, attained by some; None where z3 has not decided in time.

    Args:
        A: n×d, of at most 9 entries.
        squares: W∘W, positive.
        t: a loss.
        seconds: of each chart.

    Raises:
        ValueError: A is too large, or W has a zero.
        ImportError: there is no z3.
    """
    import z3

    if A.size > LARGEST or not (squares > 0).all():
        raise ValueError(f"expected at most {LARGEST} entries, all with a weight, found {A.shape[0]}×{A.shape[1]}")
    if A.shape[0] > A.shape[1]:
        A, squares = A.T, squares.T
    a, w = ([[Fraction(float(entry)) for entry in row] for row in M] for M in (A, squares))
    decided = [_on_chart(z3, a, w, Fraction(t), first, seconds) for first in range(len(a))]
    return True if True in decided else None if None in decided else False


def _on_chart(
    z3: Any, a: list[list[Fraction]], w: list[list[Fraction]], t: Fraction, first: int, seconds: float
) -> bool | None:
    """The same with u_first = 1, the largest."""
    u: list[Any] = [z3.Real(f"u{i}") for i in range(len(a))]
    u[first] = z3.RealVal(1)
    columns = range(len(a[0]))
    nums = [sum(_real(z3, row[j] * weights[j]) * x for row, weights, x in zip(a, w, u, strict=True)) for j in columns]
    dens = [sum(_real(z3, weights[j]) * x * x for weights, x in zip(w, u, strict=True)) for j in columns]
    energy = sum(
        weight * entry**2 for row, weights in zip(a, w, strict=True) for entry, weight in zip(row, weights, strict=True)
    )
    explained = sum(nums[j] * nums[j] * prod(dens[other] for other in columns if other != j) for j in columns)
    solver = z3.SolverFor("QF_NRA")
    solver.set("timeout", int(1000 * seconds))
    solver.add(explained >= _real(z3, energy - t) * prod(dens))
    for i, x in enumerate(u):
        if i != first:
            solver.add(x >= -1, x <= 1)
    return {"sat": True, "unsat": False}.get(str(solver.check()))


def _real(z3: Any, number: Fraction) -> Any:
    return z3.RealVal(f"{number.numerator}/{number.denominator}")
