"""Trellis-coded quantisation: two coarse quantisers that take turns do what one fine one does, for fewer bits.

A scalar quantiser followed by an ideal entropy coder takes 0.25 bits an entry more than the rate-distortion function of
a Gaussian: its cells are cubes, and balls would be better. Here the even multiples of the step make one quantiser, the
odd ones and 0 the other, each as coarse as two steps; the parities of the entries before tell which one an entry has,
by a machine of eight states. A sender that looks ahead (Viterbi) nearly has the choice of all multiples, and pays for
half as many: 0.1 to 0.15 bits of the quarter come back (Marcellin & Fischer 1990; the union quantisers with a zero in
both are those of JPEG 2000, part 2, and of dependent quantisation in VVC).

Entries are cut into runs that start in state 0 and are worked on side by side: position t of all runs lies together.
"""

from itertools import product

import numpy as np

NEXT = np.array([[0, 2], [5, 7], [1, 3], [6, 4], [2, 0], [4, 6], [3, 1], [7, 5]])
"""The next state, by state and parity of the index; odd states have the quantiser of odd multiples."""

RUN = 128
"""Entries to a run."""

MOST = 511
"""No index is larger without its raw bits: rates are found in tables."""

_COMING = np.array([np.argwhere(state == NEXT) for state in range(len(NEXT))])
"""For each state the two (state, parity) that lead to it."""


def lanes(size: int) -> int:
    """How many runs so many entries make."""
    return -(-size // RUN)


def positions(size: int) -> list[slice]:
    """Where position 0, 1, … of all runs lie among the entries; the last one may be short."""
    width = max(1, lanes(size))
    return [slice(start, min(start + width, size)) for start in range(0, size, width)]


def multiples(indices: np.ndarray, odd: np.ndarray) -> np.ndarray:
    """What indices stand for, in steps; `odd` is 1 where the quantiser is that of odd multiples, else 0."""
    return 2 * indices - np.sign(indices) * odd


def rounded(indices: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Indices without so many of their low bits, to the nearest."""
    return indices + (1 << shifts >> 1) >> shifts


def path(multiples: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """(indices, odd) of these multiples of the step (all 1-d), or None if the machine does not let them follow."""
    indices, odd = np.zeros_like(multiples), np.zeros_like(multiples)
    sizes, state = np.abs(multiples), np.zeros(lanes(multiples.size), dtype=np.int64)
    for run in positions(multiples.size):
        state = state[: run.stop - run.start]
        odd[run] = state & 1
        indices[run] = sizes[run] + odd[run] >> 1
        if ((sizes[run] > 0) & (sizes[run] + odd[run] & 1 > 0)).any():
            return None
        state = NEXT[state, indices[run] & 1]
    return indices * np.sign(multiples), odd


def quantised(x: np.ndarray, rows: np.ndarray, shifts: np.ndarray, rates: np.ndarray, price: float) -> np.ndarray:
    """The multiples of the step 1 (int64) with the least Σ(x − multiple)² + price·bits that are a path.

    Args:
        x: numbers, 1-d.
        rows: of each, a row in `rates` for either quantiser (2×size).
        shifts: of each, the low bits of the index that have no rate of their own.
        rates: bits of 0 … MOST, of what is left of an index without them (rows×(MOST+1)).
        price: of a bit, in squared steps.
    """
    padding = (0, -x.size % max(1, lanes(x.size)))
    rows = np.pad(rows, ((0, 0), padding)) * rates.shape[1]
    costs, indices = _branches(np.pad(np.abs(x), padding), rows, np.pad(shifts, padding), (rates * price).ravel())
    shape = (2, 2, -1, max(1, lanes(x.size)))
    chosen, odd = _cheapest(costs.reshape(shape), indices.reshape(shape))
    return multiples(chosen, odd)[: x.size] * np.sign(x).astype(np.int64)


def _branches(
    size: np.ndarray, first: np.ndarray, shifts: np.ndarray, prices: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(costs, indices) of the best index of each parity in each quantiser (quantiser×parity×entries).

    An index is tried that is nearest, and one nearer to 0; `first` is where an entry's prices begin.
    """
    costs = np.empty((2, 2, size.size))
    indices = np.empty((2, 2, size.size), dtype=np.int64)
    for odd, parity in product((0, 1), repeat=2):
        near = 2 * np.rint((size + odd - 2 * parity) / 4).astype(np.int64) + parity
        below = np.maximum(near - 2, parity)
        tried = [
            np.square(size - (2 * index - odd * (index > 0))) + prices[first[odd] + np.minimum(index >> shifts, MOST)]
            for index in (near, below)
        ]
        costs[odd, parity] = np.minimum(*tried)
        indices[odd, parity] = np.where(tried[1] < tried[0], below, near)
    return costs, indices


def _cheapest(costs: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(indices, odd), flat, along the path of least cost through each run (Viterbi)."""
    _, _, length, width = costs.shape
    states = _COMING[:, :, 0]
    odd, parity = states & 1, _COMING[:, :, 1]
    total = np.full((len(NEXT), width), np.inf)
    total[0] = 0
    second = np.empty((length, len(NEXT), width), dtype=bool)
    for t in range(length):
        step = costs[:, :, t]
        first, other = (total[states[:, i]] + step[odd[:, i], parity[:, i]] for i in (0, 1))
        np.less(other, first, out=second[t])
        total = np.minimum(first, other)
    lane, state = np.arange(width), total.argmin(axis=0)
    chosen, quantiser = np.empty((length, width), dtype=np.int64), np.empty((length, width), dtype=np.int64)
    for t in range(length - 1, -1, -1):
        branch = second[t, state, lane].astype(np.int64)
        before, bit = states[state, branch], parity[state, branch]
        quantiser[t] = before & 1
        chosen[t] = indices[quantiser[t], bit, t, lane]
        state = before
    return chosen.ravel(), quantiser.ravel()
