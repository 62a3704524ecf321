"""A ledger's messages sent again, between threads over sockets, through a link that is slow: a delaying proxy.

All messages share the coordinator's link, a token bucket: each waits until the link is free, takes its bytes over the
bandwidth of it, and arrives a latency later. Servers of a round are threads of their own, and nobody knows the plan.
"""

import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

from wlra_dist.studies.network import Interconnect

SLEEP = 50e-6
"""Seconds that are not worth sleeping."""


@dataclass
class SlowLink:
    """The coordinator's link."""

    network: Interconnect
    free: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def carry(self, end: socket.socket, nbytes: int) -> None:
        """Returns when the other end has been handed the bytes."""
        with self.lock:
            begun = max(self.free, time.monotonic())
            self.free = begun + nbytes / self.network.bandwidth + self.network.overhead
            due = self.free + self.network.latency
        if (rest := due - time.monotonic()) > SLEEP:
            time.sleep(rest)
        end.sendall(bytes(nbytes))


def measured(rows: Sequence[Mapping[str, Any]], hub: str, network: Interconnect) -> float:
    """Seconds until the last message of the ledger has arrived."""
    names = sorted({name for row in rows for name in (row["sender"], row["receiver"])} - {hub})
    link = SlowLink(network)
    with ExitStack() as stack:
        pairs = {name: tuple(map(stack.enter_context, socket.socketpair())) for name in names}
        begun = time.monotonic()
        for number in sorted({row["round"] for row in rows}):
            own = [row for row in rows if row["round"] == number]
            threads = [Thread(target=_speak, args=(link, pairs, row, hub)) for row in own]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return time.monotonic() - begun


def _speak(link: SlowLink, pairs: Mapping[str, Any], row: Mapping[str, Any], hub: str) -> None:
    """One message from its sender's socket to its receiver's, all of it read."""
    up = row["receiver"] == hub
    near, far = pairs[row["sender"] if up else row["receiver"]][:: 1 if up else -1]
    link.carry(near, row["wire_bytes"])
    left = row["wire_bytes"]
    while left:
        left -= len(far.recv(min(left, 65536)))
