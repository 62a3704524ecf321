"""The record of a run: one directory that says what was played, what was said and what came out.

record.json holds the summary, the public facts, the versions, and a checksum of each other file; ledger.jsonl
has a line for each message, transcript.bin its frames; solution.npz and picture.png are what they say.
"""

import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import file_digest
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wlra_dist import __version__
from wlra_dist.report.picture import draw
from wlra_dist.report.run_directory import appearing, check_replaceable
from wlra_dist.report.solution_file import read_solution as read_solution
from wlra_dist.report.solution_file import write_solution
from wlra_dist.report.summary import plain, summary

if TYPE_CHECKING:
    from wlra_dist.play import Outcome

RECORD, LEDGER, TRANSCRIPT = "record.json", "ledger.jsonl", "transcript.bin"
SOLUTION, PICTURE = "solution.npz", "picture.png"
FILES = (RECORD, LEDGER, TRANSCRIPT, SOLUTION, PICTURE)

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
        write_solution(outcome.solution, unfinished / SOLUTION)
        draw(facts, outcome.account.entries, unfinished / PICTURE)
        record = facts | _circumstances(outcome) | {"files": _checksums(unfinished)}
        (unfinished / RECORD).write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _ledger_lines(outcome: "Outcome") -> Iterator[str]:
    for entry in outcome.account.entries:
        row = asdict(entry) | {"bits": entry.bits, "wire_bytes": entry.wire_bytes}
        yield json.dumps(row) + "\n"


def _circumstances(outcome: "Outcome") -> dict[str, Any]:
    """What was public, and with what, where and when it was played; no name of a machine."""
    return {
        "public": plain(outcome.scenario.facts()),
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


def _checksums(directory: Path) -> dict[str, str]:
    """SHA-256 of each file there."""
    sums = {}
    for path in sorted(directory.iterdir()):
        with path.open("rb") as file:
            sums[path.name] = file_digest(file, "sha256").hexdigest()
    return sums
