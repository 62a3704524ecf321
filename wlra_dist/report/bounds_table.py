"""`wlra-dist bounds`: every theorem's number for given sizes, in bits."""

from wlra_dist.protocols import bounds
from wlra_dist.protocols.bounds import Bound, Rules


def bounds_table(n: int, d: int, s: int, r: int, k: int, m: int, epsilon: float, bound: int | None = None) -> str:
    """A line for each bound: whose it is, what it counts, how many bits, or which hypothesis fails.

    Args:
        n, d, s, r, k, m, epsilon: as in `bounds`.
        bound: the largest |A_ij| of an integer game, if stated.
    """
    word = bounds.word_bits(n, d, bound)
    sizes = bounds.Sizes(n, d, s, r, k, epsilon, m)
    upper = [
        ("columns that reach 1+ε", "Guruswami & Sinop", f"{min(d, bounds.columns_for(r * k, epsilon)):,} columns"),
        *(
            (name, bounds.SOURCES.get(name, "the theorem"), _bits(Bound(words(sizes) * word)))
            for name, words in bounds.UPPER_BOUNDS.items()
        ),
    ]
    stated = f"n = {n}, d = {d}, s = {s}, r = {r}, k = {k}, m = {m}, ε = {epsilon:g}; a number is {word} bits"
    N = bounds.even_hard_instance(n, d, s, r, k)
    carries = f", which carries N = s·min(rk, d) = {N.bits:,} bits" if N.bits else ""
    rows = [
        (stated + _entries(n, d, bound), "", ""),
        ("at most", "", ""),
        *upper,
        (f"at least, on some input under the mask of Def 3.2{carries}", "", ""),
        *_lower(N, m),
    ]
    return "\n".join(f"  {what:30} {whose:22} {count:>20}" if whose else what for what, whose, count in rows)


def _entries(n: int, d: int, bound: int | None) -> str:
    if bound is None:
        return ""
    return f"; |A| ≤ {bound:,} = (nd)^{bounds.entry_power(n, d, bound):.2f}"


def _lower(N: Bound, m: int) -> list[tuple[str, str, str]]:
    known = bounds.lower_bounds(N, Rules(m, everyone=True, blackboard=False, promise="certain"))
    words = {
        "lower_bound_bits": ("zero error, on average", "Thm 1.5"),
        "lower_bound_worst_case": ("success 2/3, worst case", "Thm 1.5, counting"),
        "lower_bound_expected": ("success 2/3, on average", "Thm 1.5, Fano"),
        "lower_bound_everyone": (f"each of {m} servers outputs", "Thm 1.5, rectangles"),
    }
    if N.fails:
        return [(f"  none: {N.fails}", "", "")]
    return [(*words[name], _bits(bound)) for name, bound in known.items()]


def _bits(bound: Bound) -> str:
    if bound.bits is None:
        return f"none: {bound.fails}"
    return f"{bound.bits:,.0f} bits" if bound.bits == int(bound.bits) else f"{bound.bits:,.3f} bits"
