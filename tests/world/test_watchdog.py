"""The watchdog barks when, and only when, beats stay away."""

import queue
import time

import pytest

from wlra_dist.world.watchdog import Watchdog, stacks


def test_it_barks_once_and_names_the_last_beat() -> None:
    barks: queue.SimpleQueue[str] = queue.SimpleQueue()
    with Watchdog(0.05, barks.put) as watchdog:
        watchdog.beat("message 7")
        assert barks.get(timeout=10) == "message 7"
        with pytest.raises(queue.Empty):
            barks.get(timeout=0.2)


def test_it_keeps_quiet_while_beats_come_and_once_all_is_over() -> None:
    barks: list[str] = []
    with Watchdog(5.0, barks.append) as watchdog:
        for phase in range(5):
            watchdog.beat(f"phase {phase}")
            time.sleep(0.01)
    assert barks == []


def test_stacks_show_where_we_are() -> None:
    assert "test_stacks_show_where_we_are" in stacks()
