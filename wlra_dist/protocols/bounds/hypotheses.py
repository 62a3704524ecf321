"""Bounds together with what they rest on: a number of bits, or the hypothesis that fails. None is told without."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from wlra_dist.protocols.bounds.lower import (
    even_hard_bits,
    everyone_bits,
    expected_bits,
    hard_bits,
    worst_case_bits,
    zero_error_bits,
)

Promise = Literal["certain", "estimate", "two in three"]
"""How surely a protocol keeps its promise: always, unless its estimates mislead, or with probability 2/3."""

_ERRS = {"estimate": "this one goes by estimates", "two in three": "this one is right two times in three"}


class Bound(NamedTuple):
    """Bits, or what of the bound's hypotheses fails."""

    bits: float | None
    fails: str | None = None


class Rules(NamedTuple):
    """What the hypotheses ask of a game.

    Attributes:
        m: servers.
        everyone: whether each server must hold the solution.
        blackboard: whether all hear what is said to one.
        promise: whether a loss of at most κ·OPT, κ < ∞, is promised, and how surely; None where it is not.
    """

    m: int
    everyone: bool
    blackboard: bool
    promise: Promise | None


def even_hard_instance(n: int, d: int, s: int, r: int, k: int) -> Bound:
    """The bits N of Thm 1.5's inputs under a mask of r blocks, n/r high and about d/r wide."""
    if n % r:
        return Bound(None, f"Def 3.2 has r blocks of n/r rows, but r = {r:,} does not divide n = {n:,}")
    return _if_it_fits(s, k, n // r, even_hard_bits(d, s, r, k))


def hard_instance(s: int | None, k: int, blocks: list[tuple[int, int]] | None) -> Bound:
    """The bits N of Thm 1.5's inputs under a given W.

    Args:
        s: the most nonzeros of a column on supp(W), None if that is not public.
        k: the target rank.
        blocks: rows and columns of each block of W, None if W is no mask.
    """
    if s is None:  # first, as a file's W may be a mask unknown to us
        return Bound(None, "Thm 1.5 needs a mask (Def 3.2) and a stated s; this input states no s")
    if blocks is None:
        return Bound(None, "Thm 1.5 is for the mask of Def 3.2, not for this W")
    return _if_it_fits(s, k, min(height for height, _ in blocks), hard_bits(s, k, (width for _, width in blocks)))


def drawn_inputs(N: float, kappa: float, epsilon: float) -> Bound:
    """The bits N of a family of inputs, of which outputs of less than kappa·OPT tell all, if (1+ε)·OPT is less."""
    if 1 + epsilon >= kappa:
        return Bound(None, f"these inputs are told by outputs below {kappa:.4g}·OPT, but 1+ε = {1 + epsilon:g}")
    return Bound(N)


def lower_bounds(N: Bound, rules: Rules, choices: float | None = None) -> dict[str, Bound]:
    """Each lower bound that follows from the bits of the hard instance, as far as the game fulfils its hypotheses.

    Args:
        N: the entropy of the inputs.
        rules: of the game.
        choices: log2 of the number of inputs, where they are not equally likely.
    """

    def bound(bits: Callable[[float, float], float], *reasons: str | None) -> Bound:
        fails = next(filter(None, (N.fails, *reasons)), None)
        if fails is not None or N.bits is None:
            return Bound(None, fails)
        return Bound(bits(N.bits, N.bits if choices is None else choices))

    promises = None if rules.promise else "for protocols of a finite κ; this one promises no accuracy"
    never_errs = f"for protocols that never err; {_ERRS[rules.promise]}" if rules.promise in _ERRS else None
    uneven = None if choices in (None, N.bits) else "for inputs that are all equally likely"
    everyone = _not_for_everyone(rules) or uneven
    return {
        "lower_bound_bits": bound(lambda N, _: zero_error_bits(N), promises, never_errs),
        "lower_bound_worst_case": bound(lambda _, choices: worst_case_bits(choices), promises),
        "lower_bound_expected": bound(expected_bits, promises),
        "lower_bound_everyone": bound(lambda N, _: everyone_bits(N, rules.m), promises, everyone),
    }


HELD_AGAINST = ("lower_bound_everyone", "lower_bound_bits", "lower_bound_expected")
"""Of the bounds that hold, the first is the one that a game is held against."""


def _not_for_everyone(rules: Rules) -> str | None:
    if not rules.everyone:
        return "for games whose servers must all hold the solution"
    if rules.m == 1:
        return "for m ≥ 2 servers: a single one knows all of A"
    return "for message passing: on a blackboard one transcript serves all" if rules.blackboard else None


def _if_it_fits(s: int, k: int, height: int, bits: int) -> Bound:
    """Thm 1.5's s, k ≤ n/r."""
    if max(s, k) > height:
        return Bound(None, f"Thm 1.5 asks for s, k ≤ n/r, but s = {s:,}, k = {k:,}, n/r = {height:,}")
    return Bound(bits)
