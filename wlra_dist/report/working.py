"""One line on a terminal that counts pieces of work and says when they will be done."""

import sys
from time import monotonic
from typing import TextIO

LEAST = 0.5
"""Seconds between two lines."""


class Working:
    """Told how much is done (`say`); writes over its own line, and over nothing where nobody watches."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._watched = self._stream.isatty()
        self._began = self._printed = monotonic()
        self._what = ""

    def say(self, what: str, done: int, of: int) -> None:
        now = monotonic()
        if what != self._what or done == 1:
            self._what, self._began = what, now
        if not self._watched or (now - self._printed < LEAST and done < of):
            return
        self._printed = now
        left = (now - self._began) / max(1, done) * (of - done)
        self._stream.write(f"\r\x1b[K{what}: {done} of {of}, {left:.0f} s left")
        self._stream.flush()

    def end(self) -> None:
        """Leaves no trace."""
        if self._watched:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
