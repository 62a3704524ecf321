"""A thread that notices when a process has stopped getting anywhere, and tells slow from stalled.

Work goes on while there are beats, or while this process computes, or while another rank shows signs of either: a
rank that waits for a slow one is not stalled. What computes without a beat is called slow, and has ten limits.
"""

import faulthandler
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

PATIENCE = 10
"""Stall limits that a process may compute without a beat."""

BUSY = 0.01
"""The share of a core from which on a process computes: on a busy machine it gets little, this thread takes less."""

GLANCE = 0.5
"""Seconds between looks, or a tenth of the stall limit if that is less."""


class Watchdog:
    """Calls bark(last beat) in its own thread, once, when work has stopped for `limit` seconds.

    It runs while the process waits inside MPI or computes in BLAS, since both let go of the interpreter.

    Args:
        limit: seconds.
        bark: ends the process.
        slow: hears of the last beat, once, when `limit` seconds of computing have followed it.
    """

    def __init__(self, limit: float, bark: Callable[[str], None], slow: Callable[[str], None] = lambda _: None) -> None:
        self._limit = limit
        self._bark = bark
        self._slow = slow
        self._last = time.monotonic(), "start"
        self._waits = False
        self.heed: Callable[[bool], bool] = lambda _: False
        """heed(whether work goes on here) tells others, and returns whether work goes on anywhere else."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def beat(self, what: str) -> None:
        """Tells that there is progress, and which: a message, a phase."""
        self._last = time.monotonic(), what

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """While the context lasts, this process waits for others however much it computes: MPI's start and end spin."""
        self.beat(what)
        self._waits = True
        try:
            yield
        finally:
            self._waits = False
            self.beat(what)

    def __enter__(self) -> Self:
        self.beat("start")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        seen, used = time.monotonic(), time.process_time()
        life, warned = seen, 0.0
        while not self._over.wait(min(GLANCE, self._limit / 10)):
            now, cpu, (beat, what) = time.monotonic(), time.process_time(), self._last
            patient = now - beat < PATIENCE * self._limit and not (self._waits or waits())
            busy = patient and cpu - used > BUSY * (now - seen)
            if self.heed(busy or beat > seen) or busy:
                life = now
            seen, used = now, cpu
            if now - max(beat, life) >= self._limit:
                return self._bark(what)
            if busy and now - beat >= self._limit and warned < beat:
                warned = now
                self._slow(what)


def waits() -> bool:
    """Whether the main thread waits for another rank, in channel.py: it polls, which takes time, and gets nowhere."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001  public but for its name
    while frame and frame.f_code.co_name != "softly":
        frame = frame.f_back
    return frame is not None


def stacks() -> str:
    """What every thread of this process is doing now."""
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read()
