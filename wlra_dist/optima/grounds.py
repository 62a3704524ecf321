"""What a lower bound rests on beside A and W: terms and multipliers, from which anybody can compute it again.

Nothing of them need be believed, since any terms and any multipliers prove what comes out (`multipliers`). Where the
multipliers are not kept, as many evaluations of the climb from the same terms lead to them again, on a machine that
rounds alike.
"""

from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.scale import centred, scaled_energy
from wlra_dist.optima.guarded import guarded_bound
from wlra_dist.optima.minorant import Minorant, minorant_bound, under, unit_squares
from wlra_dist.optima.proof import Core, Proof, core_of, multipliers_of
from wlra_dist.optima.terms import Term, require_terms
from wlra_dist.weights import Weights


class Grounds(NamedTuple):
    """With A, W and k, all that it takes to compute a bound again.

    Attributes:
        rows, columns: the kind of each row of A (n) and of each column (d); those of one kind are equal in W and W∘A.
        powers: of two that were taken out of A and of W.
        terms: on a row and a column of each kind, below W∘W times the multiplicities.
        evaluations: of the climb to the multipliers; 0 where all R_l are 0.
        multipliers: R_l on the entries of each term; None where they are not kept.
    """

    rows: np.ndarray
    columns: np.ndarray
    powers: tuple[int, int]
    terms: list[Term]
    evaluations: int
    multipliers: list[np.ndarray] | None

    @classmethod
    def of(cls, core: Core, proof: Proof) -> "Grounds":
        """Those of a bound with multipliers."""
        kinds = core.reduced
        return cls(kinds.rows, kinds.columns, core.powers, proof.terms, proof.evaluations, proof.multipliers)

    @classmethod
    def of_minorant(cls, minorant: Minorant, powers: tuple[int, int]) -> "Grounds":
        """Those of a bound without multipliers."""
        n, d = len(minorant.P), len(minorant.Q)
        pairs = zip(np.sqrt(minorant.P.T), np.sqrt(minorant.Q.T), strict=True)
        terms = [Term(np.flatnonzero(p), np.flatnonzero(q), p[p > 0], q[q > 0]) for p, q in pairs]
        return cls(np.arange(n), np.arange(d), powers, terms, 0, None)


class ProvenBound(NamedTuple):
    """A lower bound on OPT: which it is, its value, and what it rests on beside A, W and k, if on anything."""

    name: str
    value: float
    grounds: Grounds | None = None

    @property
    def without_multipliers(self) -> "ProvenBound":
        """The same, with no more kept than how to find the multipliers."""
        return self if self.grounds is None else self._replace(grounds=self.grounds._replace(multipliers=None))


def bound_again(A: Matrix, W: Weights, k: int, grounds: Grounds) -> float:
    """What the grounds prove of A and W, n×d; ValueError where they are of other rows and columns."""
    if not grounds.evaluations:
        return _plain_again(A, W, k, grounds)
    core = core_of(A, W)
    kinds = (core.reduced.rows, core.reduced.columns)
    if not all(map(np.array_equal, kinds, (grounds.rows, grounds.columns))):
        raise ValueError("rows or columns that are equal in W and W∘A are others")
    R = grounds.multipliers or multipliers_of(core, k, grounds.terms, grounds.evaluations)
    return core.whole(guarded_bound(core.A, core.squares, k, grounds.terms, R))


def _plain_again(A: Matrix, W: Weights, k: int, grounds: Grounds) -> float:
    require_terms(grounds.terms, W.shape)
    A, power = centred(A)
    squares, power_of_W = unit_squares(W)
    P, Q = (np.zeros((side, len(grounds.terms))) for side in W.shape)
    for term, p, q in zip(grounds.terms, P.T, Q.T, strict=True):
        p[term.rows], q[term.columns] = np.square(term.root_p), np.square(term.root_q)
    return scaled_energy(minorant_bound(A, under(squares, P, Q), k), power + power_of_W)
