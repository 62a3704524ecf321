"""How a server describes its block once all know the same columns, and how the coordinator assembles the solution.

A server sends the coefficients of its other columns at the coarsest step that keeps its loss within its part.
If the known columns leave too much of its block, it adds columns of its own, which only its block uses.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.codec import received
from wlra_dist.codecs.base.grid import exponent_below
from wlra_dist.codecs.multiples import Multiples, have_a_step
from wlra_dist.css import SELECTORS, Stop, select
from wlra_dist.forms.search import bisected
from wlra_dist.linalg.basis import apart, extend_basis, project_out, residual_energy
from wlra_dist.linalg.blocks import column_energies, dense_columns, inner
from wlra_dist.linalg.matrix import Matrix, side_by_side
from wlra_dist.linalg.oriented_basis import oriented_basis
from wlra_dist.protocols.common_columns.common_columns import Common, Span, finest, offer
from wlra_dist.protocols.common_columns.sent_columns import SentColumns
from wlra_dist.protocols.rounded_factors import finest_near
from wlra_dist.weights import Weights
from wlra_dist.weights.loss import weighted_loss
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.weights.weighing import others

_ROOM = 0.1
"""A server that adds columns leaves this part of its loss to rounding, or ε/(1+ε)/4 if that is less."""

_TO_INTEGERS = 1 / 8
"""Added columns may leave at most this loss where Ã is rounded to integers, with integer weights: every entry is then
off by less than 1/2."""


class SubspacePlan(NamedTuple):
    """What the coordinator sends to all.

    Attributes:
        rounded: 1 if Ã is rounded to integers, else 0.
        U: a basis (c×K) of the subspace that holds the coefficients; no rows if that is the whole span.
    """

    rounded: int
    U: Multiples

    def basis(self, c: int) -> np.ndarray:
        """An orthonormal basis of the subspace (c×K), or the identity (c×c)."""
        return oriented_basis(self.U.numbers)[0] if self.U.grid.size else np.eye(c)


class Answer(NamedTuple):
    """How a server describes its block.

    Attributes:
        added: columns of its own.
        Z: the coefficients of the columns that are not sent by themselves.
    """

    added: SentColumns
    Z: Multiples


@dataclass(frozen=True, eq=False)
class Stretched:
    """The known columns and those that server i adds.

    Attributes:
        U: the basis of the subspace, c×K.
        added: e columns, by their places in the block.
    """

    V: Span
    U: np.ndarray
    added: SentColumns
    i: int
    common: Common

    @property
    def places(self) -> np.ndarray:
        """Where the added columns are among all."""
        return self.added.S + self.common.starts[self.i]

    @cached_property
    def L(self) -> Matrix:
        """The left factor, n×(c+e)."""
        if not len(self.added.S):
            return self.V.L
        return side_by_side([self.V.L, self.common.left(self.added._replace(S=self.places))])

    @cached_property
    def basis(self) -> tuple[np.ndarray, np.ndarray]:
        """Q and R of L = QR: the added columns carry on from V's, which every receiver has had once for all servers."""
        Q, R = self.V.basis
        if not len(self.added.S):
            return Q, R
        added = dense_columns(self.L, slice(len(R), None))
        own, R_own = oriented_basis(project_out(added, Q))
        below = np.zeros((len(R_own), len(R)))
        return np.hstack([Q, apart(own, Q)]), np.block([[R, Q.T @ added], [below, R_own]])

    @cached_property
    def T(self) -> np.ndarray:
        """diag(U, I): coefficients are those of QT."""
        e = len(self.added.S)
        T = np.zeros((len(self.U) + e, self.U.shape[1] + e))
        T[: len(self.U), : self.U.shape[1]] = self.U
        T[len(self.U) :, self.U.shape[1] :] = np.eye(e)
        return T

    @cached_property
    def rest(self) -> np.ndarray:
        """The columns of the block that are described by coefficients."""
        sent = np.concatenate([self.V.S, self.places])
        d = self.common.W[self.i].shape[1]
        return np.arange(d) if self.common.rounded else others(self.common.known(self.i, sent), d)

    def X(self, Z: np.ndarray) -> np.ndarray:
        """(c+e)×|rest| with LX = QTZ."""
        if not Z.any():
            return np.zeros((len(self.T), len(self.rest)))
        if Z.shape != (self.T.shape[1], len(self.rest)):
            raise ValueError(f"expected coefficients of shape {(self.T.shape[1], len(self.rest))}, got {Z.shape}")
        return np.linalg.solve(self.basis[1], self.T @ Z)


