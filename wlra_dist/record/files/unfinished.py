"""What is being made, in a directory `.NAME.xxxxxxxx.unfinished` beside its place, and what a killed process left.

Who makes it holds a lock on the directory, and a lock ends with its process, however that ends. So the next who works
in the same place can tell what is left from what is being made, also by another host that shares the disk: where no
lock can be had, nothing is removed.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from wlra_dist.world.ending import Ending, say
from wlra_dist.world.leftovers import passing

LONGEST_ECHO = 40
"""Characters of a name that appear in the names beside it."""

REMOVABLE = ("unfinished", "probe")


def beside(place: Path, state: str) -> Path:
    """A new name beside a place."""
    return place.with_name(f".{place.name[:LONGEST_ECHO]}.{token_hex(4)}.{state}")


@contextmanager
def in_the_making(place: Path, state: str = "unfinished") -> Iterator[Path]:
    """A new, locked directory beside a place, removed at the end with what is still in it; OSError if there is none."""
    directory = beside(place, state)
    with passing(directory):
        directory.mkdir(parents=True)
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            _lock(descriptor)
            yield directory
        finally:
            os.close(descriptor)


def remove_left(place: Path) -> None:
    """Removes what killed processes left beside a place, and says so; a run that was moved aside comes back."""
    left = _left(place)
    for path in left.get("replaced", ()):
        if not place.exists():
            path.rename(place)
            say(Ending(0, f"{place} was being replaced when a run was killed: the earlier run is back"))
    for path in (path for paths in left.values() for path in paths if path.exists()):
        shutil.rmtree(path, ignore_errors=True)
        say(Ending(0, f"removed {path}, which a run that was killed had left"))


def _left(place: Path) -> dict[str, list[Path]]:
    """What is beside a place, by state, unless somebody is at work there."""
    name = re.compile(re.escape(f".{place.name[:LONGEST_ECHO]}.") + r"[0-9a-f]{8}\.(unfinished|probe|replaced)")
    left: dict[str, list[Path]] = {}
    for path in sorted(place.parent.iterdir()) if place.parent.is_dir() else ():
        if (found := name.fullmatch(path.name)) and path.is_dir() and not path.is_symlink():
            left.setdefault(found[1], []).append(path)
    at_work = any(_locked(path) for state in REMOVABLE for path in left.get(state, ()))
    return {} if at_work else left


def _locked(directory: Path) -> bool:
    """Whether somebody holds the directory, or nobody can say."""
    try:
        descriptor = os.open(directory, os.O_RDONLY)
    except OSError:
        return True
    try:
        return not _lock(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
