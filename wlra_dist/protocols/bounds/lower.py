"""Lower bounds: the bits that some input costs any protocol (Woodruff & Yasuda, Thm 1.5), and what each rests on.

All of them are of the inputs of Thm 1.5, or of other families like it: W is the mask of Def 3.2, here with d columns in
place of n; OPT is 0, and N entries of A on supp(W), uniform in {0, 1}, determine the rest. 2^N is the number of inputs,
where they are equally likely. Their hypotheses, beside those that each function names:

1. The output loses at most κ·OPT for some κ < ∞ (below the limit that a family with OPT > 0 states). As OPT is 0 it is
   A on supp(W), so that no two inputs have an output in common.
2. Messages are self-delimiting, and who speaks next on a link follows from what went over that link (law 4: the reader
   consumes what the writer wrote, and the order of the messages is public). So of two transcripts of a link none begins
   the other, and Σ 2^{−bits} ≤ 1 over different transcripts (Kraft), of one link and of several together.
3. W is public, and the coordinator has no part of A.

`wlra_dist.protocols.bounds.hypotheses` holds a game against them.
"""

from collections.abc import Iterable
from math import log2

_BINARY_ENTROPY_OF_A_THIRD = log2(3) - 2 / 3


def hard_bits(s: int, k: int, widths: Iterable[int]) -> int:
    """N = s·Σ min(k, d_l) over the widths d_l of the mask's blocks: the bits of A_dense that W lets through.

    A* of Thm 1.5's proof has k different columns, of n entries each. Block l shows s entries of the first min(k, d_l)
    of them. Blocks must be at least s high.
    """
    return s * sum(min(k, width) for width in widths)


def even_hard_bits(d: int, s: int, r: int, k: int) -> int:
    """N = s·min(rk, d): `hard_bits` of r blocks of ⌊d/r⌋ or ⌈d/r⌉ columns, which are all below k, or none."""
    return s * min(r * k, d)


def zero_error_bits(N: float) -> float:
    """N: bits that a protocol without error sends on average over the inputs, N their entropy (hypothesis 2).

    Each input has a transcript of its own, and by Kraft's inequality these have H(input) bits on average or more
    (Shannon). That holds for any outcome of the coins.
    """
    return N


def worst_case_bits(N: float) -> float:
    """N − log2(3/2): bits on some input, with some coins, of a protocol that is right with probability 2/3 on each.

    Fix coins by which it is right on a set S of |S| ≥ (2/3)·2^N inputs, each of which has a transcript of its own. If
    none had more than B bits, Kraft's inequality would read 1 ≥ |S|·2^{−B}, and so B ≥ log2|S|. Strings that do not
    delimit themselves would do with N − log2 3: fewer than 2^{B+1} of them have at most B bits.
    """
    return max(0.0, N - log2(3 / 2))


def expected_bits(N: float, choices: float) -> float:
    """N − choices/3 − h(1/3): expected bits of a protocol that is right with probability 2/3 (Fano's inequality).

    N is the entropy of the inputs and `choices` log2 of their number; (2/3)N − h(1/3) where all are equally likely.
    """
    return max(0.0, N - choices / 3 - _BINARY_ENTROPY_OF_A_THIRD)


def everyone_bits(N: float, m: int) -> float:
    """m(N − 2·log2(3/2)): bits, on some input, if each of m ≥ 2 servers must hold the solution (after Thm 1.5).

    The N bits of A_dense are dealt out in any way, parties speak over m links to a coordinator without input, and for
    each input all servers are right at once with probability 2/3. Fix coins by which they are right on a set S of
    |S| ≥ (2/3)·2^N inputs; the rest is deterministic. What goes over link i splits its two ends, server i with input x
    and all others with input y, so the inputs of a transcript π are a rectangle X×Y. Server i answers by x and π, and
    some other server by y and π: where both are right, x tells y and y tells x. So S meets the rectangle in a partial
    matching, of q_π ≤ min(|X|, |Y|) ≤ √(|X||Y|) inputs. For an input drawn from S, by Jensen's inequality,

        E log2 q_π ≤ E log2(|X||Y|/q_π) ≤ log2 Σ_π |X||Y|/|S| ≤ log2(2^N/|S|) ≤ log2(3/2),

    and H(Π_i) = log2|S| − E log2 q_π ≥ N − 2·log2(3/2). By hypothesis 2 a link's transcripts are prefix-free: on
    average over S at least H(Π_i) bits go over it, and the m links together take m times that. Without error S is
    everything, and no protocol does with less than m·N on average. A single server knows all of A, and nobody need tell
    it. On a blackboard, where one transcript serves all, only the bounds for the coordinator alone are left.
    """
    return m * max(0.0, N - 2 * log2(3 / 2))
