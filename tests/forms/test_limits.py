"""Bits at the information limit: whole messages on the instances of Thm 1.5, and beside the paper's count on others."""

from dataclasses import dataclass
from math import comb, log2

import numpy as np
import pytest
from scipy.sparse import csc_array

from wlra_dist.instances import Instance, LowerBound, Share, Synthetic
from wlra_dist.playing.play import Outcome, play
from wlra_dist.scenario.options import GameOptions, InstanceOptions, ProtocolOptions, Scenario
from wlra_dist.weights import BlockMask
from wlra_dist.world.world import Alone

LIMITS = {4096: 1.02, 16_384: 1.005}
"""bits/N from this N on."""


def bits_and_outcome(instance: InstanceOptions, **protocol: object) -> tuple[int, Outcome]:
    """All bits that Alice says, and the outcome."""
    options = ProtocolOptions("one_way", **protocol)  # pyright: ignore[reportArgumentType]
    outcome = play(Scenario("test", "", "test", instance, GameOptions(servers=1), options), Alone())
    assert outcome is not None
    assert outcome.holds
    return sum(entry.bits for entry in outcome.account.entries), outcome


@pytest.mark.parametrize(
    ("s", "r", "k", "pad"),
    [(16, 1, 1, 1), (16, 1, 1, 2), (16, 1, 16, 2), (64, 4, 4, 2), (64, 16, 4, 1), (64, 16, 16, 1), (1024, 4, 1, 2)],
)
def test_a_dense_is_told_in_little_more_than_its_own_bits(s: int, r: int, k: int, pad: int) -> None:
    N = s * r * k
    bits, outcome = bits_and_outcome(LowerBound(s=s, r=r, k=k, pad=pad))
    assert outcome.certificate.loss == 0
    assert outcome.checks["decoded"]
    assert bits <= N + 60
    assert all(bits <= limit * N for least, limit in LIMITS.items() if least <= N)


@dataclass(frozen=True)
class Scattered:
    """The instance of Thm 1.5 with the s rows of each block at random places; the sender is not told."""

    s: int
    r: int
    k: int
    pad: int

    @property
    def side(self) -> int:
        return self.pad * max(self.s, self.k)

    def open(self, share: Share) -> Instance:  # noqa: ARG002
        rng, n = np.random.default_rng(1), self.r * self.side
        rows, columns = [], []
        for block in range(self.r):
            places = rng.permutation(self.side)[: self.s]
            i, j = np.nonzero(rng.integers(0, 2, (self.s, self.k)))
            rows.append(block * self.side + places[i])
            columns.append(block * self.side + j)
        where = np.concatenate(rows), np.concatenate(columns)
        A = csc_array((np.ones(len(where[0])), where), shape=(n, n))
        W = BlockMask.square(n, self.r)
        return Instance((n, n), k=self.k, r=self.r, weights=W, block=lambda run: A[:, run], integer=True, bound=1)

    def entropy(self) -> float:
        """Bits: of each block the number u of rows in use, which of them, and what stands in each."""
        used, bits = 1 - 2.0**-self.k, 0.0
        for u in range(self.s + 1):
            chance = log2(comb(self.s, u)) + u * log2(used) + (self.s - u) * log2(1 - used)
            patterns = u * log2(2**self.k - 1) if u else 0.0
            bits += 2**chance * (log2(comb(self.side, u)) + patterns - chance)
        return self.r * bits


@pytest.mark.parametrize(("s", "r", "k"), [(256, 16, 4), (1024, 16, 1), (64, 16, 16)])
def test_scattered_rows_are_told_at_their_entropy(s: int, r: int, k: int) -> None:
    instance = Scattered(s, r, k, pad=2)
    bits, outcome = bits_and_outcome(instance)
    assert outcome.certificate.loss == 0
    assert bits <= 1.02 * instance.entropy()


def test_real_columns_take_a_small_part_of_the_paper_s_words() -> None:
    matrix = Synthetic(n=300, d=100, k=5, r=2, noise=0.2, weights="low_rank")
    bits, outcome = bits_and_outcome(matrix, bounds="quick")
    paper, _ = bits_and_outcome(matrix, bounds="quick", codec="paper")
    assert outcome.certificate.loss <= 1.1 * outcome.certificate.lower_bound_opt
    assert bits <= paper / 8


def test_better_lower_bounds_cost_fewer_bits() -> None:
    matrix = Synthetic(n=120, d=60, k=5, r=3, noise=0.3, weights="low_rank")
    quick, _ = bits_and_outcome(matrix, bounds="quick")
    every, outcome = bits_and_outcome(matrix, bounds="all")
    assert outcome.certificate.bound == "multipliers"
    assert every <= quick / 1.5


@pytest.mark.parametrize(("s", "r", "k"), [(1024, 1, 64), (512, 16, 1)])
def test_a_chain_is_told_at_its_entropy(s: int, r: int, k: int) -> None:
    """N·H(.9) = .469 N: no code that is made for uniform bits gets there."""
    instance = LowerBound(s=s, r=r, k=k, inputs="chain", repeat=0.9)
    assert instance.family.entropy == pytest.approx(0.469 * s * r * k, rel=1e-3)
    bits, outcome = bits_and_outcome(instance, bounds="quick")
    assert outcome.checks["decoded"]
    assert bits <= 1.05 * instance.family.entropy
