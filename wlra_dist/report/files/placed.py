"""One file of a directory that grows: it appears whole, in place of an earlier one, or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.record.files.directory import check_replaceable
from wlra_dist.world.leftovers import passing


def check_growing(directory: Path, mark: str) -> None:
    """Before anything is computed: InputError where files could not be kept; `mark` tells such a directory."""
    if not (directory / mark).is_file():
        check_replaceable(directory, (), mark)
    elif not os.access(directory, os.W_OK | os.X_OK):
        raise InputError(f"{directory}: cannot be written to; try another place")


def placed(directory: Path, name: str, write: Callable[[Path], Any]) -> bool:
    """Has a file written beside its place, then moved there; whether there was something to write.

    Raises:
        WlraDistError: the disk is full, or something like it.
    """
    unfinished = directory / f".{name}.unfinished"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with passing(unfinished):
            write(unfinished)
            if not unfinished.exists():
                return False
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(unfinished, directory / name)
    except OSError as error:
        raise WlraDistError(f"{directory / name}: could not be written ({error.strerror})") from error
    return True
