"""How a job ends before its time: which exit code, which words, and all ranks together."""

import errno
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from wlra_dist.errors import Exit, WlraDistError
from wlra_dist.world import leftovers, segments
from wlra_dist.world.early import PASSED_ON, quit_job, yield_to_lower
from wlra_dist.world.launcher import Launch
from wlra_dist.world.watchdog import PATIENCE, stacks, waits

PIPE_CLOSED = 128 + signal.SIGPIPE

DEFERENCE = 1.5
"""Seconds a stalled rank that waits for another leaves to that one, whose stacks say more."""

LAST_RESORT = 5
"""Seconds after which the kernel ends a process that could not end itself."""

SHOW_CURSOR = "\x1b[?25h"
"""A progress line hides a terminal's cursor, and a process that is ended by force does not show it again."""


OF_THE_SYSTEM = {errno.ENOENT, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE, errno.EACCES}
"""A directory that vanished, a disk that is full or went away: no fault of the program's."""


@dataclass(frozen=True)
class Ending:
    """An exit code, the line that says why, and what stands above that line."""

    code: int
    sentence: str = ""
    details: str = ""


def ending_of(error: BaseException, rank: str = "") -> Ending:
    """The ending that an exception means; `rank` ("rank 2", or nothing) opens the line."""
    match error:
        case WlraDistError():
            return Ending(error.exit_code, f"{rank}: {error}".removeprefix(": "))
        case MemoryError():
            words = "memory ran out" + (f" ({error})" if str(error) else "")
            return Ending(Exit.FAILURE, f"{rank}: {words}; try more hosts, or fewer servers a rank".removeprefix(": "))
        case OSError(errno=number) if number in OF_THE_SYSTEM:
            place = f"{error.filename}: " if error.filename else ""
            words = f"{place}{(error.strerror or '').lower()}; see to disk, directory and permissions"
            return Ending(Exit.FAILURE, f"{rank}: {words}".removeprefix(": "))
        case BrokenPipeError():  # whoever reads our output has seen enough
            return Ending(PIPE_CLOSED)
        case KeyboardInterrupt():
            return Ending(128 + signal.SIGINT, f"{rank}: {error}".removeprefix(": ") if str(error) else "")
        case SystemExit(code=code):
            number = code if isinstance(code, int) else 1
            return Ending(number or 1, f"{rank} left early, by sys.exit({code!r}), while the others played on")
    summary = traceback.format_exception_only(error)[-1].strip()
    return Ending(Exit.FAILURE, f"{rank} failed: {summary}".strip(), "".join(traceback.format_exception(error)))


@dataclass
class Job:
    """All processes that play together, as seen from one of them.

    Args:
        rank: this process; 0 also where it is alone.
        name: "rank 2" in a job of many, "" alone.
        abort: ends every process at once with this exit code.
        hush: called before this process speaks, for whoever would speak in its place.
    """

    rank: int
    name: str
    abort: Callable[[int], NoReturn] = quit_job
    hush: Callable[[], None] = lambda: None
    _once: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, launch: Launch) -> "Job":
        return cls(launch.rank, f"rank {launch.rank}" if launch.size > 1 else "")

    def end(self, ending: Ending) -> NoReturn:
        """Says why and ends all ranks, whichever thread calls it; the first call counts."""
        self._once.acquire()
        yield_to_lower(self.rank)
        signal.alarm(LAST_RESORT)
        leftovers.remove_all()
        segments.forget_own()
        self.hush()
        say(ending)
        time.sleep(PASSED_ON)
        self.abort(ending.code)

    def end_by_stall(self, last: str) -> NoReturn:
        """For the watchdog: shows what every thread does, and ends the job."""
        seen = stacks()
        if waits():
            time.sleep(DEFERENCE)
        sentence = f"{self.name} stalled: no message and no new phase within the stall limit after {last!r}"
        self.end(Ending(Exit.STALL, sentence.strip(), seen))

    def call_slow(self, last: str) -> None:
        """For the watchdog: this process computes, and the job waits for it."""
        why = f"no message and no new phase within the stall limit after {last!r}, but it computes"
        say(Ending(Exit.OK, f"{self.name} is slow: {why}; it gets {PATIENCE} times the limit".strip()))


def end_alone(error: BaseException, *, speaks: bool = True) -> int:
    """Says why a process that waits for no other one ends, and returns its exit code; a traceback says it by itself."""
    ending = ending_of(error)
    if speaks:
        say(Ending(ending.code, details=ending.details) if ending.details else ending)
    if ending.code == PIPE_CLOSED:  # else the interpreter complains, on its way out, of what it cannot flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ending.code


def say(ending: Ending) -> None:
    """One write, so that ranks do not cut each other's words."""
    line = f"wlra-dist: {ending.sentence}\n" if ending.sentence else ""
    cursor = SHOW_CURSOR if sys.stderr.isatty() else ""
    sys.stderr.write(cursor + ending.details + line)
    sys.stderr.flush()
