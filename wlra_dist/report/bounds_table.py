"""`wlra-dist bounds`: every theorem's number for given sizes, in bits."""

from wlra_dist import bounds


def bounds_table(n: int, d: int, s: int, r: int, k: int, m: int, epsilon: float) -> str:
    """A line for each bound: whose it is, what it counts, how many bits."""
    word = bounds.word_bits(n, d)
    N = bounds.dense_instance_bits(s, r, k)
    sizes = bounds.Sizes(n, d, s, r, k, epsilon, m)
    upper = [
        ("columns that reach 1+ε", "Guruswami & Sinop", f"{bounds.columns_for(r * k, epsilon):,} columns"),
        *(
            (name, bounds.SOURCES.get(name, "the theorem"), _bits(words(sizes) * word))
            for name, words in bounds.UPPER_BOUNDS.items()
        ),
    ]
    lower = [
        ("zero error, on average", "Thm 1.5", _bits(N)),
        ("success 2/3, worst case", "Thm 1.5, counting", _bits(bounds.worst_case_bits(N))),
        ("success 2/3, on average", "Thm 1.5, Fano", _bits(bounds.expected_bits(N))),
        (f"each of {m} servers outputs", "Thm 1.5, rectangles", _bits(bounds.everyone_bits(N, m))),
    ]
    stated = f"n = {n}, d = {d}, s = {s}, r = {r}, k = {k}, m = {m}, ε = {epsilon:g}; a number is {word} bits"
    exists = bounds.instance_exists(n, s, r, k)
    hard = f"at least, for some input with N = srk = {N:,}"
    none = "no hard instance: r must divide n, s, k ≤ n/r"
    rows = [
        (stated, "", ""),
        ("at most", "", ""),
        *upper,
        (hard if exists else none, "", ""),
        *(lower if exists else []),
    ]
    return "\n".join(f"  {what:30} {whose:22} {count:>20}" if whose else what for what, whose, count in rows)


def _bits(count: float) -> str:
    return f"{count:,.0f} bits" if count == int(count) else f"{count:,.3f} bits"
