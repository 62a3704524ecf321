"""What of a machine can change the last bits of a result: two with equal fingerprints compute alike.

Sums and products are rounded in another order by another BLAS, by the same one on a processor for which it has other
kernels, and by numpy where it finds other vector instructions.
"""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np


def fingerprint() -> dict[str, str]:
    """The versions of numpy and scipy, numpy's BLAS, and the processor as both see it."""
    return {
        "machine": platform.machine(),
        "numpy": np.__version__,
        "scipy": version("scipy"),
        "blas": _blas(),
        "features": _features(),
    }


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """In what two fingerprints differ."""
    return [name for name in dict.fromkeys([*one, *other]) if one.get(name) != other.get(name)]


def _blas() -> str:
    """numpy's: that of its own directory, else the first. scipy brings one of its own, later, or not at all."""
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    pool = next((pool for pool in pools if "numpy" in pool["filepath"]), pools[0] if pools else {})
    return " ".join(str(pool.get(name)) for name in ("internal_api", "version", "architecture"))


def _features() -> str:
    """The vector instructions that numpy found."""
    configuration: Any = np.show_config(mode="dicts")
    return " ".join(configuration.get("SIMD Extensions", {}).get("found", []))
