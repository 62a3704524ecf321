"""What a game must not depend on: what stands where W is 0, by a bit; scale, but for powers of two in the result."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from wlra_dist.errors import InputError
from wlra_dist.instances import Columns, Instance, Share
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.weights import DenseWeights
from wlra_dist.world.world import Alone

JUNK = np.array([np.nan, np.inf, -np.inf, 1e300, -9999.0, 5e-324, -0.0])

n, d, k, m = 12, 12, 1, 2


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
    """By two parties where the protocol is for two; the bounds that take longest are those of one variant."""
    servers = 1 if protocol == "one_way" else m
    asked = ProtocolOptions(name=protocol, **{"bounds": "quick", **options})  # pyright: ignore[reportArgumentType]
    outcome = play(Scenario("test", "", "test", given, GameOptions(servers=servers), asked), Alone())  # pyright: ignore
    assert outcome is not None
    return outcome


def seen(outcome: Outcome) -> tuple[Any, ...]:
    """All that is said of a game beside the words of its messages."""
    return outcome.account.entries, outcome.certificate, outcome.holds


def counted(outcome: Outcome) -> list[Any]:
    """The account, but for the checksums: steps and energies travel in bits of the same number."""
    return [replace(entry, checksum=0) for entry in outcome.account.entries]


VARIANTS = [
    *(pytest.param(name, {}, id=name) for name in PROTOCOLS),
    *(pytest.param("one_round", {"codec": code}, id=f"one_round, {code}") for code in ("paper", "float64")),
    pytest.param("one_round", {"bounds": "all"}, id="one_round, all bounds"),
]


POWERS = (170, 250), (-300, -60)
"""Of A and of W: the variants take turns."""


@pytest.mark.parametrize(("protocol", "options"), VARIANTS)
def test_what_stands_where_w_is_0_is_not_seen(protocol: str, options: dict[str, Any]):
    given = drawn(0)
    clean, dirty = (
        played(Given(np.where(given.W > 0, given.A, junk), given.W), protocol, **options)
        for junk in (0.0, np.resize(JUNK, given.A.shape))
    )
    assert dirty.account.digest == clean.account.digest
    assert seen(dirty) == seen(clean)
    assert not clean.solution.dense()[given.W == 0].any() or protocol == "als"  # whose answer is of rank k itself


@pytest.mark.parametrize(
    ("protocol", "options", "power_of_A", "power_of_W"),
    [pytest.param(*game.values, *POWERS[i % 2], id=game.id) for i, game in enumerate(VARIANTS)],
)
def test_powers_of_two_change_nothing_else(protocol: str, options: dict[str, Any], power_of_A: int, power_of_W: int):
    given, both = drawn(1), power_of_A + power_of_W
    plain = played(given, protocol, **options)
    scaled = played(Given(np.ldexp(given.A, power_of_A), np.ldexp(given.W, power_of_W)), protocol, **options)
    assert counted(scaled) == counted(plain)
    assert np.array_equal(np.ldexp(plain.solution.dense(), power_of_A), scaled.solution.dense())
    for name in ("loss", "lower_bound_opt", "noise"):
        assert getattr(scaled.certificate, name) == np.ldexp(getattr(plain.certificate, name), 2 * both)
    assert scaled.holds == plain.holds


def sizes() -> dict[str, Given]:
    """Numbers of sizes that squares do not have, or that lie far from each other."""
    rng, first = np.random.default_rng(2), np.arange(d) == 3
    N, ones = rng.standard_normal((n, d)), np.ones((n, d))
    return {
        "A over 300 orders": Given(10 ** rng.uniform(-150, 150, (n, d)), ones),
        "W over 30 orders": Given(N, 10 ** rng.uniform(-30, 0, (n, d))),
        "W over 300 orders": Given(N, 10 ** rng.uniform(-300, 0, (n, d))),
        "one column of 1e150": Given(N * 1e150**first, ones),
        "a block of 1e-100": Given(N * 1e-100 ** (np.arange(d) < d // m), ones),
        "a wild column of little weight": Given(N + 1e12 * first, np.where(first, 1e-12, 1.0) * ones),
        "all of 1e160": Given(N * 1e160, ones),
    }


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", sizes())
@pytest.mark.parametrize(("protocol", "bounds"), [*((name, "quick") for name in PROTOCOLS), ("one_round", "all")])
def test_numbers_of_any_size_are_played_or_refused(protocol: str, bounds: str, name: str):
    given = sizes()[name]
    try:
        outcome = played(given, protocol, bounds=bounds)
    except InputError as error:
        assert "expected" in str(error)  # noqa: PT017  either is right
        return
    found, A = outcome.certificate, outcome.solution.dense()
    assert found.loss == pytest.approx(np.square(given.W * (given.A - A)).sum(), rel=1e-6, abs=4 * found.noise)
    assert outcome.holds is not False
    if outcome.holds and outcome.asked and found.ratio is not None:
        assert found.ratio <= 1.1 * (1 + 1e-5)
