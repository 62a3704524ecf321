"""The shared memory that MPICH keeps under names in /dev/shm, and how those names never outlive a job.

MPICH removes the names when a job ends well; a killed one leaves 1 MB a rank, until /dev/shm is full and the
next job dies of a bus error. A name serves only to map the segment: once every rank has, it can go at once,
and then no end of the job, not even SIGKILL, leaves anything behind. What a job leaves that ends before, in MPI_Init,
its sentries remove.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")

PREFIX = "mpich_shm_"


def forget_own() -> None:
    """Unlinks the segments that this process maps; what is mapped stays usable."""
    for segment in _mapped(Path("/proc/self/maps")):
        segment.unlink(missing_ok=True)


def forget_stale(since: float) -> None:
    """Unlinks this user's segments that no process maps, and that are no older: a job that just ended left them."""
    for segment in stale():
        with suppress(FileNotFoundError):  # another process of that job was faster
            if segment.stat().st_mtime >= since:
                segment.unlink()


def stale() -> list[Path]:
    """This user's segments that no process maps: dead jobs left them; none where there is no /dev/shm."""
    named = {path for path in SHARED_MEMORY.glob(PREFIX + "*") if path.stat().st_uid == os.getuid()}
    in_use = {path for maps in Path("/proc").glob("[0-9]*/maps") for path in _mapped(maps)} if named else set()
    return sorted(named - in_use)


def _mapped(maps: Path) -> Iterator[Path]:
    try:
        lines = maps.read_text(errors="replace").splitlines()
    except OSError:  # no /proc here, another user's process, or one that has just ended
        return
    for line in lines:
        name = line[line.find("/") :]
        if name.startswith(f"{SHARED_MEMORY}/{PREFIX}") and not name.endswith(" (deleted)"):
            yield Path(name)
