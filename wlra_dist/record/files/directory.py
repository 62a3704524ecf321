"""A directory that appears whole or not at all.

Rule 1: everything is written into a directory of another name beside it, flushed to the disk, and renamed as
the last act. However the process ends, what was begun is removed; one that plays alone and is killed leaves
`.NAME.….unfinished`, which the next run into the same place removes (`unfinished.py`).
Rule 2: only the directory of an earlier run may be replaced. It is moved aside, to `.NAME.….replaced`, and
removed when the new one stands.
"""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.record.files.unfinished import beside, in_the_making, remove_left


@contextmanager
def appearing(directory: Path, files: Collection[str], mark: str) -> Iterator[Path]:
    """A new directory to write into, which becomes `directory` if all goes well.

    Args:
        directory: its name in the end.
        files: the names that an earlier run may have left there.
        mark: the one among them without which it is no earlier run.

    Raises:
        InputError: `directory` is something that may not be replaced.
        WlraDistError: the disk is full, or something like it.
    """
    directory = _replaceable(directory, files, mark)
    try:
        with in_the_making(directory) as unfinished:
            yield unfinished
            _flush(unfinished)
            _move_into_place(unfinished, directory)
    except OSError as error:
        raise WlraDistError(f"{directory}: could not be written, {_reason(error)}; this run was not kept") from error


def check_replaceable(directory: Path, files: Collection[str], mark: str) -> None:
    """Tries whether `appearing` can do its work: makes the names in a directory that it removes again.

    What a killed run left in the same place is removed, and told.

    Raises:
        InputError: the name cannot be made, the place cannot be written to, or something is in the way.
    """
    whole = _replaceable(directory, files, mark)
    place = next(parent for parent in whole.parents if os.path.lexists(parent))
    try:
        remove_left(whole)
        with in_the_making(place / whole.relative_to(place).parts[0], "probe") as probe:
            (probe / whole.relative_to(place)).mkdir(parents=True)
            (probe / mark).write_bytes(b"probe")
    except OSError as error:
        raise InputError(f"{directory}: cannot be made in {place}, {_reason(error)}; try another place") from error


def _replaceable(directory: Path, files: Collection[str], mark: str) -> Path:
    """The directory's full path; InputError unless it is new, empty or an earlier run."""
    if not str(directory).isprintable():
        raise InputError(f"{str(directory)!r}: expected a name of printable characters")
    try:
        whole = directory.resolve()
        found = {path.name for path in whole.iterdir()} if whole.exists() else set()
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError until Python 3.13
        raise InputError(f"{directory}: cannot hold a run, {_reason(error)}; try another name") from error
    foreign = sorted(found - set(files) if mark in found else found)
    if foreign or os.path.ismount(whole):
        why = f"holds {foreign[0]!r}, which is of no earlier run" if foreign else "is a mount point"
        raise InputError(f"{directory}: expected a name that may be replaced, but it {why}; try {directory / 'run'}")
    return whole


def _move_into_place(new: Path, directory: Path) -> None:
    """At every moment the old or the new one is whole, under its own name or a telling one."""
    if not directory.exists():
        new.rename(directory)
    else:
        old = beside(directory, "replaced")
        try:
            directory.rename(old)
            new.rename(directory)
        except BaseException:
            if not directory.exists():
                old.rename(directory)
            raise
        shutil.rmtree(old, ignore_errors=True)
    _flush_entry(directory.parent)


def _flush(directory: Path) -> None:
    """Waits until all files are on the disk."""
    for path in directory.iterdir():
        _flush_entry(path)
    _flush_entry(directory)


def _flush_entry(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: Exception) -> str:
    """What the system says: "no space left on device"."""
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]
