"""Signals from the first import on, and an end of the job that needs neither MPI nor anything slow to load."""

import os
import signal
import time
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from wlra_dist.world.launcher import launched

PRECEDENCE = 0.3
"""Seconds that a rank leaves to each lower one to speak first: where all end alike, one reports it."""

PASSED_ON = 0.05
"""Seconds that the launcher gets to pass on what a rank said, before it hears that the job is over."""

OBEYED = 1.0
"""Seconds that the launcher gets to end this process: one that is gone before has an exit code of its own."""


def deadly_signals() -> list[signal.Signals]:
    """The signals that end the job, but for those that whoever started us wants ignored, as nohup does."""
    candidates = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    if "OMPI_COMM_WORLD_SIZE" in os.environ:
        candidates.remove(signal.SIGTERM)  # Open MPI's way to end the other ranks, of which one has spoken
    return [number for number in candidates if signal.getsignal(number) is not signal.SIG_IGN]


def attend() -> None:
    """From now on a signal ends the job, as soon as Python gets to run; alerts.py has what does not wait for that."""
    for number in deadly_signals():
        signal.signal(number, _end)


def ignore() -> None:
    """For the end of a program: a signal that comes from now on finds the work done, and changes nothing."""
    signal.pthread_sigmask(signal.SIG_BLOCK, deadly_signals())


def yield_to_lower(rank: int) -> None:
    """Waits until all lower ranks have had their time to speak, and to end the job; the fifth has waited enough."""
    time.sleep(PRECEDENCE * min(rank, 5))


def quit_job(code: int) -> NoReturn:
    """Ends all processes of the job without the help of MPI, which may be starting, ending or not there at all."""
    if tell_launcher(code):
        time.sleep(OBEYED)
    os._exit(code)


def tell_launcher(code: int) -> bool:
    """Tells Hydra, on the line that it gave us, what MPI_Abort would; whether there is such a line.

    Hydra ends the others with this code. Other launchers end a job when one of its processes fails.
    """
    with suppress(KeyError, ValueError, OSError):
        return os.write(int(os.environ["PMI_FD"]), b"cmd=abort exitcode=%d\n" % code) > 0
    return False


def _end(number: int, _: FrameType | None) -> NoReturn:
    for again in deadly_signals():
        signal.signal(again, signal.SIG_IGN)
    launch = launched(os.environ)
    who = f"rank {launch.rank} " if launch.size > 1 else ""
    yield_to_lower(launch.rank)
    os.write(2, f"wlra-dist: {who}ended by {signal.Signals(number).name}\n".encode())
    time.sleep(PASSED_ON)
    quit_job(128 + number)
