"""What a run made of A, in the words of its first line: from the figures of its summary, or of its record."""

from collections.abc import Mapping
from typing import Any

from wlra_dist.inputs.brief import FirstLine


def first_line(facts: Mapping[str, Any]) -> FirstLine:
    """Bytes, loss and what is proven of it."""
    sizes, sent = (facts["n"], facts["d"]), -(-facts["bits"] // 8)
    return FirstLine(sizes, sent, facts.get("original_bytes"), facts["loss"], facts.get("energy"), facts["ratio"])
