"""The server's half of alternating minimisation: V_i for the U that was told, and the sums that U's half needs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlra_dist.codecs.base.grid import exponent_below
from wlra_dist.codecs.multiples import Multiples
from wlra_dist.forms.search import coarsest
from wlra_dist.linalg.blocks import dense_columns, roundoff, runs
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.normal_equations import pair_products, solve
from wlra_dist.protocols.als.block_squares import BlockSquares, times, turned
from wlra_dist.protocols.als.messages import END, SAID_NOTHING, STEP, Change, Message, Moved, Sums, Table, moved
from wlra_dist.solvers.problem import Problem


@dataclass(frozen=True, eq=False)
class Block:
    """Server i's columns, on the rows where their weights are not 0 throughout."""

    A: np.ndarray
    squares: BlockSquares
    table: Table

    @classmethod
    def of(cls, A: Matrix, squares: BlockSquares, table: Table) -> "Block":
        return cls(dense_columns(A, slice(None))[squares.rows], squares, table)

    @cached_property
    def problem(self) -> Problem:
        return Problem(self.A, self.squares.squares)

    def loss(self, U: np.ndarray, V: np.ndarray) -> float:
        """‖W_i∘(A_i − UV)‖_F², for U with n rows."""
        own, loss = U[self.squares.rows], 0.0
        for run in runs(*self.A.shape):
            E = self.A[run] - own[run] @ V
            loss += float((self.problem.S.rows(run) * E * E).sum())
        return loss * self.table.largest**2

    def fitted(self, U: np.ndarray, V: np.ndarray, relaxation: float) -> np.ndarray:
        """V, so many times as far as to the best one for U."""
        own = U[self.squares.rows]
        right = self.problem.column_gradient(own, V)
        grams = self.problem.S.T.sums(pair_products(np.ascontiguousarray(own.T)), slice(None))
        return V + relaxation * solve(grams, right)

    @property
    def noise(self) -> float:
        """The loss that is rounding."""
        none = np.zeros((len(self.table.sizes), 0)), np.zeros((0, self.A.shape[1]))
        return roundoff(self.A.dtype, max(self.A.shape)) ** 2 * self.loss(*none)


@dataclass(frozen=True, eq=False)
class Seat:
    """What a server holds between messages.

    Attributes:
        U: n×k.
        V: k×d_i.
        grams: M (k(k+1)/2 × R) as the coordinator has them.
        gradient: k×n_i as the coordinator has it.
        said: its last message.
        before: what it held before.
    """

    U: np.ndarray
    V: np.ndarray
    grams: np.ndarray
    gradient: np.ndarray
    said: Message = SAID_NOTHING
    before: "Seat | None" = None

    @classmethod
    def empty(cls, block: Block) -> "Seat":
        n_i, d_i = block.A.shape
        count = len(block.squares.totals)
        return cls(np.zeros((len(block.table.sizes), 0)), np.zeros((0, d_i)), np.zeros((0, count)), np.zeros((0, n_i)))


def answered(seat: Seat, heard: Message, block: Block, *, relaxation: float) -> Seat:
    """After a message of the coordinator, and with the answer to it."""
    which, value = heard
    if which == STEP:
        return _stepped(seat, value, block, relaxation)
    said = (END, _last(seat, value, block)) if which == END else SAID_NOTHING
    return Seat(seat.U, seat.V, seat.grams, seat.gradient, said)


def answer(seat: Seat) -> Message:
    """What the server says."""
    return seat.said


def _stepped(seat: Seat, change: Change, block: Block, relaxation: float) -> Seat:
    to = moved(seat.U, change, block.table)
    foreseen = _foreseen(seat, to, block)
    V = block.fitted(to.U, foreseen.V, relaxation)
    sums, grams, gradient = _told(foreseen, to, V, block)
    before = Seat(seat.U, seat.V, seat.grams, seat.gradient)
    return Seat(to.U, V, grams, gradient, (STEP, sums), before)


def _foreseen(seat: Seat, to: Moved, block: Block) -> Seat:
    """What the change of U alone makes of what the server holds."""
    k = len(to.R)
    if not seat.U.size:
        grams = np.zeros((k * (k + 1) // 2, seat.grams.shape[1]))
        return Seat(to.U, np.zeros((k, seat.V.shape[1])), grams, np.zeros((k, seat.gradient.shape[1])))
    e = to.E[block.squares.rows].T
    gradient = to.R @ (seat.gradient - times(block.squares.spread(seat.grams), e))
    return Seat(to.U, to.R @ seat.V, turned(seat.grams, to.R), gradient)


def _told(foreseen: Seat, to: Moved, V: np.ndarray, block: Block) -> tuple[Sums, np.ndarray, np.ndarray]:
    """What is said of the sums, and the sums as the coordinator will have them."""
    table, squares = block.table, block.squares
    of_grams = to.pairs[:, None] * squares.totals
    of_gradient = to.scales[:, None] * table.sizes[squares.rows]
    beyond = squares.grams(V) - foreseen.grams
    scaled = np.divide(beyond, of_grams, out=np.zeros_like(beyond), where=of_grams > 0)
    grams = table.near_gram(scaled, len(V))
    beyond = block.problem.row_gradient(to.U[squares.rows], V) - foreseen.gradient
    gradient = table.near(beyond / of_gradient, to.exponent)
    sums = block.loss(to.U, V), (grams, gradient)
    heard = foreseen.grams + grams.numbers * of_grams, foreseen.gradient + gradient.numbers * of_gradient
    return sums, *heard


def _last(seat: Seat, value: tuple[int, float], block: Block) -> Multiples:
    """The coarsest V that leaves no more than what it may, as coefficients of the U that was last or before."""
    back, factor = value
    held = seat.before if back and seat.before else seat
    V = block.fitted(held.U, held.V, 1.0)
    goal = max(block.loss(held.U, held.V) * factor, block.noise)
    sizes = column_sizes(block.squares)
    tell = _rounding(V * sizes, block)

    def meets(exponent: int) -> Multiples | None:
        told = tell(exponent)
        return told if block.loss(held.U, unscaled(told, sizes)) <= goal else None

    scaled = float(np.abs(V * sizes).max(initial=0.0))
    if not scaled:
        return tell(0)
    start = exponent_below(scaled)
    return coarsest(meets, start) or tell(exponent_below(scaled * np.finfo(float).eps))


def _rounding(numbers: np.ndarray, block: Block) -> Callable[[int], Multiples]:
    def tell(exponent: int) -> Multiples:
        return block.table.near(numbers, exponent)

    return tell


def column_sizes(squares: BlockSquares) -> np.ndarray:
    """√Σ_a S_aj (d_i): by how much errors of a column of V count."""
    sums = np.ones((1, len(squares.rows))) @ squares.P if squares.P is not None else np.ones((1, len(squares.rows)))
    return np.sqrt((sums @ squares.Q)[0])


def unscaled(told: Multiples, sizes: np.ndarray) -> np.ndarray:
    """V, of its columns that count."""
    return np.divide(told.numbers, sizes, out=np.zeros(told.grid.shape), where=sizes > 0)
