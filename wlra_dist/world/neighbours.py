"""The other processes that the launcher started on this host, and whether they live; known without MPI.

MPI_Init waits for all ranks, and for ever where one of them ended before it came there. The launchers say nothing:
to them such a process was no MPI program. But they started it beside us, so its end can be seen in /proc. Where
there is no /proc (macOS), or the launcher hides, there are no neighbours to see, and the stall limit has to do.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wlra_dist.errors import Exit
from wlra_dist.world.ending import Ending, Job

LOOK = 0.25
"""Seconds between looks."""

ALL_STARTED = 1.5
"""Seconds of this process's life after which the launcher has started the others too: it takes milliseconds."""

FAREWELL = 0.5
"""Seconds that a process which saw a neighbour end gets to find that it was in order: all end then."""

LOCAL_SIZES = ("MPI_LOCALNRANKS", "OMPI_COMM_WORLD_LOCAL_SIZE", "MV2_COMM_WORLD_LOCAL_SIZE")
"""Where launchers say how many they start on this host: Hydra, Open MPI, MVAPICH2."""

RANKS = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK", "SLURM_PROCID")


def launcher() -> int:
    """The process that started this rank: the nearest ancestor that is no part of the rank, as a wrapping shell is."""
    own, above = _launch(os.getpid()), os.getppid()
    while own and _launch(above) == own:
        above = _parent(above)
    return above


def started_by(launcher: int) -> set[int]:
    """The living processes that the launcher started as ranks."""
    children: set[int] = set()
    for listing in Path(f"/proc/{launcher}/task").glob("*/children"):
        try:
            children.update(map(int, listing.read_text().split()))
        except OSError:  # a thread that has ended
            continue
    return {child for child in children if _launch(child)}


def local_size() -> int:
    """How many ranks the launcher starts on this host; 0 if it does not say."""
    return next((int(os.environ[name]) for name in LOCAL_SIZES if name in os.environ), 0)


def state_of(process: int) -> list[str]:
    """What /proc/…/stat says, from R, S, T or Z to the exit status; nothing if the process is gone."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()  # before it a name, in brackets
    return []


@contextmanager
def neighbours_end(job: Job) -> Iterator[None]:
    """While the context lasts, the end of a neighbour ends the job: it is too early for any to have finished."""
    over = threading.Event()
    threading.Thread(target=_watch, args=(job, over), name="neighbours", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _watch(job: Job, over: threading.Event) -> None:
    above, expected = launcher(), local_size()
    seen = alive = started_by(above)
    while alive and alive >= seen and (len(alive) >= expected or _age() < ALL_STARTED):
        if over.wait(LOOK):
            return
        alive = started_by(above)
        seen |= alive
    if alive and not over.wait(FAREWELL):
        gone = "a process that the launcher started on this host ended before it had joined the game"
        job.end(Ending(Exit.FAILURE, f"{job.name}: {gone}"))


def _age() -> float:
    """Seconds since this process started."""
    started = int(state_of(os.getpid())[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def _launch(process: int) -> dict[bytes, bytes]:
    """What the launcher told a process of its rank; nothing if it is none, is dead, or is another user's."""
    try:
        entries = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:
        return {}
    pairs = (entry.partition(b"=") for entry in entries)
    return {name: value for name, _, value in pairs if name.decode(errors="replace") in RANKS}


def _parent(process: int) -> int:
    return int(state_of(process)[1])
