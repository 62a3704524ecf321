"""Hard inputs are decoded from every output that promises an accuracy; benchmarks/games/hard_games.py plays more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wlra_dist.instances import LowerBound, Matching
from wlra_dist.playing.play import play
from wlra_dist.protocols import BY_ESTIMATE, NO_PROMISE, PROTOCOLS, TWO_IN_THREE
from wlra_dist.record.summary import summary
from wlra_dist.scenario.options import GameOptions, InstanceOptions, ProtocolOptions, Scenario
from wlra_dist.weights import BlockMask
from wlra_dist.world.world import Alone

EXACT = [name for name in PROTOCOLS if name not in NO_PROMISE | TWO_IN_THREE]

FAMILIES: dict[str, dict[str, Any]] = {
    "bits": {},
    "chain": {"inputs": "chain"},
    "scattered": {"inputs": "scattered", "magnitude": 3},
    "positive": {"weight": 1000},
}

SIZES = [
    {"s": 4, "r": 3, "k": 2, "d": 11},  # r does not divide d, and s = n/r
    {"s": 3, "r": 3, "k": 4, "d": 7},  # blocks of 2 or 3 columns
    {"s": 2, "r": 4, "k": 1, "pad": 3},
    {"s": 5, "r": 1, "k": 3, "d": 9},
]


def facts(instance: InstanceOptions, protocol: str, servers: int, output: str) -> dict[str, Any]:
    asked = ProtocolOptions(protocol, output=output)  # pyright: ignore[reportArgumentType]
    outcome = play(Scenario("", "", "", instance, GameOptions(servers=servers), asked), Alone())
    assert outcome is not None
    assert outcome.checks["decoded"]
    assert outcome.holds
    return summary(outcome)


def cases() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each protocol on each family, on sizes that change from one to the next."""
    for i, protocol in enumerate(EXACT):
        for j, family in enumerate(FAMILIES):
            yield protocol, family, SIZES[(i + j) % len(SIZES)] | {"seed": i}


@pytest.mark.parametrize(("protocol", "family", "sizes"), list(cases()))
def test_what_is_written_is_read(protocol: str, family: str, sizes: dict[str, Any]) -> None:
    kind = LowerBound(**sizes, **FAMILIES[family])
    alone = protocol == "one_way"
    found = facts(kind, protocol, 1 if alone else 3, "coordinator" if alone else "everyone")
    assert found["instance_facts"]["N"] == kind.family.entropy
    if protocol not in BY_ESTIMATE:
        assert found["lower_bound_bits"] == kind.family.entropy


BITS = [
    {"s": 16, "r": 1, "k": 1, "seed": 3},
    {"s": 16, "r": 2, "k": 32},  # blocks higher than s
    {"s": 64, "r": 4, "k": 4},
    {"s": 33, "r": 3, "k": 5, "pad": 3},
    {"s": 256, "r": 8, "k": 4},
]


@pytest.mark.parametrize("sizes", BITS)
def test_bits_are_said_with_eight_beside_them(sizes: dict[str, Any]) -> None:
    found = facts(LowerBound(**sizes), "one_way", 1, "coordinator")
    assert found["bits"] <= sizes["s"] * sizes["r"] * sizes["k"] + 8


@pytest.mark.parametrize("protocol", ["one_way", "raw", "sketch_qrcp"])
def test_what_a_given_w_lets_through_is_read(protocol: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    W = BlockMask.even(20, 24, 4).dense(slice(None)) * rng.integers(1, 4, (20, 24)) + (rng.random((20, 24)) < 0.05)
    np.save(tmp_path / "W.npy", W)
    found = facts(Matching(W=str(tmp_path / "W.npy"), s=2, k=2), protocol, 1, "coordinator")
    assert found["instance_facts"]["N"] >= 12


def test_beyond_its_limit_a_positive_w_promises_nothing() -> None:
    kind = LowerBound(s=4, r=3, k=2, weight=8)
    found = facts(kind, "one_way", 1, "coordinator")
    assert found["instance_facts"]["kappa_limit"] == kind.kappa == 64 / (4 * 2 * 24)
    assert found["lower_bound_bits"] is None
    assert found["lower_bound_fails"] == "these inputs are told by outputs below 0.3333·OPT, but 1+ε = 1.1"
