"""The record of a run: one directory that says what was played, what was said and what came out.

record.json holds the summary, all that was public, the versions, and the SHA-256 of each other file and of itself;
ledger.jsonl has a line for each message, transcript.bin its frames; weights.npz holds the arrays that W is made of,
none where W is a formula or stays in a file of the user's; solution.npz and picture.png are what they say.
"""

import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wlra_dist import __version__
from wlra_dist.fingerprint import fingerprint
from wlra_dist.game import Entry
from wlra_dist.public_input import PublicInput
from wlra_dist.report.arrays_file import digests, read_arrays, write_arrays
from wlra_dist.report.picture import draw
from wlra_dist.report.run_directory import appearing, check_replaceable
from wlra_dist.report.solution_file import read_solution as read_solution
from wlra_dist.report.solution_file import write_solution
from wlra_dist.report.summary import plain, summary
from wlra_dist.report.weights_file import keep_weights, sha256_of

if TYPE_CHECKING:
    from wlra_dist.play import Outcome

RECORD, LEDGER, TRANSCRIPT = "record.json", "ledger.jsonl", "transcript.bin"
WEIGHTS, SOLUTION, PICTURE = "weights.npz", "solution.npz", "picture.png"
FILES = (RECORD, LEDGER, TRANSCRIPT, WEIGHTS, SOLUTION, PICTURE)

FORMAT = 1
"""Of the directory; one that cannot be replayed by this program has another."""

CHECKSUM = "checksum"
"""The key of record.json's own SHA-256."""

PACKAGES = ("numpy", "scipy", "mpi4py", "google-crc32c", "matplotlib")
"""Those whose version may show in a record."""


def check_writable(directory: Path) -> None:
    """Before a run: InputError where its record could not be kept."""
    check_replaceable(directory, FILES, RECORD)


def write_record(outcome: "Outcome", directory: Path) -> None:
    """Keeps a run: the directory appears whole, in place of that of an earlier run, or not at all.

    Raises:
        InputError: something else is in the way.
        WlraDistError: the disk is full, or something like it.
    """
    facts = summary(outcome)
    with appearing(directory, FILES, RECORD) as unfinished:
        with (unfinished / LEDGER).open("w", encoding="utf-8") as ledger:
            ledger.writelines(_ledger_lines(outcome))
        with (unfinished / TRANSCRIPT).open("wb") as transcript:
            transcript.writelines(outcome.account.frames)
        weights = keep_weights(outcome.instance.weights, outcome.scenario.instance)
        write_arrays(weights.arrays, unfinished / WEIGHTS)
        write_solution(outcome.solution, unfinished / SOLUTION)
        draw(facts, outcome.account.entries, unfinished / PICTURE)
        record = facts | _circumstances(outcome) | {"weights": weights.facts} | _evidence(outcome, unfinished)
        record[CHECKSUM] = checksum(record)
        (unfinished / RECORD).write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _ledger_lines(outcome: "Outcome") -> Iterator[str]:
    for entry in outcome.account.entries:
        yield json.dumps(ledger_row(entry)) + "\n"


def ledger_row(entry: Entry) -> dict[str, Any]:
    """A message's row in the ledger."""
    return asdict(entry) | {"bits": entry.bits, "wire_bytes": entry.wire_bytes}


def checksum(record: Mapping[str, Any]) -> str:
    """SHA-256 of all that record.json says, however it is spaced, but for this checksum itself."""
    said = {key: value for key, value in record.items() if key != CHECKSUM}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _circumstances(outcome: "Outcome") -> dict[str, Any]:
    """What was public, and with what, where and when it was played; no name of a machine."""
    return {
        "format": FORMAT,
        "public": plain(outcome.scenario.facts()),
        "input": asdict(PublicInput.of(outcome.instance)),
        "versions": {"wlra_dist": __version__, "python": platform.python_version()}
        | {package: _version(package) for package in PACKAGES},
        "platform": platform.platform(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _version(package: str) -> str | None:
    """The version that is installed; the package itself stays unloaded."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _evidence(outcome: "Outcome", directory: Path) -> dict[str, Any]:
    """What a replay and an audit are held to."""
    return {
        "certificate": plain(asdict(outcome.certificate)),
        "fingerprint": fingerprint(),
        "solution": digests(read_arrays(directory / SOLUTION)),
        "files": {path.name: sha256_of(path) for path in sorted(directory.iterdir())},
    }
