"""What a certificate costs on real-valued layers: bits, bits an entry, the rate-distortion bound, the paper's count.

    python benchmarks/codes/rates.py [--mnist DIRECTORY] [--epsilon 0.1]

One server describes its whole matrix to within (1+ε)·LB, as `one_way` does; a line for each matrix. "bound" is the rate
of independent Gaussians of the variances that the rows of Y have, at the squared error that Ŷ has (reverse
water-filling); a code that knows more scales than those of rows, as W tells those of columns, may need less. The
paper's count is c·(n+d) words of ⌈log2(nd)⌉ bits, c the fewest greedy columns whose span is within (1+ε)·LB. Below, the
same certificate by the quick lower bounds and by all, on weights of rank 2 and 3.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from wlra_dist.codecs.base.choice import Choice
from wlra_dist.codecs.base.codec import encode
from wlra_dist.css import SELECTORS, Stop, select
from wlra_dist.forms import Rounded
from wlra_dist.forms.rounded_code import RoundedCode, RoundedFactors
from wlra_dist.instances import Instance
from wlra_dist.instances.fisher import DigitsFisher, IdxFisher
from wlra_dist.instances.instance import alone
from wlra_dist.instances.synthetic import Synthetic
from wlra_dist.linalg.blocks import dense_columns
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.oriented_basis import oriented_basis
from wlra_dist.optima import QUICK, Effort
from wlra_dist.protocols.bounds import word_bits
from wlra_dist.protocols.steps import choose, fit, goal, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import LowRankWeights, Weights
from wlra_dist.weights.loss import weighted_loss
from wlra_dist.weights.weighing import others

ROWS, COLUMNS, FISHER_RANK = 784, 128, 20

DECAY = 0.9
"""Singular values of the synthetic layer fall by this factor."""

FADING = 0.3
"""Each term of the synthetic weights is so many times the one before, which makes them nearly of rank one."""

SPREAD = 1.0
"""Standard deviation of the logarithms of the synthetic weights' factors."""


@dataclass(frozen=True, eq=False)
class Task:
    """A matrix to describe: A and W, n×d, for target rank k; r is W's rank, or what is claimed of it."""

    name: str
    A: Matrix
    W: Weights
    k: int
    r: int

    @classmethod
    def of(cls, name: str, instance: Instance) -> "Task":
        return cls(name, instance.block(slice(None)), instance.weights, instance.k, instance.r)


@dataclass(frozen=True, eq=False)
class Described:
    """What the server said of a task, and what it aimed at.

    Attributes:
        goal: (1+ε)·LB.
        form: the class of the form that was shortest, and of which kind.
        bits: of the message, all of it; `parts` splits them.
        value: in that form.
        loss: of what the receiver makes of it.
    """

    goal: float
    form: str
    bits: int
    parts: dict[str, int]
    value: Any
    loss: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mnist", metavar="DIRECTORY", help="where MNIST's files are; left out if not given")
    parser.add_argument("--epsilon", type=float, default=0.1)
    options = parser.parse_args()
    titles = ("loss/LB", "form", "c", "bits", "a left", "a Y", "bound", "paper's c", "count", "ratio")
    print(f"{'':22}" + "".join(f"{title:>11}" for title in titles))
    for task in layers(options.mnist):
        print(f"{task.name:22}" + "".join(f"{cell:>11}" for cell in rates(task, options.epsilon)), flush=True)
    print("\n" + f"{'':22}" + "".join(f"{title:>14}" for title in ("quick LB", "bits", "best LB", "bits", "× fewer")))
    for r in (2, 3):
        task = fisher_like(r)
        print(f"{task.name:22}" + "".join(f"{cell:>14}" for cell in gain(task, options.epsilon)), flush=True)
    return 0


def layers(mnist: str | None) -> Iterator[Task]:
    """Fisher-weighted layers, and a dense matrix of low rank plus noise."""
    for k in (5, 10):
        yield Task.of(f"digits_fisher k={k}", DigitsFisher(k).open(alone))
    if mnist is not None:
        for k in (10, 20):
            yield Task.of(f"MNIST Fisher k={k}", IdxFisher(mnist, k).open(alone))
    dense = Synthetic(ROWS, COLUMNS, FISHER_RANK, noise=0.1, weights="ones")
    yield Task.of(f"low rank + noise k={dense.k}", dense.open(alone))


def fisher_like(r: int) -> Task:
    """A layer of decaying spectrum under weights UV of rank r, both factors lognormal."""
    rng = np.random.default_rng(r)
    A = rng.standard_normal((ROWS, COLUMNS)) * DECAY ** np.arange(COLUMNS) @ rng.standard_normal((COLUMNS, COLUMNS))
    U = np.exp(SPREAD * rng.standard_normal((ROWS, r))) * FADING ** np.arange(r)
    V = np.exp(SPREAD * rng.standard_normal((r, COLUMNS)))
    return Task(f"lognormal W, rank {r}", A, LowRankWeights(U, V), FISHER_RANK, r)


