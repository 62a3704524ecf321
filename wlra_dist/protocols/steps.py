"""What one party does between messages: weigh, choose columns, describe its block, assemble."""

from collections.abc import Iterator, Sequence

import numpy as np

from wlra_dist.codecs.base.choice import Choice
from wlra_dist.css import BasisTooLargeError, Stop, select
from wlra_dist.forms import Sent, are_alike, shortest
from wlra_dist.game.located import PerParty
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix, dense, is_sparse
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.linalg.spectral.spectrum import roundoff_energy
from wlra_dist.optima.certificate import floor
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.weights.weighing import HELD, product_of, weigh


def weighted_block(A: Matrix, W: Weights) -> Matrix:
    """B_i = W_i∘A_i."""
    return weigh(W, A)


def weighted(A: Matrix, W: Weights) -> Matrix:
    """The same, formed when it is looked at: the blocks of all servers of a process are as large as they are."""
    return weigh(W, A) if is_sparse(A) else product_of(W, dense(A))


def at_hand(B: Matrix) -> Matrix:
    """B, formed as long as it is used where that takes no more than `HELD` entries."""
    return B[:] if isinstance(B, OnDemand) and B.size <= HELD else B


def lower_bound(A: Matrix, W: Weights, *, terms: Terms) -> float:
    """LB_i ≤ OPT_i of a block; where none is proven, a loss to aim at instead (`certificate.floor`).

    Σ_i OPT_i ≤ OPT, since the best A' of rank k, restricted to a block, has rank at most k there. A game promises
    nothing if a server has no proven LB_i.
    """
    return floor(A, W, terms.r, terms.k, terms.effort).aim


def goal(A: Matrix, W: Weights, B: Matrix, *, terms: Terms) -> float:
    """The loss that a server may leave on its block: (1+ε)·LB_i, or the rounding noise of B_i if LB_i is 0."""
    return max((1 + terms.epsilon) * lower_bound(A, W, terms=terms), roundoff_energy(at_hand(B)))


def choose(B: Matrix, goal: float, coins: np.random.Generator, *, terms: Terms, most: int | None = None) -> np.ndarray:
    """The columns S of B_i whose span leaves no more of B_i than the goal (Cor 1.3); or `terms.columns` of them.

    At most `most` columns are chosen, even if they leave more than the goal. Where sparse columns are too many for a
    basis, all of the block are: they are sent as they are, and no basis is needed.
    """
    stop = Stop(terms.columns or most, None if terms.columns else (1 - terms.rounding_share) * goal)
    try:
        return select(terms.selector, at_hand(B), stop, coins).columns
    except BasisTooLargeError:
        if terms.columns:
            raise
        return np.arange(shape_of(B)[1])


def fit(
    A: Matrix, W: Weights, B: Matrix, S: np.ndarray, goal: float, coins: np.random.Generator, *, terms: Terms
) -> Choice:
    """The shortest description of the block within the goal: the number of its form, and what that form sends."""
    code, block = terms.block_code(W), Sent(A, W, at_hand(B))
    found = [shortest(terms.forms, block, S, goal), *_by_component(block, S, goal, coins, terms)]
    described = [each for each in found if each is not None]
    assert described, "plain columns and X always meet the goal"
    return described[0] if len(described) == 1 else min(described, key=code.bits)


def _by_component(
    block: Sent, S: np.ndarray, least: float, coins: np.random.Generator, terms: Terms
) -> Iterator[Choice]:
    """With the columns of S; and as servers with a component each would describe them."""
    forms = terms.by_component(block.W)
    if not forms:
        return
    form, parts = forms[0], forms[0].parts(block)
    goals = np.array([goal(part.A, part.W, part.B, terms=terms) for part in parts])
    goals *= least / goals.sum() if goals.any() else 1.0
    columns = [choose(part.B, own, coins, terms=terms) for part, own in zip(parts, goals, strict=True)]
    for found in (*form.descriptions(block, S, least), *form.together(block, columns, goals.tolist(), least)):
        yield Choice(len(terms.forms) + (not are_alike(found)), found)


def assemble(descriptions: Sequence[Choice], W: PerParty[Weights], *, terms: Terms) -> ReweightedSolution:
    """Ã = W^{∘-1}∘[C_1 X_1 … C_m X_m] (Algorithm 1, step 2)."""
    return ReweightedSolution([described(*each, terms=terms) for each in zip(descriptions, W, strict=True)])


def described(description: Choice, W: Weights, *, terms: Terms) -> ReweightedBlock:
    """Ã_i = W_i^{∘-1}∘(C_i X_i)."""
    return terms.forms_of(W)[description.which].block(description.value, W)
