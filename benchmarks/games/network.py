"""Plans beside what a slow link is measured to take: games of 4 … 64 servers, at three speeds.

    python -m benchmarks.games.network

A line for each protocol, speed and number of servers: seconds planned from the game's own ledger, planned from that of
4 servers, and measured by sending its messages through a delaying proxy (tests/studies/slow_link.py). Exit code 1 where
a plan from a game's own ledger is off by more than 30 %.
"""

import sys
from collections.abc import Iterator
from typing import Any

from tests.studies.slow_link import measured
from wlra_dist.playing.simply import play
from wlra_dist.record.write import ledger_row
from wlra_dist.studies.network import Interconnect, rounds_of, seconds_of_star

SPEEDS = {
    "slow": Interconnect(0.08, 2e5),
    "near": Interconnect(0.05, 1e6, 1e-3),
    "busy": Interconnect(0.03, 1e7, 3e-3),
}
PROTOCOLS, SERVERS, WITHIN = ("one_round", "bwz", "als"), (4, 8, 16, 32, 64), 0.3

DENSE = {"n": 200, "d": 256, "k": 4, "r": 2, "s": None, "integer": False, "noise": 0.05, "weights": "low_rank"}
"""An input of which even the shortest game sends some packets."""

HUB = "coordinator"


def games() -> Iterator[tuple[str, int, list[dict[str, Any]]]]:
    """Each protocol among each number of servers: its name, their number and the rows of its ledger."""
    for protocol in PROTOCOLS:
        for m in SERVERS:
            outcome = play("servers", protocol=protocol, servers=m, **DENSE)
            yield protocol, m, list(map(ledger_row, outcome.account.entries))


def main() -> int:
    worst, ledgers = 0.0, {(name, m): rows for name, m, rows in games()}
    for (protocol, m), rows in ledgers.items():
        for speed, network in SPEEDS.items():
            own = seconds_of_star(rounds_of(rows, HUB), m, network)
            few = seconds_of_star(rounds_of(ledgers[protocol, SERVERS[0]], HUB), m, network)
            seen = min(measured(rows, HUB, network) for _ in range(2))  # others on the machine only delay
            worst = max(worst, abs(own / seen - 1))
            print(f"{protocol:12} {speed:5} {m:4}: {own:8.3f} s, from 4 {few:8.3f} s, measured {seen:8.3f} s")
    print(f"the plans are off by {worst:.1%} at most")
    return int(worst > WITHIN)


if __name__ == "__main__":
    sys.exit(main())
