"""Finished points of a sweep: a file each, so that a sweep that was interrupted goes on where it ended.

Rule 1: a point's file appears whole or not at all (os.replace, after the disk has it). Rule 2: its name is a digest
of all that its figures follow from: the scenario, the state of the files that it names, and this program. So what was
changed is played again, what was added is played once, and a table never has figures of two programs. The pieces of a
long experiment (`studies/experiments/pieces.py`) are kept alike.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from glob import glob
from hashlib import sha256
from pathlib import Path
from typing import Any

from wlra_dist import __version__
from wlra_dist.errors import WlraDistError
from wlra_dist.inputs.canonical import canonical
from wlra_dist.record.files.format import FORMAT
from wlra_dist.scenario.options import Scenario
from wlra_dist.world.leftovers import passing

POINTS = "points"
"""The directory of these files, inside that of the sweep."""


def key(scenario: Scenario) -> str:
    """The name of a point's file: the same for the same game, on any number of ranks."""
    played = {name: value for name, value in scenario.facts().items() if name not in ("name", "about")}
    named = (getattr(scenario.instance, name) for name in getattr(scenario.instance, "PATHS", ()))
    return digest(played, [path for name in named if name for path in _inside(Path(name))])


def digest(facts: Mapping[str, Any], files: Iterable[Path]) -> str:
    """Of what figures follow from: facts, this program, and name, bytes and date of files, which are not read."""
    states = [(path, path.stat()) for path in files]
    seen = [(path.name, state.st_size, state.st_mtime_ns) for path, state in states]
    return sha256(canonical([__version__, _sources(), facts, seen]).encode()).hexdigest()


def recall(directory: Path, name: str) -> dict[str, Any] | None:
    """The facts of a finished point; None if it is not finished, or its file is damaged."""
    try:
        kept = json.loads((directory / POINTS / f"{name}.json").read_bytes())
        whole = kept["format"] == FORMAT and kept["checksum"] == _checksum(name, kept["facts"])
        return kept["facts"] if whole else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def keep(directory: Path, name: str, facts: Mapping[str, Any]) -> None:
    """Writes a point's file; WlraDistError if the disk is full, or something like it."""
    path = directory / POINTS / f"{name}.json"
    unfinished = path.with_name(f".{name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with passing(unfinished):
            with unfinished.open("w", encoding="utf-8") as file:
                json.dump({"format": FORMAT, "facts": facts, "checksum": _checksum(name, facts)}, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
    except OSError as error:
        raise WlraDistError(f"{path}: could not be written ({error.strerror}); finished points are kept") from error


def _checksum(name: str, facts: Mapping[str, Any]) -> str:
    return sha256(f"{name} {canonical(facts)}".encode()).hexdigest()


@cache
def _sources() -> str:
    """SHA-256 of the package's own files."""
    package, digest = Path(__file__).parents[1], sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _inside(path: Path) -> Iterator[Path]:
    """The file, or those of the directory or the pattern; none if there is none, as opening it will say better."""
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from sorted(entry for entry in path.iterdir() if entry.is_file())
    else:
        yield from sorted(Path(name) for name in glob(str(path)))
