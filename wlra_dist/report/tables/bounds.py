"""`wlra-dist bounds`: every theorem's number for given sizes, in bits."""

from collections.abc import Mapping
from math import sqrt
from typing import Any

from wlra_dist.instances import Matching, alone
from wlra_dist.instances.hard.drawn import Chain, Scattered
from wlra_dist.protocols import bounds
from wlra_dist.protocols.bounds import Bound, Rules, Sizes
from wlra_dist.record.theory import FAILS
from wlra_dist.report.tables.columns import Column, cells

LOWER = {
    "lower_bound_bits": ("zero error, on average", "Thm 1.5"),
    "lower_bound_worst_case": ("success 2/3, worst case", "Thm 1.5, counting"),
    "lower_bound_expected": ("success 2/3, on average", "Thm 1.5, Fano"),
    "lower_bound_everyone": ("each server outputs", "Thm 1.5, rectangles"),
}
"""By bound: what it counts, and whose it is."""

COUNT = (Column("count", width=21),)
"""In words: a number of bits, or of something else, or why there is none."""

REPEAT = 0.9
"""The probability that a correlated bit is that to its left."""


def bounds_facts(size: Sizes, bound: int | None = None) -> dict[str, Any]:
    """Each bound in bits, and for a lower bound that there is not, the hypothesis that fails.

    Args:
        size: n, d, s, r, k, ε, m.
        bound: the largest |A_ij| of an integer game, if stated.
    """
    n, d, s, r, k, epsilon, m, _ = size
    word, N = bounds.word_bits(n, d, bound), bounds.even_hard_instance(n, d, s, r, k)
    known = bounds.lower_bounds(N, Rules(m, everyone=True, blackboard=False, promise="certain"))
    return {
        "n": n, "d": d, "s": s, "r": r, "k": k, "m": m, "epsilon": epsilon, "bound": bound, "word_bits": word,
        "entry_power": None if bound is None else bounds.entry_power(n, d, bound),
        "columns": min(d, bounds.columns_for(r * k, epsilon)),
        "upper_bound_bits": {name: words(size) * word for name, words in bounds.UPPER_BOUNDS.items()},
        "N": N.bits,
        **{name: known[name].bits for name in LOWER},
        **{FAILS[name]: known[name].fails for name in LOWER},
        "families": _families(size, bound or 1) if N.bits else {},
        **_exact(size),
    }  # fmt: skip


def _families(size: Sizes, M: int) -> dict[str, Any]:
    """The entropy of other hard inputs, and the weight from which on W may be positive."""
    n, d, s, r, k, epsilon, *_ = size
    columns, cells = min(r * k, d), s * min(r * k, d)
    return {
        "scattered": Scattered(s, 0, n // r, M).entropy * columns,
        "chain": Chain(s, 0, REPEAT).entropy * columns,
        "weight": int(sqrt(4 * (r - 1) * cells * (1 + epsilon))) + 1,
    }


def _exact(size: Sizes) -> dict[str, int | None]:
    """How many 0/1 inputs have OPT = 0 under the mask, and what the game on them costs, where blocks are tiny."""
    n, d, s, r, k, *_ = size
    known = n % r == d % r == 0 and n // r * (d // r) <= bounds.LARGEST_BLOCK
    inputs, bits = bounds.exact_bits(n // r, d // r, s, r, k) if known else (None, None)
    return {"exact_inputs": inputs, "exact_bits": bits}


def forced_facts(W: str, s: int, k: int, m: int) -> dict[str, Any]:
    """The bits that the W of a file forces on somebody's A; InputError where it does on nobody's."""
    instance = Matching(W=W, s=s, k=k).open(alone)
    n, d = instance.shape
    N = instance.family.entropy if instance.family else 0
    known = bounds.lower_bounds(Bound(N), Rules(m, everyone=True, blackboard=False, promise="certain"))
    bits = {name: known[name].bits for name in LOWER}
    return {"W": W, "n": n, "d": d, "s": s, "k": k, "m": m, "blocks": instance.facts["blocks"], "N": N, **bits}


def forced_table(facts: Mapping[str, Any]) -> str:
    """What is forced, and how to play it."""
    title = "this W forces at least N = {N:,} bits on somebody's A: {blocks:,} blocks that see nothing of each other"
    lines = (_line(*words, _bits(Bound(facts[name]))) for name, words in LOWER.items())
    play = 'to play it: kind = "matching", W = "{W}", s = {s}, k = {k}'
    return "\n".join([title.format_map(facts), *lines, play.format_map(facts)])


def bounds_table(facts: Mapping[str, Any]) -> str:
    """A line for each bound: whose it is, what it counts, how many bits, or which hypothesis fails."""
    rows = [(_stated(facts), "", ""), *_upper(facts), *_lower(facts), *_others(facts)]
    return "\n".join(_line(*row) if row[1] else row[0] for row in rows)


def _line(what: str, whose: str, count: str) -> str:
    return f"  {what:30} {whose:22}{cells(COUNT, {'count': count})}"


def _stated(facts: Mapping[str, Any]) -> str:
    sizes = ", ".join(f"{name} = {facts[name]}" for name in "ndsrkm")
    bound, power = facts["bound"], facts["entry_power"]
    entries = "" if bound is None else f"; |A| ≤ {bound:,} = (nd)^{power:.2f}"
    return f"{sizes}, ε = {facts['epsilon']:g}; a number is {facts['word_bits']} bits{entries}"


def _upper(facts: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        ("at most", "", ""),
        ("columns that reach 1+ε", "Guruswami & Sinop", f"{facts['columns']:,} columns"),
        *(
            (name, bounds.SOURCES.get(name, "the theorem"), _bits(Bound(bits)))
            for name, bits in facts["upper_bound_bits"].items()
        ),
    ]


def _lower(facts: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    N = facts["N"]
    carries = f", which carries N = s·min(rk, d) = {N:,} bits" if N else ""
    title = (f"at least, on some input under the mask of Def 3.2{carries}", "", "")
    if not N:
        return [title, (f"  none: {facts['lower_bound_fails']}", "", "")]
    return [title, *((*words, _bits(Bound(facts[name], facts[FAILS[name]]))) for name, words in LOWER.items())]


def _others(facts: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What other inputs carry, by their options of `lower_bound` instances."""
    if not (families := facts["families"]):
        return []
    values = f"any s of ±1 … ±{facts['bound'] or 1:,}"
    return [
        ("without error and on average, on other inputs", "", ""),
        (values, 'inputs = "scattered"', _bits(Bound(families["scattered"]))),
        (f"bits repeated for {REPEAT:g}", 'inputs = "chain"', _bits(Bound(families["chain"]))),
        ("N under a positive W", "weight, 1 elsewhere", f"from {families['weight']:,} on"),
        *_enumerated(facts),
        ("column selection, W = 1", "BWZ 2016, abstract", "Ω(mks/ε) words"),
    ]


def _enumerated(facts: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    if facts["exact_bits"] is None:
        return []
    return [(f"exactly: one of {facts['exact_inputs']:,}", "0/1, OPT = 0, counted", _bits(Bound(facts["exact_bits"])))]


def _bits(bound: Bound) -> str:
    if bound.bits is None:
        return f"none: {bound.fails}"
    return f"{bound.bits:,.0f} bits" if bound.bits == int(bound.bits) else f"{bound.bits:,.3f} bits"
