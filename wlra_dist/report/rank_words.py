"""What is known of rank(W) ≤ r, in a sentence that table, picture and comparison share."""

from collections.abc import Mapping
from typing import Any


def rank_in_words(facts: Mapping[str, Any]) -> str:
    """The rank, the state of its claim, and what that rests on."""
    claimed = f"rank(W) ≤ r = {facts['r']:,}"
    match facts["rank_claim"]:
        case "proven":
            return f"{claimed}: proven, by the structure of W or in integers"
        case "near":
            return f"{claimed}: near, W is within {facts['rank_off']:.2g} × W of such a matrix, and LB gives that up"
        case "refuted":
            order = len(facts["rank_refuted"]["rows"])
            return f"{claimed}: REFUTED by a minor of order {order:,} that is not 0, and no bound rests on it"
    return f"{claimed}: unknown, and no bound rests on it"
