"""One text for one value: what digests and comparisons of plain values are made of."""

import json
from typing import Any


def canonical(value: Any) -> str:
    """A text that tells 1 from 1.0 and from true."""
    return json.dumps(value, sort_keys=True)
