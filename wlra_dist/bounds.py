"""What the theorems say a run costs: upper and lower bounds, as functions of the public sizes.

n×d is A's shape, s the most nonzeros of a column, r the rank of W, k the target rank, m the number of servers,
ε the accuracy; K = rk. "Words" are the numbers of the paper's counts; each takes `word_bits(n, d)` bits.
"""

from collections.abc import Callable
from math import ceil, log2
from typing import NamedTuple


class Sizes(NamedTuple):
    """The public sizes of a game, in the letters above, and how often a protocol that iterates does so at most."""

    n: int
    d: int
    s: int
    r: int
    k: int
    epsilon: float
    m: int
    iterations: int = 10


def word_bits(n: int, d: int) -> int:
    """⌈log2(nd)⌉: the bits of a number of the game (Woodruff & Yasuda, Def 1.4), at least 1."""
    return max(1, (n * d - 1).bit_length())


def columns_for(K: int, epsilon: float) -> int:
    """⌈K + K/ε⌉ − 1 columns reach (1+ε)·‖B_{−K}‖_F² (Guruswami & Sinop 2012, the best possible count).

    They prove that c columns reach (c+1)/(c−K+1); that is 1+ε at c = K + K/ε − 1.
    """
    return max(K, ceil(K + K / epsilon) - 1)


def one_way_words(n: int, d: int, s: int, r: int, k: int, epsilon: float) -> int:
    """Words of the one-way protocol (Woodruff & Yasuda, Thm 3.1): srk/ε + rkd with constants 1.

    c columns with a row and a value for each of s nonzeros, and c coefficients for each of the other columns. A
    protocol may do with fewer columns and still say more: of all counts up to `columns_for`, the one that costs most.
    """
    words_of_a_column = 1 + 2 * min(s, n)
    costliest = (words_of_a_column + d) // 2  # c·(words_of_a_column + d − c) is largest there
    c = min(columns_for(r * k, epsilon), d, costliest)
    return c * (words_of_a_column + d - c)


