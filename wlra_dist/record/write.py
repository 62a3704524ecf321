"""The record of a run: one directory that says what was played, what was said and what came out.

record.json holds the summary, all that was public, the versions, the SHA-256 of each other file and of itself, and the
seal; ledger.jsonl has a line for each message, transcript.bin its frames; weights.npz holds the arrays that W is made
of, none where W stays in a file of the user's; bounds.npz what the lower bounds on OPT rest on; solution.npz and
picture.png are what they say. docs/records.md tells what each command makes of them.

The digest is of the frames alone. The seal is of all that the run claims: with the digest, the public input, W, the
solution, the certificate and every figure; not of what another run of the same game would say otherwise. So it is the
same on any number of ranks, and whoever keeps it can tell a record from every other one.
"""

import json
import platform
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wlra_dist import __version__
from wlra_dist.errors import InputError
from wlra_dist.game import Entry
from wlra_dist.inputs.canonical import canonical
from wlra_dist.instances.kept_weights import Kept, keep_weights, sha256_of
from wlra_dist.linalg.digests import digests
from wlra_dist.optima.packed import MULTIPLIERS, packed
from wlra_dist.record.files.arrays import write_arrays
from wlra_dist.record.files.directory import appearing, check_replaceable
from wlra_dist.record.files.format import FORMAT
from wlra_dist.record.files.solution import read_solution as read_solution
from wlra_dist.record.files.solution import solution_arrays, write_solution
from wlra_dist.record.public_input import PublicInput
from wlra_dist.record.summary import plain, summary
from wlra_dist.scenario.catalogue import Catalogue
from wlra_dist.world.fingerprint import fingerprint

if TYPE_CHECKING:
    from wlra_dist.playing.play import Outcome

Draw = Callable[[Mapping[str, Any], Sequence[Entry], Path], None]

RECORD, LEDGER, TRANSCRIPT = "record.json", "ledger.jsonl", "transcript.bin"
WEIGHTS, SOLUTION, PICTURE = "weights.npz", "solution.npz", "picture.png"
BOUNDS = "bounds.npz"
FILES = (RECORD, LEDGER, TRANSCRIPT, WEIGHTS, SOLUTION, BOUNDS, PICTURE)

CHECKSUM, SEAL = "checksum", "seal"
"""The keys of record.json's own SHA-256 and of its seal."""

CIRCUMSTANCES = ("seconds", "ranks", "fingerprint", "versions", "platform", "date")
"""What nobody can compute again: another run of the same game says it otherwise."""

UNSEALED = (*CIRCUMSTANCES, "files", "sizes", CHECKSUM, SEAL)
"""What the seal is not of; the files are held against `files` and `sizes` by every command."""

PACKAGES = ("numpy", "scipy", "mpi4py", "google-crc32c", "matplotlib")
"""Those whose version may show in a record."""


def check_writable(directory: Path) -> None:
    """Before a run: InputError where its record could not be kept."""
    check_replaceable(directory, FILES, RECORD)


def write_record(outcome: "Outcome", directory: Path, draw: Draw) -> str:
    """Keeps a run, and returns its seal: the directory appears whole, in place of an earlier run's, or not at all.

    Args:
        outcome: the run.
        directory: its place.
        draw: draws the picture of what is claimed into a file (`report.picture.draw`).

    Raises:
        InputError: something else is in the way, or W is of a type that no replay would know.
        WlraDistError: the disk is full, or something like it.
    """
    weights = keep_weights(outcome.instance.weights, outcome.scenario.instance)
    _require_named(weights.facts["form"], outcome.scenario.catalogue)
    claims = claimed(outcome, weights)
    with appearing(directory, FILES, RECORD) as unfinished:
        with (unfinished / LEDGER).open("w", encoding="utf-8") as ledger:
            ledger.writelines(_ledger_lines(outcome))
        with (unfinished / TRANSCRIPT).open("wb") as transcript:
            transcript.writelines(outcome.account.frames)
        write_arrays(weights.arrays, unfinished / WEIGHTS)
        write_solution(outcome.solution, unfinished / SOLUTION)
        write_arrays(packed(outcome.bounds), unfinished / BOUNDS)
        draw(claims, outcome.account.entries, unfinished / PICTURE)
        record = claims | _circumstances() | _files(unfinished)
        record[CHECKSUM] = checksum(record)
        (unfinished / RECORD).write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return claims[SEAL]


def _require_named(form: str, known: Catalogue) -> None:
    if known.weight_type(form) is None:
        raise InputError(f"W is a {form}, which a record cannot be read with: name it in WEIGHTS of its plugin")


def claimed(outcome: "Outcome", weights: Kept) -> dict[str, Any]:
    """All that a run claims, and the seal on it: it takes no file to say so."""
    claims = summary(outcome) | {
        "format": FORMAT,
        "public": plain(outcome.scenario.facts(weights.facts["form"])),
        "input": asdict(PublicInput.of(outcome.instance)),
        "weights": weights.facts | {"digest": weights.digest},
        "certificate": plain(asdict(outcome.certificate)),
        "solution": digests(solution_arrays(outcome.solution)),
        "bounds": bounds_digests(packed(outcome.bounds)),
    }
    return claims | {SEAL: seal(claims)}


def bounds_digests(arrays: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Of what bounds rest on, but for multipliers, which a record may leave out and be the same."""
    return digests({name: array for name, array in arrays.items() if name not in (MULTIPLIERS, "kept")})


def _ledger_lines(outcome: "Outcome") -> Iterator[str]:
    for entry in outcome.account.entries:
        yield json.dumps(ledger_row(entry)) + "\n"


def ledger_row(entry: Entry) -> dict[str, Any]:
    """A message's row in the ledger."""
    return {"format": FORMAT} | asdict(entry) | {"bits": entry.bits, "wire_bytes": entry.wire_bytes}


def checksum(record: Mapping[str, Any]) -> str:
    """SHA-256 of all that record.json says, however it is spaced, but for this checksum itself."""
    return _digest(record, {CHECKSUM})


def seal(record: Mapping[str, Any]) -> str:
    """SHA-256 of all that a run claims: of whatever stands in its record, but for `UNSEALED`."""
    return _digest(record, UNSEALED)


def _digest(record: Mapping[str, Any], left_out: Collection[str]) -> str:
    sealed = {key: value for key, value in record.items() if key not in left_out}
    return sha256(canonical(sealed).encode()).hexdigest()


def _circumstances() -> dict[str, Any]:
    """With what, where and when it was played; no name of a machine."""
    return {
        "versions": {"wlra_dist": __version__, "python": platform.python_version()}
        | {package: _version(package) for package in PACKAGES},
        "fingerprint": fingerprint(),
        "platform": platform.platform(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _version(package: str) -> str | None:
    """The version that is installed; the package itself stays unloaded."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _files(directory: Path) -> dict[str, Any]:
    """The bytes and the SHA-256 of each file so far."""
    paths = sorted(directory.iterdir())
    return {
        "sizes": {path.name: path.stat().st_size for path in paths},
        "files": {path.name: sha256_of(path) for path in paths},
    }
