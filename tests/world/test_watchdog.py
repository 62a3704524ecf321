"""The watchdog barks when, and only when, beats stay away."""

import queue
import time
from collections.abc import Callable

import pytest

from wlra_dist.world import watchdog as watchdog_module
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


def test_what_computes_is_slow_and_what_stops_then_is_stalled() -> None:
    slow, barks = queue.SimpleQueue[str](), queue.SimpleQueue[str]()
    with Watchdog(0.5, barks.put, slow.put) as watchdog:
        watchdog.beat("encode")
        compute_until(lambda: not slow.empty())
        compute_for(0.6)
        assert slow.get() == "encode"
        assert barks.empty()
        assert barks.get(timeout=10) == "encode"
        assert slow.empty()


def test_patience_with_what_is_slow_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog_module, "PATIENCE", 2)
    barks: queue.SimpleQueue[str] = queue.SimpleQueue()
    with Watchdog(0.3, barks.put):
        compute_until(lambda: not barks.empty())
    assert barks.get() == "start"


def test_who_waits_for_others_is_not_busy_however_much_it_spins() -> None:
    barks: queue.SimpleQueue[str] = queue.SimpleQueue()
    with Watchdog(0.3, barks.put) as watchdog, watchdog.waiting("the end"):
        begun = time.monotonic()
        compute_until(lambda: not barks.empty())
        assert time.monotonic() - begun < 2


def test_signs_from_elsewhere_keep_a_waiting_process_alive() -> None:
    barks: queue.SimpleQueue[str] = queue.SimpleQueue()
    with Watchdog(0.2, barks.put) as watchdog:
        watchdog.heed = lambda _: True
        time.sleep(0.6)
        assert barks.empty()
        watchdog.heed = lambda _: False
        assert barks.get(timeout=10) == "start"


def compute_until(over: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not over():
        assert time.monotonic() < deadline
        sum(range(1000))


def compute_for(seconds: float) -> None:
    end = time.monotonic() + seconds
    compute_until(lambda: time.monotonic() > end)


def test_stacks_show_where_we_are() -> None:
    assert "test_stacks_show_where_we_are" in stacks()