def one_round_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of one round with m servers: each plays Thm 3.1 on its own d/m columns (Cor 1.3).

    (1+ε) holds because Σ_i ‖(B_i)_{−K}‖² ≤ ‖B_{−K}‖²: the best rank-K matrix, restricted to a block of
    columns, has rank at most K there.
    """
    sizes = [d // m + (i < d % m) for i in range(m)]
    return sum(one_way_words(n, d_i, s, r, k, epsilon) for d_i in sizes if d_i)


def local_budget_words(n: int, d: int, s: int, m: int) -> int:
    """Words of local_budget: at worst each server says as many columns as cost most, residuals, and hears a number.

    What a server is dealt may ask for more columns than its own (1+ε) does; the total is (1+ε)·Σ_i LB_i all the same.
    """
    sizes = [d // m + (i < d % m) for i in range(m)]
    words_of_a_column = 1 + 2 * min(s, n)
    most = [min(d_i, (words_of_a_column + d_i) // 2) for d_i in sizes]
    described = sum(c * (words_of_a_column + d_i - c) for c, d_i in zip(most, sizes, strict=True))
    return described + sum(3 + min(n, d_i) for d_i in sizes) + m


def bwz_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of bwz with the theorem's constants: O(msrk/ε + rkd + m·poly(rk/ε)) with these, and repairs at their worst.

    4K columns of each server, 4K of these told to all, 50K/ε drawn and told to all, c in all; energies, counts and a
    triangle of c(c+1)/2 numbers of each server, and cK to each; then the c coefficients of each column. A server whose
    share of the loss is missed adds columns; since that is at least (1+ε)·LB_i, `columns_for` of them will do.
    """
    K = r * k
    words_of_a_column = 1 + 2 * min(s, n)
    sizes = [d // m + (i < d % m) for i in range(m)]
    local = sum(min(4 * K, n, d_i) for d_i in sizes)
    among, drawn = min(4 * K, n, local), min(ceil(50 * K / epsilon), d)
    c = min(among + drawn, n, d)
    told = local + drawn + m * c
    agreed = m * (7 + c * (c + 1) // 2 + c * min(K, c))
    most = columns_for(K, epsilon)
    back = sum(max(e * words_of_a_column + (c + e) * (d_i - e) for e in range(min(most, d_i) + 1)) for d_i in sizes)
    return told * words_of_a_column + agreed + back


def block_qrcp_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of block_qrcp: c ≤ ⌈3K/2⌉ pivots told and told to all, their lengths, and the end of `bwz_words`."""
    c = min(ceil(1.5 * r * k), n, d)
    sizes = [d // m + (i < d % m) for i in range(m)]
    words_of_a_column = 1 + 2 * min(s, n)
    agreed = m * (7 + 2 * c + c * (c + 1) // 2 + c * min(r * k, c))
    most = columns_for(r * k, epsilon)
    back = sum(max(e * words_of_a_column + (c + e) * (d_i - e) for e in range(min(most, d_i) + 1)) for d_i in sizes)
    return (1 + m) * c * words_of_a_column + agreed + back


def common_basis_words(n: int, d: int, s: int, m: int, most: int) -> int:
    """Words of a game on one basis of all columns, with sketches of at most `most` columns of each block.

    Server i says min(most, n, d_i) columns and four numbers, hears a basis of at most min(n, d) columns and a number,
    and says a number and its coefficients, or at worst the columns of its own that cost most.
    """
    widths = [d // m + (i < d % m) for i in range(m)]
    largest = min(n, d)
    words_of_a_column = 1 + 2 * min(s, n)
    most_own = [min(d_i, (words_of_a_column + d_i) // 2) for d_i in widths]
    own = [c * (words_of_a_column + d_i - c) for c, d_i in zip(most_own, widths, strict=True)]
    told = sum(max(largest * d_i, least) for d_i, least in zip(widths, own, strict=True))
    return sum(n * min(most, n, d_i) for d_i in widths) + m * (n * largest + 6) + told


def svd_factors_words(n: int, d: int, s: int, m: int) -> int:
    """Words of svd_factors: spectra of the blocks, two levels for each, and a game on one basis of what is above them.

    Usually about K columns are above them in each sketch, and in the basis: then it is 2m·nK + Kd words.
    """
    widths = [d // m + (i < d % m) for i in range(m)]
    return sum(3 + min(n, d_i) for d_i in widths) + 2 * m + common_basis_words(n, d, s, m, d)


def frequent_directions_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of frequent_directions (Ghashami, Liberty, Phillips & Woodruff 2016): K + ⌈2K/ε⌉ − 1 columns a sketch."""
    K = min(r * k, n, d)
    return common_basis_words(n, d, s, m, K + ceil(2 * K / epsilon) - 1 if K else 1)


def distinct_words(n: int, d: int, s: int, m: int) -> int:
    """Words of distinct: no more entries than `raw`, and a word for the group of each row, at each server, and column.

    With p distinct rows and q distinct columns of each block it is p·q words for the entries.
    """
    return raw_words(n, d, s) + m * (n + 1) + d


SQUARES = 8000
"""A mean of at least so many squares tells sketch_qrcp what is left: 1.6 % off, if they were independent."""


def check_rows(d: int) -> int:
    """Rows of random signs by which sketch_qrcp tests what it has."""
    return max(4, ceil(SQUARES / d))


def sketch_rows(K: int, epsilon: float, d: int, *, integer: bool) -> int:
    """Rows of a sketch of d columns on which K coefficients are found, and what no K directions hold is measured.

    In expectation coefficients leave K/(ℓ−K−1) more than the best ones do of what the sketch shows. Rounding to
    integers forgives a third or so; else it must be a part of ε, where about a third of a block's noise is shown.
    """
    spare = 2.0 * K if integer else K * max(2.0, 1 / epsilon)
    return K + max(ceil(spare) + 2, check_rows(d))


def sketch_qrcp_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of sketch_qrcp: a sketch and a check of each column, energies of each block and part, and columns.

    Usually some K columns are sent, (sketch_rows + check_rows)·d + 2sK words in all and no factor m on s; at worst all.
    """
    rows = min(n, sketch_rows(r * k, epsilon, d, integer=False)) + min(n, check_rows(d))
    return rows * d + raw_words(n, d, s) + 3 * d + m


def als_words(n: int, d: int, k: int, m: int, iterations: int, grams: int | None = None) -> int:
    """Words of als: 2m(T+2)·nk + kd of factors and gradients, and m(T+1)·R·k(k+1)/2 of Gram matrices, and some more.

    Args:
        n, d, k, m: as above.
        iterations: T.
        grams: R, how many Gram matrices tell those of all rows: r(r+1)/2 where W is given as factors of r terms, the
            number of blocks for a mask; n, one for each row, if not given.
    """
    k = min(k, n, d)
    R = n if grams is None else min(grams, n)
    told, heard = n * k + k + 1, R * (k * (k + 1) // 2) + n * k + 1
    return m * (n * k + 2) + (iterations + 1) * m * (told + heard) + m + k * d


def raw_words(n: int, d: int, s: int) -> int:
    """Words of sending A itself: a row and a value for each nonzero."""
    return 2 * min(s, n) * d


def dense_instance_bits(s: int, r: int, k: int) -> int:
    """N = srk, the bits of A_dense in Thm 1.5: what a zero-error protocol sends on average."""
    return s * r * k


def worst_case_bits(N: int) -> float:
    """N − log2 3: bits of some message of any protocol that is right with probability 2/3 (Thm 1.5).

    Fix coins that are right on 2/3 of the 2^N instances. A message is right for one A_dense at most, so there are
    at least (2/3)·2^N messages; fewer than 2^{B+1} strings have at most B bits.
    """
    return max(0.0, N - log2(3))


def expected_bits(N: int) -> float:
    """(2/3)N − h(1/3): expected bits of a protocol that is right with probability 2/3 (Fano's inequality)."""
    return max(0.0, 2 / 3 * N - 0.9182958340544896)


def everyone_bits(N: int, m: int) -> float:
    """m(N − 2·log2(3/2)): bits, on some input, if each of m ≥ 2 servers must hold the solution (after Thm 1.5).

    The N bits of A_dense are dealt out in any way, parties speak over m links to a coordinator without input, and for
    each input all servers are right at once with probability 2/3. Fix coins by which they are right on a set S of
    |S| ≥ (2/3)·2^N inputs; the rest is deterministic. What goes over link i splits its two ends, server i with input x
    and all others with input y, so the inputs of a transcript π are a rectangle X×Y. Server i answers by x and π, and
    some other server by y and π: where both are right, x tells y and y tells x. So S meets the rectangle in a partial
    matching, of q_π ≤ min(|X|, |Y|) ≤ √(|X||Y|) inputs. For an input drawn from S, by Jensen's inequality,

        E log2 q_π ≤ E log2(|X||Y|/q_π) ≤ log2 Σ_π |X||Y|/|S| ≤ log2(2^N/|S|) ≤ log2(3/2),

    and H(Π_i) = log2|S| − E log2 q_π ≥ N − 2·log2(3/2). Messages are self-delimiting, so a link's transcripts are
    prefix-free: on average over S at least H(Π_i) bits go over it, and the m links together take m times that.
    Without error S is everything, and no protocol does with less than m·N on average. On a blackboard, where one
    transcript serves all, only the bound for the coordinator alone is left.
    """
    return m * max(0.0, N - 2 * log2(3 / 2))


def instance_exists(n: int, s: int, r: int, k: int) -> bool:
    """Whether Thm 1.5 has an instance of these sizes: r divides n, and s, k ≤ n/r."""
    return n % r == 0 and max(s, k) <= n // r


SOURCES = {
    "local_budget": "Cor 1.3, dealt",
    "one_way": "Thm 3.1",
    "one_round": "Cor 1.3",
    "bwz": "BWZ 2016",
    "block_qrcp": "pivoted QR, agreed on",
    "sketch_qrcp": "sketches, columns once",
    "svd_factors": "Algorithm 1",
    "frequent_directions": "Ghashami et al.",
    "distinct": "Li et al.",
    "als": "alternating",
    "raw": "all of A",
}
"""Where each protocol's bound comes from."""

UPPER_BOUNDS: dict[str, Callable[[Sizes], int]] = {
    "local_budget": lambda size: local_budget_words(size.n, size.d, size.s, size.m),
    "one_way": lambda size: one_way_words(size.n, size.d, size.s, size.r, size.k, size.epsilon),
    "one_round": lambda size: one_round_words(*size[:7]),
    "bwz": lambda size: bwz_words(*size[:7]),
    "svd_factors": lambda size: svd_factors_words(size.n, size.d, size.s, size.m),
    "frequent_directions": lambda size: frequent_directions_words(*size[:7]),
    "distinct": lambda size: distinct_words(size.n, size.d, size.s, size.m),
    "block_qrcp": lambda size: block_qrcp_words(*size[:7]),
    "sketch_qrcp": lambda size: sketch_qrcp_words(*size[:7]),
    "als": lambda size: als_words(size.n, size.d, size.k, size.m, size.iterations),
    "raw": lambda size: raw_words(size.n, size.d, size.s),
}
"""The words of each protocol at most, by its name."""
