"""Lower bounds: the bits that some input costs any protocol."""

from math import log2


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
