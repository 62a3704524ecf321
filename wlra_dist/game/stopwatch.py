"""Seconds by step of the protocol, and the sign of life that a watchdog waits for."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter


class Stopwatch:
    """Adds up seconds by name.

    Args:
        tick: called after each measured step with its name; tells watchdogs and progress bars that work goes on.
    """

    def __init__(self, tick: Callable[[str], None] = lambda _: None) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._tick = tick

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.seconds[name] += perf_counter() - start
        self._tick(name)
