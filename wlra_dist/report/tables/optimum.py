"""An optimum enclosed, as lines and as facts."""

from typing import Any

from wlra_dist.optima.enclosure import Enclosure

CERTIFIED = 1e-6
"""A gap that is called none."""


def facts(k: int, known: Enclosure, seconds: float) -> dict[str, Any]:
    """What JSON says: the names of `wlra_dist.optimum`'s answer."""
    lower, upper = known.lower, known.upper
    how = {"lower": lower.how, "upper": upper.how}
    return {"k": k, "lower": lower.value, "upper": upper.value, "gap": known.gap, "how": how, "seconds": seconds}


def table(k: int, known: Enclosure, seconds: float) -> str:
    """Five lines for people."""
    return "\n".join(
        [
            f"The best loss ‖W∘(A − Ã)‖² of any Ã of rank {k}",
            f"  at least  {known.lower.value:<22.15g}  certified: {known.lower.how}",
            f"  at most   {known.upper.value:<22.15g}  a loss that was found: {known.upper.how}",
            f"  gap       {known.gap:<22.3g}  {_verdict(known)}",
            f"  seconds   {seconds:.2f}",
        ]
    )


def live(seconds: float, known: Enclosure) -> str:
    """What a terminal shows while the interval closes."""
    return f"{seconds:6.1f} s  {known.lower.value:.9g} ≤ OPT ≤ {known.upper.value:.9g}  gap {known.gap:.2g}"


def _verdict(known: Enclosure) -> str:
    if known.upper.value <= known.noise:
        return "the loss is no more than the rounding of W∘A"
    if known.gap <= CERTIFIED:
        return f"optimal to {CERTIFIED:g}, certified"
    return "what is not known of the optimum, as a share of the loss"
