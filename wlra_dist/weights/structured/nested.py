"""A staircase told from n×d numbers: rows whose supports contain one another, and one u_i v_j on all of them."""

from itertools import pairwise

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.linalg.blocks import runs
from wlra_dist.weights import StructuredWeights
from wlra_dist.weights.structured.kinds import staircase

ALIKE = 8 * float(np.finfo(float).eps)
"""How near, in proportion, a product is to the weight that it stands for."""


def found_staircase(W: np.ndarray) -> StructuredWeights | None:
    """u_i v_j on rows whose supports contain one another, wherever the columns stand."""
    support = W > 0
    if len(np.unique(np.count_nonzero(support, axis=1))) < 3 or _not_nested(support) is not None:
        return None
    return _on_staircase(W, support)


def staircase_of(W: np.ndarray) -> StructuredWeights:
    """W (n×d) as a staircase, its columns in any order; InputError for a W that is none."""
    support = W > 0
    if (apart := _not_nested(support)) is not None:
        one, other = sorted(apart)
        raise InputError(
            f"expected a staircase, rows whose supports contain one another, found that rows {one} and {other} (from 0)"
            ' each have a weight where the other has none: play it as it is stored, or with weights = "detect"'
        )
    if (found := _on_staircase(W, support)) is None:
        raise InputError('expected weights u_i v_j on a staircase, found others: try weights = "detect"')
    return found


def _not_nested(support: np.ndarray) -> tuple[int, int] | None:
    """Two rows neither of whose supports contains the other, if there are."""
    by_height = np.argsort(-support.sum(axis=1), kind="stable")
    for higher, lower in pairwise(by_height.tolist()):
        if (support[lower] & ~support[higher]).any():
            return higher, lower
    return None


def _on_staircase(W: np.ndarray, support: np.ndarray) -> StructuredWeights | None:
    """u_i v_j on nested rows; None if W is not of that form."""
    ends, heights = support.sum(axis=1), support.sum(axis=0)
    order = np.argsort(-heights, kind="stable")
    longest, highest = int(ends.argmax()), int(order[0])
    u, v = W[:, highest].copy(), W[longest] / (W[longest, highest] or 1.0)
    if ends.any():
        u[ends > 0], v[heights > 0] = integral(u[ends > 0], v[heights > 0], W[longest, heights > 0])
    if not _agree(W, u, v, support):
        return None
    return staircase(ends, u, v[order]).block(np.argsort(order))


def _agree(W: np.ndarray, u: np.ndarray, v: np.ndarray, where: np.ndarray) -> bool:
    """Whether W is u vᵀ here."""
    pieces = ((W[run], np.multiply.outer(u[run], v), where[run]) for run in runs(*W.shape))
    return all((alike(piece, product) | ~here).all() for piece, product, here in pieces)


def alike(W: np.ndarray, product: np.ndarray) -> np.ndarray:
    return np.abs(W - product) <= ALIKE * W


def integral(u: np.ndarray, v: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """u and v scaled so that both are integers, if a row of u vᵀ is (but for exceptions) and they can be."""
    scale = np.median(row / v)
    whole = np.rint(v * scale)
    if not 0 < whole.max() < 2**31 or np.abs(whole - v * scale).max() > 1e-9 * whole.max():
        return u, v
    common = int(np.gcd.reduce(whole.astype(np.int64)))
    times = np.rint(u * (common / scale))
    fits = common and np.abs(times - u * (common / scale)).max() <= 1e-9 * times.max()
    return (times, whole / common) if fits else (u, v)
