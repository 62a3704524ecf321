"""The pieces of a long experiment: kept as they are finished, so that one that was interrupted goes on from there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from wlra_dist.studies import sweep_points as finished
from wlra_dist.studies.experiments.tables import Row


class Keep(Protocol):
    """Makes a piece, or finds it made."""

    def __call__(self, facts: Mapping[str, Any], files: Sequence[Path], make: Callable[[], Row]) -> Row:
        """What `make` makes of these facts, as JSON values, and of these files."""
        ...


def unkept(facts: Mapping[str, Any], files: Sequence[Path], make: Callable[[], Row]) -> Row:  # noqa: ARG001
    """Every piece is made."""
    return make()


@dataclass(frozen=True)
class KeptIn:
    """Pieces are files in a directory (`studies/sweep_points.py`)."""

    directory: Path

    def __call__(self, facts: Mapping[str, Any], files: Sequence[Path], make: Callable[[], Row]) -> Row:
        name = finished.digest(facts, files)
        known = finished.recall(self.directory, name)
        if known is None:
            known = make()
            finished.keep(self.directory, name, known)
        return known
