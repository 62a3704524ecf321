"""A thread that notices when a process has stopped getting anywhere."""

import faulthandler
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Self


class Watchdog:
    """Calls bark(last beat) in its own thread, once, when `limit` seconds pass without a beat.

    It runs while the process waits inside MPI or computes in BLAS, since both let go of the interpreter.
    """

    def __init__(self, limit: float, bark: Callable[[str], None]) -> None:
        self._limit = limit
        self._bark = bark
        self._last = time.monotonic(), "start"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def beat(self, what: str) -> None:
        """Tells that there is progress, and which: a message, a phase."""
        self._last = time.monotonic(), what

    def __enter__(self) -> Self:
        self.beat("start")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while (left := self._last[0] + self._limit - time.monotonic()) > 0:
            if self._over.wait(left):
                return
        self._bark(self._last[1])


def stacks() -> str:
    """What every thread of this process is doing now."""
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read()
