"""The referee finds the same on any number of ranks, and no process need hold all of A for it."""

from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from tests.game.playing import on_ranks
from wlra_dist.playing import bounding
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.toml import draft_of, stated

SIZES = {"kind": "synthetic", "n": 10, "d": 9, "k": 1, "r": 2, "noise": 0.1}
FOR_SERVERS = [name for name in PROTOCOLS if name != "one_way"]


def scenario(protocol: str, **more: Any) -> Scenario:
    tables = {"instance": SIZES | more, "game": {"servers": 4}, "protocol": {"name": protocol, "bounds": "quick"}}
    return stated(draft_of(tables, Path("referee.toml")))


@cache
def alone(protocol: str) -> Outcome:
    return played(protocol, 1)


def played(protocol: str, ranks: int, **more: Any) -> Outcome:
    outcome, *others = on_ranks(ranks, partial(play, scenario(protocol, **more)))
    assert others == [None] * (ranks - 1)
    assert outcome is not None
    return outcome


@pytest.mark.parametrize(
    ("protocol", "ranks"), [*((name, 6) for name in FOR_SERVERS), *((name, 2) for name in ("one_round", "als", "bwz"))]
)
def test_the_certificate_is_the_same_to_the_last_digit(protocol: str, ranks: int):
    """Outputs of one block for all servers and of one for each; ranks with several servers, with one and with none."""
    assert played(protocol, ranks).certificate == alone(protocol).certificate


@pytest.mark.parametrize("protocol", ["one_round", "als"])
def test_beyond_a_size_no_rank_is_sent_a_block_and_the_blocks_bounds_stand(
    protocol: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bounding, "WHOLE", 10 * 9 - 1)
    monkeypatch.setattr(bounding, "gather_blocks", None)
    outcome = played(protocol, 3)
    assert outcome.certificate.bound == "blocks"
    assert outcome.certificate.loss == alone(protocol).certificate.loss
    assert 0 < outcome.certificate.lower_bound_opt <= alone(protocol).certificate.lower_bound_opt


def test_what_counts_is_how_many_numbers_a_block_has(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bounding, "WHOLE", 10 * 9 // 2)
    assert played("one_round", 2, s=2, integer=True).certificate.bound != "none"
