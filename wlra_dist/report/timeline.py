"""A game as a timeline for Chrome's trace viewer (chrome://tracing, Perfetto): a row a party, an arrow a message.

A ledger says who spoke after whom, not when. So the times are those of a network as `wlra-dist plan` has it: rounds
follow one another, and in a round messages follow one another on the coordinator's link.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from wlra_dist.studies.network import Interconnect

MICROSECONDS = 1e6  # a second

Row = Mapping[str, Any]
Event = dict[str, Any]


def timeline(rows: Sequence[Row], network: Interconnect) -> dict[str, Any]:
    """What the viewer reads, as JSON values."""
    parties = list(dict.fromkeys(name for row in rows for name in (row["receiver"], row["sender"])))
    line_of = {name: line for line, name in enumerate(parties)}
    names = [_event("M", 0.0, line, "thread_name", args={"name": name}) for name, line in line_of.items()]
    times = "those of a network with these links, not of the machines that played"
    return {
        "traceEvents": [*names, *_messages(rows, line_of, network)],
        "displayTimeUnit": "ms",
        "otherData": {"times": times, **network._asdict()},
    }


def _messages(rows: Sequence[Row], line_of: Mapping[str, int], network: Interconnect) -> Iterator[Event]:
    begun = 0.0
    by_round = sorted(rows, key=lambda row: (row["round"], row["step"]))
    for _, same in groupby(by_round, key=lambda row: row["round"]):
        for row in same:
            spent = row["wire_bytes"] / network.bandwidth + network.overhead
            yield from _message(row, begun, spent, network.latency, line_of)
            begun += spent
        begun += network.latency


def _message(row: Row, begun: float, spent: float, latency: float, line_of: Mapping[str, int]) -> Iterator[Event]:
    """The sender sends, an arrow, the receiver receives."""
    sender, receiver = line_of[row["sender"]], line_of[row["receiver"]]
    args = {"to": row["receiver"], "bits": row["bits"], "round": row["round"], **row["parts"]}
    yield _event("X", begun, sender, row["label"], dur=spent * MICROSECONDS, args=args)
    yield _event("s", begun, sender, "message", id=row["step"])
    yield _event("X", begun + latency, receiver, row["label"], dur=spent * MICROSECONDS, args={"from": row["sender"]})
    yield _event("f", begun + latency, receiver, "message", id=row["step"], bp="e")


def _event(kind: str, seconds: float, line: int, name: str, **more: Any) -> Event:
    return {"ph": kind, "ts": seconds * MICROSECONDS, "pid": 1, "tid": line, "name": name, "cat": "game", **more}
