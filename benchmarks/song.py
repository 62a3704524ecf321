"""What Song, Ye, Yin & Zhang's regression promises, and what it costs.

    python benchmarks/song.py [--plot song.svg]

prints (and draws) the error of the regression by gradient steps, for condition numbers up to 10⁶; the loss of
alternating minimisation by iterations, for regressions that stop early; and the CPU seconds of both regressions by k.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from time import process_time

import numpy as np

from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.als import Alternating, fit_rows
from wlra_dist.solvers.problem import Problem
from wlra_dist.solvers.regression import Correction, NormalEquations, corrected
from wlra_dist.solvers.sketched import SketchedGradient
from wlra_dist.solvers.squares import DenseSquares
from wlra_dist.weights import DenseWeights
from wlra_dist.world.blas import fix_blas_threads

ROWS, COLUMNS, RANK = 40, 1000, 20
"""The regressions: so many, each of so many equations in so many unknowns."""

STEPS = [0, 5, 10, 15, 20, 25, 30, 40]
CONDITIONS = [1e0, 1e2, 1e4, 1e6]

SHAPE = (784, 128)
ITERATIONS = 15
STOPPED_AFTER = [1, 2, 3, 5, 25]

WIDE = (200, 8192)
"""The rows and columns of the timings."""

RANKS = [20, 60, 150, 300]

Curves = dict[str, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--plot", type=Path, help="where the picture goes; its name says the format")
    options = parser.parse_args()
    fix_blas_threads(1)
    errors, losses = error_curves(), loss_curves()
    print_table("relative forward error after so many gradient steps", STEPS, errors)
    print_table("loss above the best one seen, relative, by iterations of ALS", list(range(1, ITERATIONS + 1)), losses)
    print_table(f"CPU seconds for {WIDE[0]} regressions of {WIDE[1]} equations, by k", RANKS, seconds_by_rank())
    if options.plot:
        draw(errors, losses, options.plot)


# the regression alone
def error_curves() -> Curves:
    """Errors by steps for each condition number, against an SVD for each row; the normal equations take no steps."""
    curves: Curves = {}
    for condition in CONDITIONS:
        problem, V = regressions(condition, np.random.default_rng(0))
        exact = row_by_row(problem, V)
        found = [solved(problem, V, SketchedGradient(steps=steps)) for steps in STEPS]
        curves[f"condition {condition:.0e}"] = [forward_error(E, exact) for E in found]
        normal = forward_error(solved(problem, V, NormalEquations()), exact)
        curves[f"condition {condition:.0e}, normal equations"] = [normal] * len(STEPS)
    return curves


def regressions(condition: float, rng: np.random.Generator) -> tuple[Problem, np.ndarray]:
    """Rows with lognormal weights, and V with singular values from 1 to 1/condition."""
    S = rng.lognormal(size=(ROWS, COLUMNS))
    left, right = (np.linalg.qr(rng.standard_normal((size, RANK)))[0] for size in (RANK, COLUMNS))
    V = left * np.logspace(0, -np.log10(condition), RANK) @ right.T
    return Problem(rng.standard_normal((ROWS, COLUMNS)), DenseSquares(S / S.max())), V


def solved(problem: Problem, V: np.ndarray, correction: Correction) -> np.ndarray:
    """What the regression makes of U = 0 (n×k)."""
    return corrected(problem, np.zeros((ROWS, RANK)), V, correction, np.random.default_rng(0))


def row_by_row(problem: Problem, V: np.ndarray) -> np.ndarray:
    roots = np.sqrt(problem.S.rows(slice(None)))
    return np.array([np.linalg.lstsq(w[:, None] * V.T, w * a)[0] for w, a in zip(roots, problem.A, strict=True)])


def forward_error(found: np.ndarray, exact: np.ndarray) -> float:
    """The largest relative error of a row."""
    return float((np.linalg.norm(found - exact, axis=1) / np.linalg.norm(exact, axis=1)).max())


# alternating with regressions that stop early
def loss_curves() -> Curves:
    A, W = layer(np.random.default_rng(0))
    solvers = {
        f"{steps} gradient steps": Alternating(ITERATIONS, "random", "sketched", steps=steps) for steps in STOPPED_AFTER
    }
    solvers["exact"] = Alternating(ITERATIONS, "random")
    losses = {name: losses_of(solver, A, W) for name, solver in solvers.items()}
    best = losses_of(Alternating(20 * ITERATIONS, "random"), A, W)[-1]
    return {name: [loss / best - 1 for loss in curve] for name, curve in losses.items()}


def layer(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A with slowly falling singular values, weights near rank one."""
    n, d = SHAPE
    A = rng.standard_normal((n, d)) / np.sqrt(1 + np.arange(d)) @ rng.standard_normal((d, d))
    return A, np.multiply.outer(rng.lognormal(size=n), rng.lognormal(size=d)) * rng.lognormal(sigma=0.3, size=(n, d))


def losses_of(solver: Alternating, A: np.ndarray, W: np.ndarray) -> list[float]:
    iterates = solver(A, DenseWeights(W), RANK, np.random.default_rng(0))
    return [float(np.square(W * (A - X.U @ X.V)).sum()) for X in iterates]


# time
def seconds_by_rank() -> Curves:
    rng = np.random.default_rng(0)
    problem = Problem(rng.standard_normal(WIDE), DenseSquares(rng.random(WIDE)))
    ways: dict[str, Correction] = {"normal equations": NormalEquations(), "sketched": SketchedGradient(sketch=4)}
    starts = [LowRank(np.zeros((WIDE[0], k)), rng.standard_normal((k, WIDE[1]))) for k in RANKS]
    return {
        name: [seconds(lambda X=X, way=way: fit_rows(problem, X, way, rng)) for X in starts]
        for name, way in ways.items()
    }


def seconds(work: Callable[[], object]) -> float:
    begun = process_time()
    work()
    return process_time() - begun


# tables and picture
def print_table(title: str, heads: list[int], curves: Curves) -> None:
    print(f"\n{title}\n| |" + "".join(f" {head} |" for head in heads) + "\n" + "|---" * (len(heads) + 1) + "|")
    for name, curve in curves.items():
        print(f"| {name} |" + "".join(f" {value:.1e} |" for value in curve))


def draw(errors: Curves, losses: Curves, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for i, (name, curve) in enumerate(errors.items()):
        left.semilogy(STEPS, curve, "--" if i % 2 else "o-", color=f"C{i // 2}", linewidth=1, label=name)
    left.set(xlabel="gradient steps", ylabel="relative forward error", title="one regression")
    for name, curve in losses.items():
        right.semilogy(range(1, ITERATIONS + 1), curve, "k--" if name == "exact" else "-", label=name)
    right.set(xlabel="iterations", ylabel="loss above the best, relative", title="alternating minimisation")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(fontsize="x-small")
    figure.savefig(path)


if __name__ == "__main__":
    main()
