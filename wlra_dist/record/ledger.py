"""The rows of ledger.jsonl, read back and held against the frames of the transcript."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from wlra_dist.errors import VerificationError
from wlra_dist.game import Entry
from wlra_dist.game.frame import checksum, unseal
from wlra_dist.record.agreement import agree
from wlra_dist.record.listening import frames_of
from wlra_dist.record.read import Recorded, parse, read_run, typed
from wlra_dist.record.run_files import own_file
from wlra_dist.record.write import LEDGER, TRANSCRIPT, ledger_row

LONGEST_ROW = 1 << 20
"""Bytes of the ledger's."""


def messages_of(directory: Path, plugins: Iterable[Path | str] = ()) -> list[dict[str, Any]]:
    """The rows of a recorded run's ledger: steps, bits and checksums are those of its frames, all else is as it states.

    Raises:
        InputError: no such run, or a file or a plugin of it is missing.
        VerificationError: a file was changed, or ledger and transcript do not agree.
    """
    run = read_run(directory, plugins=plugins)
    frames = frames_of(run)
    rows = ledger_rows(run, len(frames))
    held_against(frames, rows)
    for entry, row in zip(typed(list[Entry], rows, LEDGER), rows, strict=True):
        agree(f"{LEDGER}, row {entry.step}", row, ledger_row(entry))
    return rows


def ledger_rows(run: Recorded, most: int) -> list[dict[str, Any]]:
    """The rows of the ledger; one more than `most` is enough to see that there are too many."""
    rows: list[dict[str, Any]] = []
    with own_file(run.directory, LEDGER).open("rb") as ledger:
        while len(rows) <= most and (line := ledger.readline(LONGEST_ROW)):
            if not line.endswith(b"\n"):
                raise VerificationError(f"{LEDGER}: row {len(rows)} does not end")
            rows.append(_row(len(rows), line))
    return rows


def _row(step: int, line: bytes) -> dict[str, Any]:
    try:
        row = parse(line.decode())
    except ValueError as error:
        raise VerificationError(f"{LEDGER}, row {step}: {error}") from error
    if not isinstance(row, dict):
        raise VerificationError(f"{LEDGER}, row {step} is no JSON object")
    return row


def held_against(frames: Sequence[bytes], rows: Sequence[dict[str, Any]]) -> str:
    """The ledger has a row for each frame, of its step, bits, bytes and checksum."""
    if len(rows) != len(frames):
        raise VerificationError(f"{LEDGER} has {len(rows)} rows, {TRANSCRIPT} {len(frames)} messages")
    for step, (sealed, row) in enumerate(zip(frames, rows, strict=True)):
        bits = unseal(sealed, step).bits
        seen = {"step": step, "bits": bits, "wire_bytes": len(sealed), "checksum": checksum(sealed)}
        agree(f"{LEDGER}, row {step}", {key: row[key] for key in seen if key in row}, seen)
    return f"{LEDGER} has its steps, bits, bytes and checksums"
