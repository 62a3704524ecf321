"""What a game must not depend on: what stands where W is 0, by a bit; scale, but for powers of two in the result."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from wlra_dist.css import SELECTORS
from wlra_dist.instances import Columns, Instance, Share
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.weights import DenseWeights
from wlra_dist.world.world import Alone

JUNK = np.array([np.nan, np.inf, -np.inf, 1e300, -9999.0, 5e-324, -0.0])

n, d, k, m = 14, 15, 1, 3


@dataclass(frozen=True, eq=False)
class Given:
    """A and W as they are, with the rank 2 that W has."""

    A: np.ndarray
    W: np.ndarray

    def open(self, share: Share) -> Instance:  # noqa: ARG002  nothing is made
        def block(columns: Columns) -> np.ndarray:
            return np.ascontiguousarray(self.A[:, columns])

        return Instance(self.A.shape, k, 2, DenseWeights(self.W, claimed_rank=2), block)


def drawn(seed: int) -> Given:
    """Rank 2 and noise; integral W of rank 2, of which a part is 0: a block, and a row and a column within."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, 2)) @ rng.standard_normal((2, d)) + 0.1 * rng.standard_normal((n, d))
    halves = np.arange(n)[:, None] * 2 // n, np.arange(d) * 2 // d
    W = np.where(halves[0] == halves[1], rng.integers(1, 4, (n, 1)) * rng.integers(1, 4, d), 0.0)
    W[3], W[:, 4] = 0, 0
    return Given(A, W)


def played(given: Given, protocol: str, **options: Any) -> Outcome:
    """By two parties where the protocol is for two."""
    servers = 1 if protocol == "one_way" else m
    asked = ProtocolOptions(name=protocol, **options)  # pyright: ignore[reportArgumentType]
    outcome = play(Scenario("test", "", "test", given, GameOptions(servers=servers), asked), Alone())  # pyright: ignore
    assert outcome is not None
    return outcome


def seen(outcome: Outcome) -> tuple[Any, ...]:
    """All that is said of a game beside the words of its messages."""
    return outcome.account.entries, outcome.certificate, outcome.holds


def counted(outcome: Outcome) -> list[Any]:
    """The account, but for the checksums: steps and energies travel in bits of the same number."""
    return [replace(entry, checksum=0) for entry in outcome.account.entries]


def variants() -> list[Any]:
    protocols = [pytest.param(name, {}, id=name) for name in PROTOCOLS]
    selectors = [pytest.param("one_round", {"selector": name}, id=f"one_round, {name}") for name in SELECTORS]
    codes = [pytest.param("one_round", {"codec": code}, id=f"one_round, {code}") for code in ("paper", "float64")]
    return [*protocols, *selectors, *codes]


@pytest.mark.parametrize(("protocol", "options"), variants())
def test_what_stands_where_w_is_0_is_not_seen(protocol: str, options: dict[str, Any]):
    given = drawn(0)
    clean, dirty = (
        played(Given(np.where(given.W > 0, given.A, junk), given.W), protocol, **options)
        for junk in (0.0, np.resize(JUNK, given.A.shape))
    )
    assert dirty.account.digest == clean.account.digest
    assert seen(dirty) == seen(clean)
    assert not clean.solution.dense()[given.W == 0].any() or protocol == "als"  # whose answer is of rank k itself


@pytest.mark.parametrize(("power_of_A", "power_of_W"), [(1, 0), (170, 250), (-300, -60), (-400, 480)])
@pytest.mark.parametrize(("protocol", "options"), variants())
def test_powers_of_two_change_nothing_else(protocol: str, options: dict[str, Any], power_of_A: int, power_of_W: int):
    given, both = drawn(1), power_of_A + power_of_W
    plain = played(given, protocol, **options)
    scaled = played(Given(np.ldexp(given.A, power_of_A), np.ldexp(given.W, power_of_W)), protocol, **options)
    assert counted(scaled) == counted(plain)
    assert np.array_equal(np.ldexp(plain.solution.dense(), power_of_A), scaled.solution.dense())
    for name in ("loss", "lower_bound_opt", "noise"):
        assert getattr(scaled.certificate, name) == np.ldexp(getattr(plain.certificate, name), 2 * both)
    assert scaled.holds == plain.holds
