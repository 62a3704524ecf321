"""Files and directories that must not outlive this process, however it ends.

An exception unwinds and removes them. A signal or an abort does not, so whoever ends the job removes what is listed
here; a killed process cannot, so it names them beforehand to the one that watches over it. The list belongs to the
process, as its signal handlers do.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_listed: list[Path] = []
_heirs: list[Callable[[list[Path]], None]] = []


@contextmanager
def passing(path: Path) -> Iterator[None]:
    """Removes the path when the context ends, or the process does."""
    _listed.append(path)
    _tell_heirs()
    try:
        yield
    finally:
        try:
            remove([path])
        finally:
            _listed.remove(path)
            _tell_heirs()


@contextmanager
def inherited(heir: Callable[[list[Path]], None]) -> Iterator[None]:
    """While the context lasts, heir(paths) hears of every change of the list."""
    _heirs.append(heir)
    try:
        yield
    finally:
        _heirs.remove(heir)


def remove_all() -> None:
    """Removes all that is listed: the process ends."""
    remove(list(_listed))


def remove(paths: Iterable[Path]) -> None:
    """Removes what is there of these."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()


def _tell_heirs() -> None:
    for heir in _heirs:
        heir(list(_listed))
