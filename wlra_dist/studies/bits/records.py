"""The records on the standard set, as BITS.md has them: a line an instance, between two marks.

What stands outside the marks is left as it is. Of integers senders say the same on every machine, so that a record is
one to the bit; of reals that is so where the arithmetic is that of the machine which set it, elsewhere up to `ROOM`.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.inputs.canonical import canonical
from wlra_dist.world.fingerprint import fingerprint

FIRST, LAST = "<!-- records of set {version}, arithmetic {arithmetic} -->", "<!-- end of records -->"
_FIRST = re.compile(r"<!-- records of set (\d+), arithmetic ([0-9a-f]+) -->\n(.*?)" + re.escape(LAST), re.DOTALL)
_ROW = re.compile(r"\| (\w+) \| ([\d,]+) \| (\w+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")

HEAD = "| instance | bits | protocol | loss / LB | bits at least | held by |\n|---|---:|---|---:|---:|---|"

OURS = "wlra_dist"
"""Who holds what the package's own protocols say."""

ROOM = 0.02
"""By so much senders who round otherwise may say more of reals."""


class BitRecord(NamedTuple):
    """The fewest bits on an instance.

    Attributes:
        instance: its name.
        bits: that were said.
        protocol: its name.
        ratio: certified, of the loss to a lower bound on the best; "exact" for a loss of 0.
        least: a lower bound on the bits of any protocol, if one is proven.
        holder: whose protocol it is.
    """

    instance: str
    bits: int
    protocol: str
    ratio: str
    least: str
    holder: str

    @classmethod
    def of(cls, facts: Mapping[str, Any], holder: str) -> "BitRecord":
        """That of a game."""
        ratio = "exact" if facts["loss"] == 0 else "noise" if facts["ratio"] is None else f"{facts['ratio']:.4f}"
        least = "–" if facts["least_bits"] is None else f"{facts['least_bits']:,.0f}"
        return cls(facts["instance"], facts["bits"], facts["protocol"], ratio, least, holder)

    @property
    def row(self) -> str:
        """Its line in the table."""
        return f"| {self.instance} | {self.bits:,} | {self.protocol} | {self.ratio} | {self.least} | {self.holder} |"


class Records(NamedTuple):
    """Those of one file: of which set, with which arithmetic they were set, and by instance."""

    version: int
    arithmetic: str
    lines: dict[str, BitRecord]


@cache
def arithmetic() -> str:
    """A name of how this machine rounds; found once, as games load further libraries with a BLAS of their own."""
    return sha256(canonical(fingerprint()).encode()).hexdigest()[:16]


def standing(path: Path, version: int) -> dict[str, BitRecord]:
    """The records of a file by instance, none where it has no marks; InputError for those of another set."""
    return read_records(path, version).lines if path.exists() and _FIRST.search(_text(path)) else {}


def read_records(path: Path, version: int) -> Records:
    """The records of a file; InputError if it has none of this set."""
    found = _FIRST.search(_text(path))
    if not found or int(found[1]) != version:
        raise InputError(f"{path}: expected records of the standard set {version} between their marks, found none")
    rows = [BitRecord(name, int(bits.replace(",", "")), *rest) for name, bits, *rest in _ROW.findall(found[3])]
    return Records(version, found[2], {record.instance: record for record in rows})


def write_records(path: Path, version: int, records: Iterable[BitRecord]) -> None:
    """Puts the records into the file, in place of those between its marks, or at its end; creates it if need be."""
    rows = "\n".join(record.row for record in records)
    block = f"{FIRST.format(version=version, arithmetic=arithmetic())}\n{HEAD}\n{rows}\n{LAST}"
    text = _text(path) if path.exists() else ""
    text = _FIRST.sub(lambda _: block, text) if _FIRST.search(text) else f"{text}{block}\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WlraDistError(f"{path}: could not be written ({error.strerror})") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: expected a file with records, which cannot be read: {error}") from error


def costs(record: BitRecord, facts: Mapping[str, Any], *, alike: bool) -> str | None:
    """What is wrong with a game that was to equal the record; None where it does, or takes fewer bits."""
    if not facts.get("within"):
        return facts.get("why") or "its accuracy is not certified any more"
    room = 0 if alike or facts["integer"] else int(ROOM * record.bits)
    if facts["bits"] > record.bits + room:
        return f"it takes {facts['bits']:,} bits now, {facts['bits'] - record.bits:,} more"
    return None
