"""Upper bounds: the words that each protocol says at most."""

from collections.abc import Callable
from functools import partial
from math import ceil

from wlra_dist.protocols.bounds.sizes import Sizes, columns_for
from wlra_dist.protocols.bounds.sketches import check_rows, sketch_rows


def of_all(d: int, m: int, words: Callable[[int], int]) -> int:
    """Σ words(d_i) over the m blocks of an even deal, which have two widths."""
    least, wider = divmod(d, m)
    return wider * words(least + 1) + (m - wider) * words(least)


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
    return of_all(d, m, lambda d_i: one_way_words(n, d_i, s, r, k, epsilon) if d_i else 0)


def local_budget_words(n: int, d: int, s: int, m: int) -> int:
    """Words of local_budget: at worst each server says as many columns as cost most, residuals, and hears a number.

    What a server is dealt may ask for more columns than its own (1+ε) does; the total is (1+ε)·Σ_i LB_i all the same.
    """
    return of_all(d, m, lambda d_i: described(d_i, s, n) + 3 + min(n, d_i)) + m


def described(d: int, s: int, n: int) -> int:
    """Words of as many of d columns as cost most, and the coefficients of the others."""
    words_of_a_column = 1 + 2 * min(s, n)
    c = min(d, (words_of_a_column + d) // 2)
    return c * (words_of_a_column + d - c)


def bwz_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of bwz with the constants named "theorem", which are from memory (see there), and repairs at their worst.

    That is O(msrk/ε + rkd + m·poly(rk/ε)): 4K columns of each server, 4K of these told to all, 50K/ε drawn and told to
    all, c in all; energies, counts and a triangle of c(c+1)/2 numbers of each server, and cK to each; then the c
    coefficients of each column. A server whose share of the loss is missed adds columns; since that is at least
    (1+ε)·LB_i, `columns_for` of them will do.
    """
    K = r * k
    words_of_a_column = 1 + 2 * min(s, n)
    local = of_all(d, m, lambda d_i: min(4 * K, n, d_i))
    among, drawn = min(4 * K, n, local), min(ceil(50 * K / epsilon), d)
    c = min(among + drawn, n, d)
    sent = local + drawn + m * c
    agreed = m * (7 + c * (c + 1) // 2 + c * min(K, c))
    return (
        sent * words_of_a_column
        + agreed
        + of_all(d, m, partial(repaired, c, words_of_a_column, columns_for(K, epsilon)))
    )


def repaired(c: int, words_of_a_column: int, most: int, d: int) -> int:
    """Words of a server that adds columns to c common ones, at most so many, and says the others' coefficients."""
    return max(e * words_of_a_column + (c + e) * (d - e) for e in range(min(most, d) + 1))


def block_qrcp_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of block_qrcp: c ≤ ⌈3K/2⌉ pivots told and told to all, their lengths, and the end of `bwz_words`."""
    c = min(ceil(1.5 * r * k), n, d)
    words_of_a_column = 1 + 2 * min(s, n)
    agreed = m * (7 + 2 * c + c * (c + 1) // 2 + c * min(r * k, c))
    back = of_all(d, m, partial(repaired, c, words_of_a_column, columns_for(r * k, epsilon)))
    return (1 + m) * c * words_of_a_column + agreed + back


def common_basis_words(n: int, d: int, s: int, m: int, most: int) -> int:
    """Words of a game on one basis of all columns, with sketches of at most `most` columns of each block.

    Server i says min(most, n, d_i) columns and four numbers, hears a basis of at most min(n, d) columns and a number,
    and says a number and its coefficients, or at worst the columns of its own that cost most.
    """
    largest = min(n, d)
    sent = of_all(d, m, lambda d_i: n * min(most, n, d_i) + max(largest * d_i, described(d_i, s, n)))
    return sent + m * (n * largest + 6)


def svd_factors_words(n: int, d: int, s: int, m: int) -> int:
    """Words of svd_factors: spectra of the blocks, two levels for each, and a game on one basis of what is above them.

    Usually about K columns are above them in each sketch, and in the basis: then it is 2m·nK + Kd words.
    """
    return of_all(d, m, lambda d_i: 3 + min(n, d_i)) + 2 * m + common_basis_words(n, d, s, m, d)


def frequent_directions_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of frequent_directions (Ghashami, Liberty, Phillips & Woodruff 2016): K + ⌈2K/ε⌉ − 1 columns a sketch."""
    K = min(r * k, n, d)
    return common_basis_words(n, d, s, m, K + ceil(2 * K / epsilon) - 1)


def distinct_words(n: int, d: int, s: int, m: int) -> int:
    """Words of distinct: no more entries than `raw`, and a word for the group of each row, at each server, and column.

    With p distinct rows and q distinct columns of each block it is p·q words for the entries.
    """
    return raw_words(n, d, s) + m * (n + 1) + d


def sketch_qrcp_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of sketch_qrcp: a probe, a sketch and a check of each column, energies of each block and part, and columns.

    Usually some K columns are sent, (sketch_rows + check_rows)·d + 2sK words in all and no factor m on s; at worst all.
    """
    rows = min(n, sketch_rows(r * k, epsilon, d, integer=False)) + min(n, check_rows(d))
    return 2 * (r * (k + 2)) ** 2 + rows * d + raw_words(n, d, s) + 3 * d + m


def rounded_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of rounded: where numbers are rounded, all nd of them at eight looks beyond the first; else `one_round`'s.

    Each look says more digits of a number. Usually there are two: nd numbers of a few bits.
    """
    return max(9 * n * d, one_round_words(n, d, s, r, k, epsilon, m)) + m


def cross_words(n: int, d: int, s: int, r: int, k: int, epsilon: float, m: int) -> int:
    """Words of cross: where it sketches, each number once, those of a probe five times more, and 8 requests a server.

    With small parts sent as in `rounded`, and else `sketch_qrcp`'s. Usually it is O((nK + dK/ε)/ε) numbers.
    """
    sent = rounded_words(n, d, s, r, k, epsilon, m) + 8 * (2 * r * m + d)
    return max(sent, sketch_qrcp_words(n, d, s, r, k, epsilon, m))


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
    sent, received = n * k + k + 1, R * (k * (k + 1) // 2) + n * k + 1
    return m * (n * k + 2) + (iterations + 1) * m * (sent + received) + m + k * d


def raw_words(n: int, d: int, s: int) -> int:
    """Words of sending A itself: a row and a value for each nonzero."""
    return 2 * min(s, n) * d


SOURCES = {
    "auto": "the chosen one's",
    "local_budget": "Cor 1.3, dealt",
    "one_way": "Thm 3.1",
    "one_round": "Cor 1.3",
    "bwz": "BWZ 2016, from memory",
    "block_qrcp": "pivoted QR, agreed on",
    "sketch_qrcp": "sketches, columns once",
    "rounded": "Mirsky, rounded",
    "cross": "rows and columns",
    "svd_factors": "Algorithm 1",
    "frequent_directions": "Ghashami et al.",
    "distinct": "Li et al.",
    "als": "alternating",
    "raw": "all of A",
    "two_thirds": "Cor 1.3, or nothing",
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
    "rounded": lambda size: rounded_words(*size[:7]),
    "cross": lambda size: cross_words(*size[:7]),
    "als": lambda size: als_words(size.n, size.d, size.k, size.m, size.iterations),
    "raw": lambda size: raw_words(size.n, size.d, size.s),
    "two_thirds": lambda size: one_round_words(*size[:7]),
    "auto": lambda size: max(local_budget_words(size.n, size.d, size.s, size.m), cross_words(*size[:7])),
}
"""The words of each protocol at most, by its name."""
