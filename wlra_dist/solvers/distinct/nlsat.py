"""The decision of Li et al. by a solver of real polynomials: is there an Ã of rank 1 and cost at most t? (Thm 3.4, 6.1)

z3's nlsat answers over the reals, exactly; the numbers of A and W∘W are rational, as every float is. For a given u
the best v takes num_j²/den_j off column j's energy, num_j = Σ_i S_ij A_ij u_i and den_j = Σ_i S_ij u_i², S = W∘W
(Cramer's rule of the paper, for k = 1). So the question is whether y_j·den_j ≤ num_j² and Σ_j y_j ≥ ‖W∘A‖² − t can be
had. The first u_i that is not 0 is made 1. Where S has a 0, den_j may vanish and say nothing of y_j: S is to be
positive.

The warm-up (Lemma 4.1) asks for u and v themselves: the same answer with more variables, for reference.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import numpy as np

from wlra_dist.errors import UnfitEnvironmentError

SIDE = 3
"""Rows and columns, at most: one more, and nlsat does not end."""


class Decision(NamedTuple):
    """Whether such an Ã exists; None if that was not found out. Its u, if it does."""

    exists: bool | None
    u: np.ndarray | None = None


def suits(squares: np.ndarray, k: int) -> bool:
    """Whether nlsat is asked: k = 1, at most 3×3, all weights positive."""
    return k == 1 and max(squares.shape) <= SIDE and bool((squares > 0).all())


def decided(
    A: np.ndarray,
    squares: np.ndarray,
    cost: float,
    seconds: float,
    form: Literal["v eliminated", "warm-up"] = "v eliminated",
) -> Decision:
    """The answer for A and S = W∘W (n×d, n, d ≤ 3) of rank 1."""
    z3 = _z3()
    unknown = False
    for system, u in (_eliminated if form == "v eliminated" else _warm_up)(z3, A, squares, cost):
        solver = z3.Then("simplify", "purify-arith", "propagate-values", "qfnra-nlsat").solver()
        solver.set("timeout", int(1000 * seconds))
        solver.add(*system)
        found = solver.check()
        if found == z3.sat:
            model = solver.model()
            return Decision(True, np.array([_number(model.eval(entry, model_completion=True)) for entry in u]))
        unknown |= found == z3.unknown
    return Decision(None if unknown else False)


def _eliminated(z3: Any, A: np.ndarray, squares: np.ndarray, cost: float) -> Iterator[tuple[list[Any], list[Any]]]:
    """The system of each chart, and its u."""
    n, d = A.shape
    S, entries = (np.vectorize(lambda value: Fraction(float(value)), otypes=[object])(M) for M in (squares, A))
    need = (S * entries**2).sum() - Fraction(float(cost))
    for first in range(n - 1, -1, -1):
        u = [z3.RealVal(0)] * first + [z3.RealVal(1)] + [z3.Real(f"u{i}") for i in range(first + 1, n)]
        y = [z3.Real(f"y{j}") for j in range(d)]
        nums = [_sum(z3, S[:, j] * entries[:, j], u) for j in range(d)]
        dens = [_sum(z3, S[:, j], [entry * entry for entry in u]) for j in range(d)]
        taken = [each for j in range(d) for each in (y[j] >= 0, y[j] * dens[j] <= nums[j] * nums[j])]
        yield [*taken, z3.Sum(y) >= _value(z3, need)], u


def _warm_up(z3: Any, A: np.ndarray, squares: np.ndarray, cost: float) -> Iterator[tuple[list[Any], list[Any]]]:
    """One system in all entries of u and v, as Lemma 4.1 has it."""
    n, d = A.shape
    u, v = ([z3.Real(f"{name}{i}") for i in range(side)] for name, side in (("u", n), ("v", d)))
    S = [[_value(z3, Fraction(float(value))) for value in row] for row in squares]
    misses = [[u[i] * v[j] - _value(z3, Fraction(float(A[i, j]))) for j in range(d)] for i in range(n)]
    loss = z3.Sum([S[i][j] * misses[i][j] * misses[i][j] for i in range(n) for j in range(d)])
    yield [loss <= _value(z3, Fraction(float(cost)))], u


def _sum(z3: Any, factors: np.ndarray, terms: list[Any]) -> Any:
    return z3.Sum([_value(z3, factor) * term for factor, term in zip(factors, terms, strict=True)])


def _value(z3: Any, number: Fraction) -> Any:
    return z3.RealVal(f"{number.numerator}/{number.denominator}")


def _number(value: Any) -> float:
    """A double near a model's number, which may be algebraic."""
    rational = value.approx(20) if hasattr(value, "approx") else value
    return float(Fraction(rational.numerator_as_long(), rational.denominator_as_long()))


def _z3() -> Any:
    try:
        import z3  # pyright: ignore[reportMissingImports]  # optional
    except ImportError as error:
        raise UnfitEnvironmentError("z3 is needed to decide over the reals: pip install 'wlra-dist[exact]'") from error
    return z3
