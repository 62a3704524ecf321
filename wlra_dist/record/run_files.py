"""The files of a run's directory, held against what its record states of them before any of them is read.

Rule 1: a file is one of the run's own: regular, in the directory, no link out of it. Rule 2: its size is the one that
the record states, so nobody reads a terabyte to find that it is not the file. Rule 3: its SHA-256 is.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from wlra_dist.errors import InputError, VerificationError
from wlra_dist.instances.kept_weights import sha256_of
from wlra_dist.record.write import FILES, RECORD

LARGEST_RECORD = 1 << 23
"""Bytes of record.json beyond those of the ledger, which has a row for each message."""


def own_file(directory: Path, name: str) -> Path:
    """The path of a run's file.

    Raises:
        InputError: it is not there.
        VerificationError: it is a link out of the directory, a directory, a pipe.
    """
    path = directory / name
    if path.is_symlink() and path.resolve().parent != directory.resolve():
        raise VerificationError(f"{name} is a link out of {directory}: expected a file of the run's own")
    if not path.exists():
        raise InputError(f"{path} is not there")
    if not path.is_file():
        raise VerificationError(f"{name} is no file: expected the one that the run left")
    return path


def check_files(directory: Path, sizes: Mapping[str, int], sums: Mapping[str, str]) -> list[str]:
    """Holds the files that are there to their sizes and SHA-256; the names of those that are missing."""
    expected = {name for name in FILES if name != RECORD}
    if strange := sorted((sizes.keys() ^ expected) | (sums.keys() ^ expected)):
        raise VerificationError(f"{RECORD}: files: {strange[0][:40]!r} is one too many, or missing")
    missing = sorted(name for name in expected if not os.path.lexists(directory / name))
    there = {name: own_file(directory, name) for name in sorted(expected.difference(missing))}
    for name, path in there.items():
        if (size := path.stat().st_size) != sizes[name]:
            raise VerificationError(f"{name} was changed: it has {size:,} bytes, {RECORD} states {sizes[name]:,}")
    for name, path in there.items():
        if (found := sha256_of(path)) != sums[name]:
            raise VerificationError(f"{name} was changed: its SHA-256 is {found}, {RECORD} states {sums[name][:64]}")
    return missing