@dataclass(frozen=True, eq=False)
class ServerView:
    """All that server i knows before its last message."""

    A: Matrix
    W: Weights
    B: Matrix
    V: Span
    plan: SubspacePlan
    i: int
    common: Common

    @cached_property
    def U(self) -> np.ndarray:
        return self.plan.basis(len(self.V.S))

    def stretched(self, added: SentColumns) -> Stretched:
        return Stretched(self.V, self.U, added, self.i, self.common)

    def loss_of_sent(self, added: SentColumns) -> float:
        """The loss of the columns that are sent by themselves: the rounding of floats, if any."""
        S = np.concatenate([self.V.S - self.common.starts[self.i], added.S])
        (here,) = np.nonzero(np.isin(S, np.arange(self.W.shape[1])))
        if self.common.rounded or not len(here):
            return 0.0
        C = side_by_side([self.V.C, added.C])[:, here]
        sent = ReweightedBlock(self.W.block(S[here]), np.arange(len(here)), C, np.zeros((len(here), 0)))
        return weighted_loss(self.A[:, S[here]], sent)

    def loss(self, by: Stretched, Z: np.ndarray) -> float:
        """The loss of the columns that are described by coefficients, as the receiver has them."""
        none = np.zeros(0, dtype=np.int64)
        W = self.W.block(by.rest)
        block = ReweightedBlock(W, none, by.L, by.X(Z), rounded=bool(self.plan.rounded), weighted=True)
        return weighted_loss(self.A[:, by.rest], block)


def describe(view: ServerView, goal: float, coins: np.random.Generator) -> Answer:
    """As few added columns as the goal allows, then the coarsest coefficients; the finest of all if none meet it."""
    answer: Answer | None = None
    for added in _additions(view, goal, coins):
        by = view.stretched(added)
        share = goal - view.loss_of_sent(added)
        Z, loss = _coefficients(view, by, share)
        answer = Answer(added, Z)
        if loss <= share:
            break
    assert answer is not None, "there is always one way to add columns"
    return answer


def _additions(view: ServerView, goal: float, coins: np.random.Generator) -> Iterator[SentColumns]:
    """No columns, if that may meet the goal; those that the goal requires; all that are not zero."""
    nothing = np.zeros(0, dtype=np.int64)
    if view.common.terms.columns:
        yield _added(view, nothing)
        return
    rest = view.stretched(_added(view, nothing)).rest
    known, epsilon = view.V.Q @ view.U, view.common.terms.epsilon
    aim = max(goal, _TO_INTEGERS) if view.plan.rounded else goal
    if residual_energy(view.B[:, rest], known) <= aim * (1 - min(_ROOM, epsilon / (1 + epsilon) / 4)):
        yield _added(view, nothing)
    E = project_out(view.B[:, rest], known)
    stop = Stop(residual=aim * (1 - min(_ROOM, epsilon / (1 + epsilon) / 4)))
    yield _added(view, rest[select(SELECTORS["auto"](), E, stop, coins).columns])
    yield _added(view, rest[column_energies(view.B[:, rest]) > 0])


def _added(view: ServerView, S: np.ndarray) -> SentColumns:
    """Columns to add, as their receiver has them; rounded ones to the last digit, and then only independent ones."""
    S = np.sort(S)
    if view.common.rounded:
        sent = finest(view.B, S[np.sort(extend_basis(view.V.Q, view.B[:, S])[1])])
    else:
        sent = offer(view.A, view.W, view.B, S, common=view.common)
    return received(view.common.code(view.W), sent)


def _coefficients(view: ServerView, by: Stretched, goal: float) -> tuple[Multiples, float]:
    """The coarsest that meet the goal, and their loss; if the finest miss it, the coarsest with nearly their loss."""
    nothing = Multiples.none(0)
    B = view.B[:, by.rest]
    without = view.loss(by, nothing.numbers)
    if without <= goal or not column_energies(B).any():
        return nothing, without
    Z, entries, terms = inner(by.basis[0] @ by.T, B), view.common.entries, view.common.terms
    if not Z.any():
        return nothing, without
    finest = finest_near(Z, entries)
    least = view.loss(by, finest.numbers)
    if not have_a_step(entries):
        return finest, least
    within = goal if least <= goal and not terms.columns else least / (1 - terms.rounding_share)

    def at(exponent: int) -> Multiples | None:
        near = Multiples.near(Z, exponent, entries)
        return near if near is not None and view.loss(by, near.numbers) <= within else None

    found = bisected(at, finest.exponent, finest, exponent_below(float(np.abs(Z).max())) + 1)
    return found, view.loss(by, found.numbers)


def assemble(V: Span, plan: SubspacePlan, answers: Sequence[Answer], *, common: Common) -> ReweightedSolution:
    """Ã = W^{∘-1}∘(C X): one block, in which the columns that a server added are used by its own alone."""
    c = len(V.S)
    U = plan.basis(c)
    by = [Stretched(V, U, added, i, common) for i, (added, _) in enumerate(answers)]
    S = np.concatenate([V.S, *(each.places for each in by)])
    C = side_by_side([V.C, *(each.added.C for each in by)])
    X = np.zeros((len(S), sum(len(each.rest) for each in by)))
    row, column = c, 0
    for each, (_, Z) in zip(by, answers, strict=True):
        X_i, more, width = each.X(Z.numbers), len(each.added.S), len(each.rest)
        X[:c, column : column + width] = X_i[:c]
        X[row : row + more, column : column + width] = X_i[c:]
        row, column = row + more, column + width
    exact = S[:0] if common.rounded else S
    return ReweightedSolution(
        [ReweightedBlock(common.W.whole, exact, C, X, rounded=bool(plan.rounded), weighted=common.rounded)]
    )
