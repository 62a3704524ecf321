"""Machines of states that say which multiples of a step an entry may have: two coarse lattices that take turns.

A scalar quantiser followed by an ideal entropy coder takes 0.25 bits an entry more than the rate-distortion function of
a Gaussian: its cells are cubes, and balls would be better. Here even multiples v of the step make one quantiser and odd
ones the other, each as coarse as two steps. Each falls into two cosets of the multiples of four, and which of them an
entry has moves the machine on; the state says which quantiser is next. A sender that looks ahead (Viterbi) nearly has
the choice of all multiples, and pays for half as many (Marcellin & Fischer 1990; Ungerboeck 1982). The quantiser of odd
multiples has no 0, as that of JPEG 2000 and VVC has: a lattice is better by 0.04 bits at 1 to 2 bits an entry.

Entries are cut into runs that start in state 0 and are worked on side by side: position t of all runs lies together.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

CLASSES = 3
"""Of states, as their entries are distributed: the first, others of even multiples, those of odd multiples."""


@dataclass(frozen=True, eq=False)
class Machine:
    """What state follows which.

    Attributes:
        run: entries to a run.
        next: the state after each, by branch (states×2); a state is odd where its quantiser has the odd multiples.
    """

    run: int
    next: np.ndarray

    @property
    def states(self) -> int:
        return len(self.next)

    @property
    def classes(self) -> np.ndarray:
        """The class of each state."""
        state = np.arange(self.states)
        return np.where(state & 1, 2, np.minimum(state, 1))

    @property
    def before(self) -> np.ndarray:
        """For each state the two (state, branch) that lead to it (states×2×2)."""
        return np.array([np.argwhere(self.next == state) for state in range(self.states)])

    def lanes(self, size: int) -> int:
        """How many runs so many entries make."""
        return max(1, -(-size // self.run))

    def positions(self, size: int) -> list[slice]:
        """Where position 0, 1, … of all runs lie among the entries; the last one may be short."""
        width = self.lanes(size)
        return [slice(start, min(start + width, size)) for start in range(0, size, width)]


class Wiring(NamedTuple):
    """A machine as arrays that loops go by.

    Attributes:
        before: for the first, then the second way to each state, the state before (2·states).
        costly: 2·class + branch of each of these ways.
        next: the state after each state, by branch (2·states).
        classes: of each state.
    """

    before: np.ndarray
    costly: np.ndarray
    next: np.ndarray
    classes: np.ndarray


@cache
def wiring(machine: Machine) -> Wiring:
    """Of this machine."""
    state, branch = machine.before[:, :, 0].T.ravel(), machine.before[:, :, 1].T.ravel()
    return Wiring(state, 2 * machine.classes[state] + branch, machine.next.ravel(), machine.classes)


def _systematic(states: int, h0: int, h1: int) -> np.ndarray:
    """The next states of the systematic feedback code with these parity polynomials (Ungerboeck 1982, table I)."""
    state = np.arange(states)
    fed_back = state >> 1 ^ np.where(state & 1, h0 >> 1, 0)
    return np.stack([fed_back, fed_back ^ h1 >> 1], axis=1)


EIGHT = Machine(512, np.array([[0, 2], [5, 7], [1, 3], [6, 4], [2, 0], [4, 6], [3, 1], [7, 5]]))
THIRTY_TWO = Machine(512, _systematic(32, 0o45, 0o10))
MACHINES = (EIGHT, THIRTY_TWO)