def described(task: Task, epsilon: float, effort: Effort) -> Described:
    """A server's part of `one_round`, for one server."""
    terms = agreed(task, epsilon, effort)
    B = weighted_block(task.A, task.W)
    least = goal(task.A, task.W, B, terms=terms)
    coins = np.random.default_rng(0)
    S = choose(B, least, coins, terms=terms)
    which, value = fit(task.A, task.W, B, S, least, coins, terms=terms)
    written = encode(terms.block_code(task.W), Choice(which, value))
    form = terms.forms[which]
    kind = ("columns" if form.columns else "vectors") if isinstance(form, Rounded) else "plain"
    loss = weighted_loss(task.A, form.block(value, task.W))
    return Described(least, kind, written.bits, written.parts, value, loss)


def agreed(task: Task, epsilon: float, effort: Effort) -> Terms:
    n, d = task.W.shape
    selector = SELECTORS["auto"]()
    width: Literal[32, 64] = 32 if task.A.dtype == np.float32 else 64
    return Terms(task.k, task.r, epsilon, word_bits(n, d), None, False, width, selector, effort)


def rates(task: Task, epsilon: float) -> Iterator[str]:
    """The cells of a task's line."""
    description = described(task, epsilon, Effort())
    n, d = task.W.shape
    c = fewest_columns(task, description.goal)
    paper = c * (n + d) * word_bits(n, d)
    yield f"{description.loss / description.goal * (1 + epsilon):.5f}"
    yield description.form
    if isinstance(description.value, RoundedFactors):
        yield f"{len(description.value.finer)}"
        yield f"{description.bits:,}"
        yield f"{description.parts['values of C'] / entries_of_left(task.W, description.value):.3f}"
        yield f"{description.parts['coefficients'] / description.value.Y.v.size:.3f}"
        yield f"{rate_bound(*coefficients(task, description.value)):.3f}"
    else:
        yield from (f"{description.value.C.shape[1]}", f"{description.bits:,}", "–", "–", "–")
    yield f"{c}"
    yield f"{paper:,}"
    yield f"1/{paper / description.bits:.2f}"


def gain(task: Task, epsilon: float) -> Iterator[str]:
    """By how much better lower bounds on OPT shorten the message."""
    quick, best = (described(task, epsilon, effort) for effort in (QUICK, Effort()))
    for description in (quick, best):
        yield f"{description.goal / (1 + epsilon):.5g}"
        yield f"{description.bits:,}"
    yield f"{quick.bits / best.bits:.2f}"


def fewest_columns(task: Task, target: float) -> int:
    """The number of greedy columns whose span leaves no more of B than the target."""
    B = weighted_block(task.A, task.W)
    return len(select(SELECTORS["greedy"](), B, Stop(residual=target), np.random.default_rng(0)).columns)


def entries_of_left(W: Weights, description: RoundedFactors) -> int:
    """Entries of L that travel: those in rows where W is not all 0."""
    return int(W.dense(slice(None)).any(axis=1).sum()) * len(description.finer)


def coefficients(task: Task, description: RoundedFactors) -> tuple[np.ndarray, np.ndarray]:
    """Y = QᵀB as the sender has it, and Ŷ as the receiver has it, c×(d−|S|)."""
    Q, _ = oriented_basis(RoundedCode(task.W).left_factor(description))
    rest = dense_columns(weighted_block(task.A, task.W), others(description.S, task.W.shape[1]))
    return Q.T @ rest, description.coefficients


def rate_bound(Y: np.ndarray, rounded: np.ndarray) -> float:
    """Bits an entry: mean over rows of max(0, ½log2(σ²/θ)), where mean(min(σ², θ)) is the squared error of Ŷ."""
    variances = np.square(Y).mean(axis=1)
    level = water_level(variances, float(np.square(Y - rounded).mean()))
    return float(np.maximum(0.0, 0.5 * np.log2(variances / level)).mean())


def water_level(variances: np.ndarray, error: float) -> float:
    """θ with mean(min(variances, θ)) = error, for an error below the mean of the variances."""
    ascending = np.sort(variances)
    covered = np.concatenate([[0.0], ascending.cumsum()])[:-1]
    levels = (error * len(ascending) - covered) / np.arange(len(ascending), 0, -1)
    return float(levels[np.argmax(levels <= ascending)])


if __name__ == "__main__":
    sys.exit(main())
