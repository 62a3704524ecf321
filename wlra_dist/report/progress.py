"""One line on a terminal that says what is being done, for what takes more than two seconds.

A run that is shorter, or that nobody watches, pays for a comparison a step: rich is loaded by the timer.
"""

import sys
from collections import Counter
from threading import Timer
from typing import TYPE_CHECKING, Any, Self, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

PATIENCE = 2.0
"""Seconds before the line appears."""


class Progress:
    """Counts finished steps by name; a context that shows them while it lasts, and leaves no trace.

    Args:
        total: how often each step is done here.
        noun: whose turns these are.
        stream: where the line goes, if it is a terminal; by default stderr.
        patience: seconds before the line appears.
    """

    def __init__(
        self, total: int, stream: TextIO | None = None, patience: float = PATIENCE, noun: str = "servers"
    ) -> None:
        self._total = total
        self._noun = noun
        self._stream = stream or sys.stderr
        self._done: Counter[str] = Counter()
        self._last = "start"
        self._bar: Bar | None = None
        self._timer: Timer | None = Timer(patience, self._show) if self._stream.isatty() else None

    def tick(self, name: str) -> None:
        """A step of this name is done, as Stopwatch says by its tick."""
        if self._timer is None:
            return
        self._done[name] += 1
        self._last = name
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], **self._line())

    def __enter__(self) -> Self:
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._bar is not None:
            self._bar.stop()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
        bar = Bar(*columns, console=Console(file=self._stream), transient=True, refresh_per_second=4)
        bar.add_task(**self._line())
        bar.start()
        self._bar = bar
        bar.update(bar.task_ids[0], **self._line())  # steps that were done meanwhile

    def _line(self) -> dict[str, Any]:
        """What rich shall show; a step that was done once may be the coordinator's alone: no count."""
        name, count = self._last.replace("_", " "), self._done[self._last]
        if count <= 1:
            return {"description": f"{name}: done", "completed": 0, "total": None}
        turn = (count - 1) % self._total + 1
        description = f"{name}: {turn:,} of {self._total:,} {self._noun}"
        return {"description": description, "completed": turn, "total": self._total}
