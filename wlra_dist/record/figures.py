"""The figures of a record derived again: each follows from scenario, ledger, solution and certificate."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from wlra_dist.errors import VerificationError
from wlra_dist.playing.bounding import best_of
from wlra_dist.playing.play import Outcome
from wlra_dist.playing.referee import Original
from wlra_dist.record.agreement import agree
from wlra_dist.record.listening import HOSTILE, Decoded
from wlra_dist.record.read import Recorded
from wlra_dist.record.summary import plain, summary
from wlra_dist.record.write import BOUNDS, RECORD
from wlra_dist.weights.refutation import minor


def check_figures(run: Recorded, decoded: Decoded) -> int:
    """How many figures follow; VerificationError names the first that does not."""
    try:
        expected = summary(_outcome(run, decoded))
    except HOSTILE as error:
        raise VerificationError(f"{RECORD}: no figures follow from what it claims: {error}") from error
    agree(RECORD, {key: run.figures[key] for key in expected if key in run.figures}, expected)
    _check_minor(run, decoded)
    _check_bounds(run)
    return len(expected)


def _outcome(run: Recorded, decoded: Decoded) -> Outcome:
    """The run as it was, but for A: its certificate and checks are as claimed."""
    claims = run.claims
    return Outcome(
        scenario=run.scenario,
        instance=decoded.instance,
        ranks=claims.ranks,
        account=decoded.account,
        solution=decoded.solution,
        certificate=claims.certificate,
        bounds=run.kept_bounds,
        checks=claims.checks,
        original=Original(claims.energy, claims.original_bytes),
        # a server that hears what the coordinator said, which is checked, cannot but end up with the same
        copies=run.scenario.game.servers if run.scenario.protocol.output == "everyone" else 0,
        public_coins=decoded.public_coins,
        seconds=claims.seconds,
    )


def _check_minor(run: Recorded, decoded: Decoded) -> None:
    """A refuted rank of W is refuted by the minor that the record names: one determinant, for which W is enough."""
    claim, stated, r = run.claims.certificate.rank_claim, run.claims.certificate.rank_refuted, decoded.instance.r
    if (claim == "refuted") != (stated is not None):
        raise VerificationError(
            f"{RECORD}: rank_claim is {claim}, and rank_refuted {'none' if stated is None else 'a minor'}"
        )
    if stated is None:
        return
    indices = zip((stated.rows, stated.columns), decoded.instance.shape, strict=True)
    again = minor(decoded.instance.weights, *(_distinct(chosen, r + 1, length) for chosen, length in indices))
    agree(f"{RECORD}: rank_refuted", plain(asdict(stated)), plain(asdict(again)))
    if not again.residue:
        raise VerificationError(f"{RECORD}: rank_refuted is 0 modulo {again.prime}, and refutes nothing")


def _check_bounds(run: Recorded) -> None:
    """The certificate's bound is the best of those that are kept, each under its number."""
    if BOUNDS in run.missing:
        return
    kept, stated, m = run.kept_bounds, run.claims.certificate, run.scenario.game.servers
    if {*range(1, m + 1)} - kept.keys() or kept.keys() - {*range(m + 1)}:
        raise VerificationError(f"{BOUNDS}: expected bounds under 1 to {m}, and one on the whole under 0 at most")
    best = best_of(kept)
    due = {"bound": best.name, "lower_bound_opt": best.value, "blocks": best.blocks, "whole": best.whole}
    agree(f"{RECORD}: certificate", {name: getattr(stated, name) for name in due}, plain(due))


def _distinct(indices: Sequence[int], count: int, length: int) -> np.ndarray:
    """So many different rows or columns, if they are."""
    found = np.unique(np.array(indices, dtype=np.int64))
    if len(found) != len(indices) or len(found) != count or found[0] < 0 or found[-1] >= length:
        raise VerificationError(f"{RECORD}: rank_refuted expects {count} different indices below {length}")
    return found
