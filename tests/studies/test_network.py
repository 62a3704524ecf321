"""A plan's seconds are those that a slow link is measured to take, and grow as the model says."""

from pathlib import Path
from typing import Any

import pytest

from tests.record.recorded_runs import record_small
from tests.studies.slow_link import measured
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit
from wlra_dist.studies.network import (
    Interconnect,
    Load,
    Round,
    bytes_of_star,
    rounds_of,
    seconds_of_board,
    seconds_of_star,
    seconds_of_tree,
    tree_pays_from,
)

SLOW = Interconnect(0.08, 2e5)


def ledger(m: int) -> list[dict[str, Any]]:
    """Everybody speaks, hears the same, speaks again."""

    def message(number: int, sender: str, receiver: str, nbytes: int, copy: int = 0) -> dict[str, Any]:
        return {
            "round": number, "sender": sender, "receiver": receiver, "label": str(number), "copy": copy,
            "wire_bytes": nbytes,
        }  # fmt: skip

    servers = [f"server {i}" for i in range(m)]
    up = [message(1, server, "hub", 300 + 7 * i) for i, server in enumerate(servers)]
    down = [message(2, "hub", server, 90, copy) for copy, server in enumerate(servers)]
    return [*up, *down, *(message(3, server, "hub", 150) for server in servers)]


def test_a_slow_link_is_no_faster_than_planned():
    """A busy machine makes it slower, never faster; how near both are is measured by benchmarks/games/network.py."""
    rows = ledger(4)
    planned = seconds_of_star(rounds_of(rows, "hub"), 4, SLOW)
    assert measured(rows, "hub", SLOW) >= 0.95 * planned


def test_a_ledger_of_few_tells_what_many_take():
    few, many = ledger(4), ledger(16)
    even = [row | {"wire_bytes": 310} if row["round"] == 1 else row for row in many]
    due = seconds_of_star(rounds_of(even, "hub"), 16, SLOW)
    assert seconds_of_star(rounds_of(few, "hub"), 16, SLOW) == pytest.approx(due, rel=0.01)


def test_every_byte_of_the_ledger_is_in_the_plan():
    rows = ledger(5)
    rounds = rounds_of(rows, "hub")
    assert bytes_of_star(rounds, 5) == pytest.approx(sum(row["wire_bytes"] for row in rows))
    assert [each.shared.messages for each in rounds] == [0, 1, 0]


ROUND = Round(Load(100, 1), Load(), Load(50, 1))


def test_a_board_says_once_what_is_for_all_and_a_tree_saves_messages():
    network = Interconnect(1e-4, 1e6, 1e-3)
    for m in (10, 1000, 100_000):
        assert seconds_of_board([ROUND], m, network) < seconds_of_star([ROUND], m, network)
    begin = tree_pays_from([ROUND], network)
    assert begin is not None
    assert seconds_of_tree([ROUND], begin, network)[0] < seconds_of_star([ROUND], begin, network)
    assert seconds_of_tree([ROUND], begin - 1, network)[0] >= seconds_of_star([ROUND], begin - 1, network)


def test_where_bytes_alone_count_a_tree_of_what_is_gathered_never_pays():
    assert tree_pays_from([Round(Load(100, 1), Load(), Load())], Interconnect(1e-3, 1e6)) is None


def test_late_servers_cost_the_mean_of_the_greatest_of_exponentials():
    rounds, m = [Round(Load(1, 1), Load(), Load())], 50
    late = seconds_of_star(rounds, m, Interconnect(0, 1e9, 0, 2.0)) - seconds_of_star(rounds, m, Interconnect(0, 1e9))
    assert late == pytest.approx(2.0 * sum(1 / i for i in range(1, m + 1)), rel=1e-4)


def test_the_command_plans_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    run, picture = record_small("raw", tmp_path), tmp_path / "plan.svg"
    assert main(["plan", str(run), "--servers", "10..1e5", "--picture", str(picture)]) == Exit.OK
    assert "100,000" in capsys.readouterr().out
    assert "<svg" in picture.read_text()
    assert main(["plan", str(run), "--servers", "9..2"]) == Exit.INPUT
