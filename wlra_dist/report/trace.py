"""A game told message by message: who says what to whom, in how many bits, and what its parts are.

Messages of one round and one label stand under a headline in words. Where there are too many to read, each such group
shows its first ones, and a line says what the others took.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from wlra_dist.report.tables.run import PARTS

MOST = 200
"""Messages to read, if nobody asks for more."""

LABELS = {
    "A": "the entries of A where W is not 0",
    "B": "B = W∘A, rounded entry by entry, or finer digits of it",
    "C": "columns of A that all work with",
    "C, S B": "some rows of all columns, and all rows of some",
    "C, X": "columns of A, and how all others follow from them",
    "C_1": "the columns that all start from",
    "C_2": "the columns that all go on with",
    "C_i": "columns that a server offers",
    "G B": "a block under a fresh random matrix, to prove by",
    "L": "leading directions of a block",
    "LB": "what no rank-k matrix can beat on a block",
    "LB, U_i": "what no rank-k matrix can beat on a block, and a left factor of it",
    "LB, residuals": "what no rank-k matrix can beat on a block, and what its first columns leave",
    "LB, spectrum": "what no rank-k matrix can beat on a block, and its singular values",
    "S": "which of a server's columns were chosen",
    "S B": "a block under a random matrix of few rows",
    "U": "the left factor, which all share",
    "V": "the right factor: coefficients in what all share",
    "V_i, or what U rests on": "the right factor, or the sums from which the next left factor follows",
    "W": "the weights of a server's block, where they are not public",
    "X": "coefficients in the columns that all share",
    "cross": "the seed of what is drawn for the cross",
    "digests": "a digest of each row of a block, to find equal ones",
    "draws": "how many of its columns a server draws",
    "fit": "the output, which all share",
    "finer": "by how much finer a server rounds",
    "lengths": "how long the columns are that a server would offer next",
    "level": "how coarsely a server rounds",
    "levels": "how coarsely all servers round",
    "loss": "how much a server may lose",
    "more C_i": "columns that a server drew",
    "pivots": "how many of the offered columns are wanted",
    "probe": "columns to learn from how coarsely to round",
    "raw": "what a block would cost as it is",
    "residual": "how much of a block is left",
    "residual norms": "how much of each block is left",
    "residuals, YYᵀ": "how much of a block is left, and the Gram matrix of what is not",
    "rows? core?": "whether a server is to tell its rows and its table",
    "scale": "how large the entries of a block are",
    "sketch": "the seed of the matrix that all sketch with",
    "step": "by what step a server rounds",
    "what the others said": "the messages of the other servers, passed on",
    "whose columns are drawn": "the seed of coins that all share",
}
"""What is said under each label of the package's protocols."""

Row = Mapping[str, Any]
"""A message, as a row of ledger.jsonl."""


def trace(rows: Sequence[Row], most: int = MOST) -> str:
    """The messages as lines, about `most` of them, and what their parts are."""
    if not rows:
        return "nobody said anything"
    groups = [list(group) for _, group in groupby(rows, key=lambda row: (row["round"], row["label"]))]
    each, half = max(1, most // len(groups)), max(1, most // 2)
    skipped = range(half, len(groups) - half) if len(groups) > most else range(0)
    listed = [row for i, group in enumerate(groups) if i not in skipped for row in group[:each]]
    lines = [f"{'step':>6}  {'who → whom':<38}{'bits':>17}{'in all':>14}"]
    total = 0
    for i, group in enumerate(groups):
        if i not in skipped:
            lines += _group(group, total, each)
        total += _bits(group)
        if i + 1 == skipped.stop:
            lines += ["", f"     …  rounds like these; {total:,} bits in all so far"]
    return "\n".join([*lines, *_left_out(len(listed), len(rows)), *_legend(listed)])


def _group(group: Sequence[Row], total: int, each: int) -> Iterator[str]:
    """The messages of one label in one round, the first `each` of them; `total` bits were said before."""
    label = group[0]["label"]
    yield ""
    yield f"round {group[0]['round']}, {label}" + (f": {LABELS[label]}" if label in LABELS else "")
    for row in group[:each]:
        total += row["bits"]
        yield f"{row['step']:>6}  {_speakers(row):<38}{row['bits']:>12,} bits{total:>14,}"
        yield f"{'':6}  = {' + '.join(f'{part} {bits:,}' for part, bits in row['parts'].items())}"
    if rest := [row["bits"] for row in group[each:]]:
        yield f"     …  {len(rest):,} more of {min(rest):,} to {max(rest):,} bits; {total + sum(rest):,} in all so far"


def _left_out(listed: int, messages: int) -> Iterator[str]:
    if listed < messages:
        yield ""
        yield f"{listed:,} of {messages:,} messages are shown; `wlra-dist trace RUN --most N` shows more of a record"


def _speakers(row: Row) -> str:
    again = ", the same" if row["copy"] else ""
    return f"{row['sender']} → {row['receiver']}{again}"


def _legend(rows: Sequence[Row]) -> Iterator[str]:
    used = dict.fromkeys(part for row in rows for part in row["parts"])
    if known := [part for part in used if part in PARTS]:
        yield ""
        yield "where"
        yield from (f"  {part:<16}  {PARTS[part]}" for part in known)


def _bits(rows: Iterable[Row]) -> int:
    return sum(row["bits"] for row in rows)
