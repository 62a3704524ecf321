"""The ends of sentences that refuse a value or a name."""

from collections.abc import Iterable

from wlra_dist.inputs.nearest import did_you_mean

_BRIEF = 60
"""Characters of a wrong value that a message repeats."""


def one_of(known: Iterable[str], name: object) -> str:
    """The end of a sentence that refuses a name."""
    finding = "is missing" if name is None else f"is {brief(name)}"
    return f"{finding}; expected one of {', '.join(known)}{did_you_mean(name, known)}"


def brief(value: object) -> str:
    """The value as Python writes it, cut to what fits into a sentence."""
    try:
        text = repr(value)
    except ValueError:
        return "an integer of thousands of digits"  # Python refuses to write it
    return text if len(text) <= _BRIEF else text[:_BRIEF] + "…"
