"""Plans beside what 4 MPI ranks measure: on one machine, and over a slow link between two network namespaces.

    python -m benchmarks.games.ranks            on one machine, where ranks share memory and cores
    python -m benchmarks.games.ranks --linked   a token bucket (tc tbf) at each end, at three speeds: root, ip and tc

A job first measures its network as any user can: latency by a ping-pong, overhead by exchanges of short messages,
bandwidth by long ones. Then it sends the messages of every game's ledger in their order, over the wire that games have,
with the coordinator on a rank of its own, and the plan from that ledger and these three numbers is held against the
seconds until the last has arrived. Exit code 1 where a plan over the slow link is off by more than 30 %: on one machine
a message's seconds are those of cores that others want too, and are only printed.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.games.network import HUB, WITHIN, games
from tests.world.hosts import two_hosts
from wlra_dist.commands.doctor import mpiexec
from wlra_dist.game.located import Party
from wlra_dist.studies.network import Interconnect, rounds_of, seconds_of_star
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World

RANKS = 4
SPEEDS = (100_000, 300_000, 1_000_000)
"""Bytes a second."""

MEMORY = 100_000_000
"""Bytes a second that memory carries at least: it says how long a long message is."""

SHORT, PINGS, MANY, LONG, TIMES = 40, 20, 48, 0.3, 5
"""Bytes of a short message, round trips, servers that exchange, seconds of a long message,
and how often each is sent: others on the machine only delay."""


class Message(NamedTuple):
    """A row of a ledger, as far as a wire is concerned."""

    sender: str
    receiver: str
    nbytes: int


def seconds(world: World, messages: list[Message]) -> float:
    """Until the last of the messages has arrived (collective)."""
    names = sorted({name for message in messages for name in message[:2]} - {HUB})
    parties = {name: Party(name, i) for i, name in enumerate([HUB, *names])}
    wire = world.wire(lambda party: party.index and 1 + (party.index - 1) % (world.size - 1))
    begin = float(world.broadcast(repr(time.monotonic() + 0.1).encode() if world.rank == 0 else None))
    time.sleep(max(0.0, begin - time.monotonic()))
    for step, (sender, receiver, nbytes) in enumerate(messages):
        if wire.hosts(parties[sender]):
            wire.push(parties[sender], parties[receiver], step, bytes(nbytes))
        if wire.hosts(parties[receiver]):
            wire.pull(parties[sender], parties[receiver], step, nbytes)
    end = time.monotonic()  # of one machine: it is the same clock on every rank
    wire.finish()
    ends = world.gather(repr(end).encode())
    return float(world.broadcast(max(ends, key=float) if ends else None)) - begin


def interconnect(world: World, speed: float) -> Interconnect:
    """What the link is measured to be; each figure is of a difference, without what it takes to begin."""

    def growth(few: list[Message], many: list[Message]) -> float:
        return min(seconds(world, many) for _ in range(TIMES)) - min(seconds(world, few) for _ in range(TIMES))

    trip = [Message("a", HUB, SHORT), Message(HUB, "a", SHORT)]
    sides = [Message(f"server {i}", HUB, SHORT) for i in range(MANY)]
    exchange = sides + [Message(HUB, name, SHORT) for name, *_ in sides]
    long = Message("a", HUB, int(speed * LONG))
    bandwidth = 2 * long.nbytes / growth([long], 3 * [long])
    overhead = growth(exchange, 3 * exchange) / (4 * MANY)
    latency = growth(trip, (1 + PINGS) * trip) / (2 * PINGS)
    carried = SHORT / bandwidth
    return Interconnect(max(latency - overhead, 0.0), bandwidth, max(overhead - carried, 0.0))


def hold(ledgers: Path, speed: float, world: World, beat: Callable[[str], None]) -> int:
    """Rank 0 prints a line for each game; 1 if a plan is off by more than 30 % (collective)."""
    worst, network = 0.0, interconnect(world, speed)
    for name, m, rows in json.loads(ledgers.read_text(encoding="utf-8")):
        messages = [Message(row["sender"], row["receiver"], row["wire_bytes"]) for row in rows]
        seen = min(seconds(world, messages) for _ in range(2))
        planned = seconds_of_star(rounds_of(rows, HUB), m, network)
        beat(name)
        worst = max(worst, abs(planned / seen - 1))
        if world.rank == 0:
            line = f"{name:12} {m:4}: planned {planned:8.4f} s, measured {seen:8.4f} s"
            print(f"{line}, {planned / seen - 1:+.1%}", flush=True)
    if world.rank == 0:
        print(f"{network}\nthe plans are off by {worst:.1%} at most\n", flush=True)
    return int(worst > WITHIN)


def job(launch: Sequence[str], environment: Mapping[str, str], ledgers: Path, speed: float) -> int:
    """The exit code of so many ranks that hold plans to what they measure."""
    program = [sys.executable, "-m", "benchmarks.games.ranks", "--as-rank", str(ledgers), str(speed)]
    return subprocess.run([*launch, *program], env=environment, stdin=subprocess.DEVNULL, check=False).returncode


def main() -> int:
    match sys.argv[1:]:
        case ["--as-rank", ledgers, speed]:
            return guarded(partial(hold, Path(ledgers), float(speed)), stall_limit=600)
        case [] | ["--linked"]:
            with TemporaryDirectory() as place:
                return measured(Path(place), linked="--linked" in sys.argv)
    print(__doc__)
    return 2


def measured(place: Path, *, linked: bool) -> int:
    """Plays all games, then has their messages sent."""
    ledgers = place / "ledgers.json"
    ledgers.write_text(json.dumps(list(games())), encoding="utf-8")
    if not linked:
        job([str(mpiexec()), "-n", str(RANKS)], os.environ, ledgers, MEMORY)
        return 0
    worst = 0
    with two_hosts(place) as hosts:
        for speed in SPEEDS:
            print(f"{speed:,} bytes/s", flush=True)
            hosts.slow(speed)
            worst = max(worst, job(hosts.launch(RANKS), hosts.environment, ledgers, speed))
    return worst


if __name__ == "__main__":
    sys.exit(main())
