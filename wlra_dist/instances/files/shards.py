"""A matrix in several files, the columns of one beside those of the last: `A = "A-*.npy"` in a scenario."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from glob import glob, has_magic
from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import matrix_shape
from wlra_dist.instances.files.stored import Stored
from wlra_dist.linalg.matrix import Matrix, dense, side_by_side


@dataclass(frozen=True, eq=False)
class Shards:
    """[M_1 … M_s], each in a file of its own.

    Args:
        name: for messages.
        parts: matrices of equally many rows.
    """

    name: str
    parts: tuple[Stored, ...]

    @property
    def shape(self) -> tuple[int, int]:
        return matrix_shape(self.name, (self.parts[0].shape[0], int(self.ends[-1])))

    @cached_property
    def ends(self) -> np.ndarray:
        """Where the columns of each part end in the whole."""
        return np.cumsum([part.shape[1] for part in self.parts])

    @property
    def sparse(self) -> bool:
        return any(part.sparse for part in self.parts)

    @property
    def wide_integers(self) -> bool:
        return any(part.wide_integers for part in self.parts)

    def columns(self, chosen: np.ndarray) -> Matrix:
        return _in_order([part.columns(own) for part, own in self._asked(chosen)], self._owners(chosen))

    def rows(self, run: slice, chosen: np.ndarray) -> np.ndarray | None:
        found = [part.rows(run, own) for part, own in self._asked(chosen)]
        blocks = [block for block in found if block is not None]
        return dense(_in_order(blocks, self._owners(chosen))) if len(blocks) == len(found) else None

    def own(self, i: int, j: int) -> str:
        s = int(np.searchsorted(self.ends, j, side="right"))
        return self.parts[s].own(i, j - self._first(s))

    def _owners(self, chosen: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.ends, chosen, side="right")

    def _asked(self, chosen: np.ndarray) -> list[tuple[Stored, np.ndarray]]:
        """The parts that have some of these columns, and which of theirs they are."""
        owners = self._owners(chosen)
        asked = [(int(s), chosen[owners == s]) for s in np.unique(owners)] or [(0, chosen)]
        return [(self.parts[s], columns - self._first(s)) for s, columns in asked]

    def _first(self, s: int) -> int:
        return int(self.ends[s - 1]) if s else 0


def _in_order(blocks: Sequence[Matrix], owners: np.ndarray) -> Matrix:
    """The parts' columns in the order in which they were asked for."""
    order = np.argsort(owners, kind="stable")
    whole = blocks[0] if len(blocks) == 1 else side_by_side(blocks)
    return whole if np.all(np.diff(order) > 0) else whole[:, np.argsort(order)]


def matching(pattern: str) -> list[Path]:
    """The files that a pattern of *, ? and [] names, 2 before 10; none if it is no pattern, or a file's own name."""
    if not has_magic(pattern) or Path(pattern).exists():
        return []
    found = [Path(name) for name in glob(pattern)]
    if not found:
        raise InputError(f"{pattern}: no file has such a name")
    return sorted(found, key=_by_number)


def side_by_side_of(pattern: str, files: list[Path], opened: Callable[[Path], Stored]) -> Shards:
    """The matrix that the files make; InputError unless they have equally many rows."""
    parts = tuple(opened(file) for file in files)
    for part in parts[1:]:
        if part.shape[0] != parts[0].shape[0]:
            heights = f"{parts[0].shape[0]} rows in {parts[0].name} and {part.shape[0]} in {part.name}"
            raise InputError(f"expected files whose columns stand side by side, found {heights}")
    return Shards(f"{pattern} ({len(parts)} files)", parts)


def _by_number(file: Path) -> list[tuple[int, str]]:
    """Names in order, their numbers by value."""
    pieces = re.split(r"(\d+)", str(file))
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces]
