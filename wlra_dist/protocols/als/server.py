"""The server's half of alternating minimisation: V_i for the U that it received, and the sums that U's half needs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlra_dist.codecs.base.choice import Choice
from wlra_dist.codecs.base.grid import exponent_below
from wlra_dist.codecs.multiples import Multiples
from wlra_dist.forms.search import coarsest
from wlra_dist.linalg.blocks import dense_columns, roundoff, runs
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.normal_equations import pair_products, solve
from wlra_dist.protocols.als.block_squares import BlockSquares, times, turned
from wlra_dist.protocols.als.messages import END, SILENT, STEP, Change, LastStep, Moved, PublicFacts, Sums, moved
from wlra_dist.solvers.problem import Problem


@dataclass(frozen=True, eq=False)
class ServerBlock:
    """Server i's columns, on the rows where their weights are not 0 throughout."""

    A: np.ndarray
    squares: BlockSquares
    facts: PublicFacts

    @classmethod
    def of(cls, A: Matrix, squares: BlockSquares, facts: PublicFacts) -> "ServerBlock":
        return cls(dense_columns(A, slice(None))[squares.rows], squares, facts)

    @cached_property
    def problem(self) -> Problem:
        return Problem(self.A, self.squares.squares)

    def loss(self, U: np.ndarray, V: np.ndarray) -> float:
        """‖W_i∘(A_i − UV)‖_F², for U with n rows."""
        own, loss = U[self.squares.rows], 0.0
        for run in runs(*self.A.shape):
            E = self.A[run] - own[run] @ V
            loss += float((self.problem.S.rows(run) * E * E).sum())
        return loss * self.facts.largest**2

    def fitted(self, U: np.ndarray, V: np.ndarray, relaxation: float) -> np.ndarray:
        """V moved `relaxation` times as far as to the best one for U."""
        own = U[self.squares.rows]
        right = self.problem.column_gradient(own, V)
        grams = self.problem.S.T.sums(pair_products(np.ascontiguousarray(own.T)), slice(None))
        return V + relaxation * solve(grams, right)

    @property
    def noise(self) -> float:
        """The loss that is rounding."""
        none = np.zeros((len(self.facts.sizes), 0)), np.zeros((0, self.A.shape[1]))
        return roundoff(self.A.dtype, max(self.A.shape)) ** 2 * self.loss(*none)


@dataclass(frozen=True, eq=False)
class ServerState:
    """What a server holds between messages.

    Attributes:
        U: n×k.
        V: k×d_i.
        grams: M (k(k+1)/2 × R) as the coordinator has them.
        gradient: k×n_i as the coordinator has it.
        message: the last that it sent.
        before: its state before that.
    """

    U: np.ndarray
    V: np.ndarray
    grams: np.ndarray
    gradient: np.ndarray
    message: Choice = SILENT
    before: "ServerState | None" = None

    @classmethod
    def empty(cls, block: ServerBlock) -> "ServerState":
        n_i, d_i = block.A.shape
        count = len(block.squares.totals)
        return cls(np.zeros((len(block.facts.sizes), 0)), np.zeros((0, d_i)), np.zeros((0, count)), np.zeros((0, n_i)))


def answered(state: ServerState, received: Choice, block: ServerBlock, *, relaxation: float) -> ServerState:
    """The state after a message of the coordinator, with the answer to it."""
    which, value = received
    if which == STEP:
        return _stepped(state, value, block, relaxation)
    message = Choice(END, _last(state, value, block)) if which == END else SILENT
    return ServerState(state.U, state.V, state.grams, state.gradient, message)


def answer(state: ServerState) -> Choice:
    """The server's message."""
    return state.message


def _stepped(state: ServerState, change: Change, block: ServerBlock, relaxation: float) -> ServerState:
    to = moved(state.U, change, block.facts)
    foreseen = _foreseen(state, to, block)
    V = block.fitted(to.U, foreseen.V, relaxation)
    sums, grams, gradient = _rounded_sums(foreseen, to, V, block)
    before = ServerState(state.U, state.V, state.grams, state.gradient)
    return ServerState(to.U, V, grams, gradient, Choice(STEP, sums), before)


def _foreseen(state: ServerState, to: Moved, block: ServerBlock) -> ServerState:
    """The state if U changes and V follows by R alone: what the coordinator can compute by itself."""
    k = len(to.R)
    if not state.U.size:
        grams = np.zeros((k * (k + 1) // 2, state.grams.shape[1]))
        return ServerState(to.U, np.zeros((k, state.V.shape[1])), grams, np.zeros((k, state.gradient.shape[1])))
    e = to.E[block.squares.rows].T
    gradient = to.R @ (state.gradient - times(block.squares.spread(state.grams), e))
    return ServerState(to.U, to.R @ state.V, turned(state.grams, to.R), gradient)


def _rounded_sums(
    foreseen: ServerState, to: Moved, V: np.ndarray, block: ServerBlock
) -> tuple[Sums, np.ndarray, np.ndarray]:
    """The message, and the Gram matrices and the gradient as the coordinator will have them."""
    facts, squares = block.facts, block.squares
    of_grams = to.pairs[:, None] * squares.totals
    of_gradient = to.scales[:, None] * facts.sizes[squares.rows]
    beyond = squares.grams(V) - foreseen.grams
    scaled = np.divide(beyond, of_grams, out=np.zeros_like(beyond), where=of_grams > 0)
    grams = facts.near_gram(scaled, len(V))
    beyond = block.problem.row_gradient(to.U[squares.rows], V) - foreseen.gradient
    gradient = facts.near(beyond / of_gradient, to.exponent)
    received = foreseen.grams + grams.numbers * of_grams, foreseen.gradient + gradient.numbers * of_gradient
    return Sums(block.loss(to.U, V), grams, gradient), *received


def _last(state: ServerState, ending: LastStep, block: ServerBlock) -> Multiples:
    """The coarsest V whose loss grows no more than it may, for the last U or the one before."""
    held = state.before if ending.back and state.before else state
    V = block.fitted(held.U, held.V, 1.0)
    goal = max(block.loss(held.U, held.V) * ending.growth, block.noise)
    sizes = column_sizes(block.squares)
    round_by = _rounding(V * sizes, block)

    def meets(exponent: int) -> Multiples | None:
        rounded = round_by(exponent)
        return rounded if block.loss(held.U, unscaled(rounded, sizes)) <= goal else None

    scaled = float(np.abs(V * sizes).max(initial=0.0))
    if not scaled:
        return round_by(0)
    start = exponent_below(scaled)
    return coarsest(meets, start) or round_by(exponent_below(scaled * np.finfo(float).eps))


def _rounding(numbers: np.ndarray, block: ServerBlock) -> Callable[[int], Multiples]:
    def round_by(exponent: int) -> Multiples:
        return block.facts.near(numbers, exponent)

    return round_by


def column_sizes(squares: BlockSquares) -> np.ndarray:
    """√Σ_a S_aj (d_i): an error of column j of V costs its square times the square of this."""
    sums = np.ones((1, len(squares.rows))) @ squares.P if squares.P is not None else np.ones((1, len(squares.rows)))
    return np.sqrt((sums @ squares.Q)[0])


def unscaled(scaled: Multiples, sizes: np.ndarray) -> np.ndarray:
    """V; 0 in columns without weights."""
    return np.divide(scaled.numbers, sizes, out=np.zeros(scaled.grid.shape), where=sizes > 0)
