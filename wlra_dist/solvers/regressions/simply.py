"""Multiple regressions by one call, for whoever brings A, V and W."""

from typing import Any, Literal, get_args

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import given_dense, given_finite
from wlra_dist.linalg.matrix import dense
from wlra_dist.linalg.scale import centred, times_power
from wlra_dist.solvers.border import posed, unmasked
from wlra_dist.solvers.inputs import checked_weights
from wlra_dist.solvers.options import faults
from wlra_dist.solvers.problem import Problem
from wlra_dist.solvers.regression import NormalEquations, corrected
from wlra_dist.solvers.regressions.row_fits import fit_rows
from wlra_dist.solvers.sketched import SketchedGradient

Way = Literal["exact", "cholesky", "sketched"]


def regressions(
    A: Any,
    V: Any,
    W: Any,
    method: Way = "exact",
    *,
    sketch: int = 8,
    steps: int = 30,
    rng: int | np.random.Generator = 0,
) -> np.ndarray:
    """U with the least ‖W∘(A − UV)‖_F² for this V: a weighted least squares problem for each row of A.

    Parameters
    ----------
    A
        n×d, anything where W is 0, as for `solve`.
    V
        k×d. For the columns of A bring A.T, U.T and W.T.
    W
        n×d, nonnegative weights, as for `solve`.
    method
        "exact", as an orthogonal factorisation of each row's matrix, and of the least norm where the weights leave a
        choice; "cholesky", normal equations: half of the digits, and fast; "sketched", Song, Ye, Yin & Zhang (2023):
        a subsampled randomised Hadamard transform, whose QR factor preconditions gradient steps.
    sketch
        Rows of the sketch, over k.
    steps
        Gradient steps: 25 for a relative error of 10⁻⁸, whatever the condition numbers.
    rng
        A seed, or a generator, of the sketch.

    Returns
    -------
    numpy.ndarray
        U, n×k.

    Raises
    ------
    InputError
        A, V and W do not fit each other, or are no numbers; an option has no such value.
    """
    A, W = unmasked(A, W)
    W, V = checked_weights(W), dense(given_finite(V, "V")).astype(float)
    A = given_dense(A, "A", (lambda i, j: W.entries(i, j) > 0) if getattr(A, "shape", None) == W.shape else None)
    gradient = SketchedGradient(sketch, steps)
    _require_fit(A.shape, V.shape, W.shape, method, [*faults(gradient)])
    problem, (V, power) = posed(A, W), centred(V)
    B, weights = np.asarray(problem.A).astype(float), problem.W
    if method == "exact":
        U = fit_rows(V, weights.dense(slice(None)), B)
    else:
        halves, zero = Problem.of(B, weights), np.zeros((len(B), len(V)))
        correction = gradient if method == "sketched" else NormalEquations()
        U = corrected(halves, zero, V, correction, np.random.default_rng(rng))
    return times_power(U, problem.seen.A - power)


def _require_fit(A: tuple[int, ...], V: tuple[int, ...], W: tuple[int, ...], method: object, wrong: list[str]) -> None:
    if A != W or len(V) != 2 or V[1] != A[1] or not all((*A, *V)):
        raise InputError(f"expected A and W of one shape n×d and V of k×d, found {A}, {W} and {V}")
    if method not in get_args(Way):
        raise InputError(f"expected a method of {', '.join(get_args(Way))}, found {method!r}")
    if wrong:
        raise InputError(f"regressions: {'; '.join(wrong)}")
