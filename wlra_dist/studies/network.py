"""What a played game would take on a network: seconds and bytes of its messages, for any number of such servers.

The model. Parties have a link each, of so many bytes a second; a message is `latency` on its way, and takes `overhead`
of whoever handles it. Rounds follow one another, and in a round all messages share the coordinator's link, which is the
bottleneck. Servers are late by exponentially distributed times, so that the last of m is late by H_m means (H_m =
1 + 1/2 + … + 1/m). A server says in each round what the servers of the ledger say on average: more servers are more of
the same. What parties compute is not in it.

On a blackboard what is the same for all is said once. In a tree of coordinators each hands on in one message what its
children say, level by level, and repeats what is for all: fewer messages at each, more bytes on the way.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Any, NamedTuple

FAN_OUTS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
"""Children of a coordinator in a tree, of which the best number is taken."""

MOST_SERVERS = 1 << 30  # where the search for a number of servers ends

USUAL = (50e-6, 1.25e9, 5e-6)
"""Latency, bandwidth and overhead of a usual network of 10 Gbit/s."""


class Interconnect(NamedTuple):
    """A network: seconds one way, bytes a second, seconds a message, mean seconds by which a server is late."""

    latency: float
    bandwidth: float
    overhead: float = 0.0
    late: float = 0.0


class Load(NamedTuple):
    """Bytes and messages, on average, of one server in one round."""

    nbytes: float = 0.0
    messages: float = 0.0


class Round(NamedTuple):
    """What a server has to do with the coordinator in a round: to it, from it for this server alone, and for all."""

    up: Load
    down: Load
    shared: Load


def rounds_of(rows: Iterable[Mapping[str, Any]], hub: str) -> list[Round]:
    """The rounds of a game, from the rows of its ledger."""
    rows = list(rows)
    servers = len({name for row in rows for name in (row["sender"], row["receiver"])} - {hub}) or 1
    repeated = {(row["round"], row["label"]) for row in rows if row["copy"]}
    kinds: dict[int, list[list[float]]] = {}
    for row in rows:
        to_hub, again = row["receiver"] == hub, (row["round"], row["label"]) in repeated
        load = kinds.setdefault(row["round"], [[0.0, 0.0] for _ in Round._fields])[0 if to_hub else 2 if again else 1]
        load[0] += row["wire_bytes"] / servers
        load[1] += 1 / servers
    return [Round(*(Load(*load) for load in kinds[number])) for number in sorted(kinds)]


def seconds_of_star(rounds: Sequence[Round], m: int, network: Interconnect) -> float:
    """Message passing: every message between a server and the coordinator."""
    return sum(_star(each, m, network, m) for each in rounds)


def seconds_of_board(rounds: Sequence[Round], m: int, network: Interconnect) -> float:
    """The same where what is for all is said once, and heard by all."""
    return sum(_star(each, m, network, 1) for each in rounds)


def seconds_of_tree(rounds: Sequence[Round], m: int, network: Interconnect) -> tuple[float, int]:
    """In a tree of coordinators with the best number of children each; and that number."""
    return min((sum(_tree(each, m, network, fan) for each in rounds), fan) for fan in FAN_OUTS)


def bytes_of_star(rounds: Sequence[Round], m: int) -> float:
    """On the coordinator's link."""
    return m * sum(load.nbytes for each in rounds for load in each)


def tree_pays_from(rounds: Sequence[Round], network: Interconnect) -> int | None:
    """The fewest servers with which a tree takes less time than message passing; None below 2³⁰."""

    def pays(m: int) -> bool:
        return seconds_of_tree(rounds, m, network)[0] < seconds_of_star(rounds, m, network)

    high = 2
    while not pays(high):
        high *= 2
        if high > MOST_SERVERS:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if pays(middle) else (middle, high)
    return high


def _star(each: Round, m: int, network: Interconnect, copies: int) -> float:
    up, down, shared = each
    carried = m * (up.nbytes + down.nbytes) + copies * shared.nbytes
    handled = m * (up.messages + down.messages) + copies * shared.messages
    return network.latency + carried / network.bandwidth + handled * network.overhead + _late(up, m, network)


def _tree(each: Round, m: int, network: Interconnect, fan: int) -> float:
    """Level by level: on level l a coordinator has the words of fan^l servers on its link."""
    up, down, shared = each
    levels = max(1, -(-log(m) // log(fan))) if m > 1 else 1
    below = [min(m, fan**level) for level in range(1, int(levels) + 1)]
    children = min(m, fan)
    seconds = _late(up, m, network)
    for load in (up, down):
        if load.messages:
            seconds += sum(
                network.latency + b * load.nbytes / network.bandwidth + children * network.overhead for b in below
            )
    if shared.messages:
        each_child = shared.nbytes / network.bandwidth + shared.messages * network.overhead
        seconds += len(below) * (network.latency + children * each_child)
    return seconds


def _late(up: Load, m: int, network: Interconnect) -> float:
    """Until the last of m servers speaks: H_m means."""
    if not (network.late and up.messages):
        return 0.0
    return network.late * (log(m) + 0.5772156649 + 1 / (2 * m))
