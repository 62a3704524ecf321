"""The one account of a run: what `--json` prints, record.json keeps, and table and picture tell."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from wlra_dist.game.ledger import bits_by, bits_by_part, charged, rounds
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.record.theory import entries, theory, word_bits

if TYPE_CHECKING:
    from wlra_dist.playing.play import Outcome


def summary(outcome: "Outcome") -> dict[str, Any]:
    """All figures of a run as JSON values; None for what does not exist or is not finite.

    Keys that count bits speak of the messages that the scenario's model charges; `messages` and `wire_bytes`
    of all that went over the wire.
    """
    facts = _setting(outcome) | _accuracy(outcome) | _bits(outcome) | _wire(outcome)
    return {key: plain(value) for key, value in facts.items()}


def plain(value: Any) -> Any:
    """The value in JSON's own types: floats bit for bit, None for NaN and infinities."""
    match value:
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case np.ndarray() | np.generic():
            return plain(value.tolist())
        case float():
            return value if math.isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case Sequence():
            return [plain(item) for item in value]
    return str(value)


def _setting(outcome: "Outcome") -> dict[str, Any]:
    """Who played what: all of it public."""
    scenario, instance = outcome.scenario, outcome.instance
    return {
        "scenario": scenario.name,
        "protocol": outcome.plays,
        "choice": outcome.choice and outcome.choice._asdict(),
        "output": scenario.protocol.output,
        "servers": scenario.game.servers,
        "deal": scenario.game.deal,
        "ranks": outcome.ranks,
        "n": instance.shape[0],
        "d": instance.shape[1],
        "k": instance.k,
        "r": instance.r,
        "s": instance.sparsity,
        "N": instance.family.entropy if instance.family else None,
        "epsilon": None if scenario.protocol.columns else scenario.protocol.epsilon,
        "model": scenario.game.model,
        "coins": scenario.game.coins,
        "public_coins": outcome.public_coins,
        "seeds": {"game": scenario.game.seed, "instance": getattr(scenario.instance, "seed", None)},
        "instance_facts": instance.facts,
    }


def _accuracy(outcome: "Outcome") -> dict[str, Any]:
    """How good the output is, what proves it, and how large it is."""
    certificate, energy = outcome.certificate, outcome.original.energy
    return {
        "loss": certificate.loss,
        "energy": energy,
        "relative_loss": certificate.loss / energy if energy else None,
        "lower_bound_opt": certificate.lower_bound_opt if certificate.proven else None,
        "lower_bound_by": certificate.bound,
        "lower_bound_proven": certificate.proven,
        "lower_bound_blocks": certificate.blocks,
        "lower_bound_whole": certificate.whole,
        "ratio": certificate.ratio,
        "exact": certificate.exact,
        "rank_claim": certificate.rank_claim,
        "rank_off": certificate.rank_off,
        "rank_refuted": certificate.rank_refuted and asdict(certificate.rank_refuted),
        "promise": outcome.promise,
        "holds": outcome.holds,
        "checks": outcome.checks,
        "copies": outcome.copies,
        "columns": [shape_of(block.C)[1] for block in outcome.solution.blocks],
        "parameters": outcome.solution.parameters,
    }


def _bits(outcome: "Outcome") -> dict[str, Any]:
    """What was said, beside what the theorems say."""
    word = word_bits(outcome.instance)
    paid = charged(outcome.account.entries, outcome.scenario.game.model)
    bits, numbers = int(paid.bits.sum()), int(paid.rows["numbers"].sum())
    paper_bits = word * numbers
    return {
        "bits": bits,
        "original_bytes": outcome.original.nbytes,
        "bits_by_label": bits_by(paid, "label"),
        "bits_by_part": bits_by_part(paid),
        "bits_by_sender": bits_by(paid, "sender"),
        "bits_by_receiver": bits_by(paid, "receiver"),
        "word_bits": word,
        **entries(outcome.instance),
        "paper_bits": paper_bits,
        "bits_over_paper": bits / paper_bits if paper_bits else None,
        **theory(outcome, bits),
    }


def _wire(outcome: "Outcome") -> dict[str, Any]:
    entries = outcome.account.entries
    return {
        "rounds": rounds(entries),
        "messages": len(entries),
        "wire_bytes": int(entries.wire_bytes.sum()),
        "digest": outcome.account.digest,
        "seconds": outcome.seconds,
    }
