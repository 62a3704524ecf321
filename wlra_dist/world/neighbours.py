"""The other processes that the launcher started on this host, and whether they live; known without MPI.

MPI_Init waits for all ranks, and for ever where one of them ended before it came there. The launchers say nothing:
to them such a process was no MPI program. But they started it beside us, so its end can be seen in /proc. Where
there is no /proc (macOS), or the launcher hides, there are no neighbours to see, and the stall limit has to do.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wlra_dist.errors import Exit
from wlra_dist.world.ending import Ending, Job

LOOK = 0.25
"""Seconds between looks."""

ALL_STARTED = 3.0
"""Seconds after which a launcher has started all processes of this host: it takes milliseconds."""

FAREWELL = 1.0
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
    above, expected, looks = launcher(), local_size(), 0
    seen = alive = started_by(above)
    while alive and alive >= seen and not (len(alive) < expected and looks * LOOK > ALL_STARTED):
        if over.wait(LOOK):
            return
        alive, looks = started_by(above), looks + 1
        seen |= alive
    if alive and not over.wait(FAREWELL):
        gone = "a process that the launcher started on this host ended before it had joined the game"
        job.end(Ending(Exit.FAILURE, f"{job.name}: {gone}"))


def _launch(process: int) -> dict[bytes, bytes]:
    """What the launcher told a process of its rank; nothing if it is none, is dead, or is another user's."""
    try:
        entries = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:
        return {}
    pairs = (entry.partition(b"=") for entry in entries)
    return {name: value for name, _, value in pairs if name.decode(errors="replace") in RANKS}


def _parent(process: int) -> int:
    """The fourth word of its state, after a name in brackets that may hold anything."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
