"""The table of trials: how often they were right, what they said, and what theory says of that."""

from collections.abc import Iterator, Mapping
from typing import Any

from wlra_dist.record.theory import FAILS
from wlra_dist.report.tables.columns import Row, in_a_line
from wlra_dist.report.tables.run import WORDS_OF_BOUNDS

Facts = Mapping[str, Any]


def table(facts: Facts) -> str:
    """Lines under a headline."""
    fresh = "fresh coins and a fresh A" if facts["fresh_input"] else "fresh coins, on the same A"
    sizes = ", ".join(f"{name} = {facts[name]:,}" for name in "ndkr")
    head = [f"{facts['scenario']}: {facts['protocol']}, {facts['trials']:,} games with {fresh}", sizes, ""]
    return "\n".join([*head, *map(in_a_line, _rows(facts)), "", f"transcripts (SHA-256) {facts['digest']}"])


def _rows(facts: Facts) -> Iterator[Row]:
    low, high = facts["interval"]
    known = f"so the probability is in {low:.4f} … {high:.4f} (Clopper–Pearson, {facts['confidence']:.0%})"
    yield "right", f"{facts['right']:,}", f"{facts['success_rate']:.4f} of all; {known}"
    yield "bits, mean", f"{facts['mean_bits']:,.1f}", "of all games, those that went wrong too"
    yield "  best", f"{facts['best_bits']:,}", ""
    yield "  worst", f"{facts['worst_bits']:,}", ""
    for key, (name, words) in WORDS_OF_BOUNDS.items():
        bits = facts[key]
        yield (name, "none", facts[FAILS[key]]) if bits is None else (name, f"{bits:,.1f}", words)
