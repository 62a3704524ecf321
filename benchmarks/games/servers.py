"""What many servers cost: seconds and memory of every rank in a game whose parties have next to nothing to do.

    python benchmarks/games/servers.py [--servers 1000 10000 100000] [--ranks 1 4] [--profile]

Each server draws a number, says it, and is answered: two messages a server, from the deal to the settled account.
Seconds are of the processor, memory is what a rank's peak grew by. `slope` is that of the first rank's seconds on a
doubly logarithmic scale, from the number of servers before.
"""

import argparse
import cProfile
import json
import math
import pstats
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.integers import Count
from wlra_dist.game import Game, Parties, Party, PerParty
from wlra_dist.playing.settlement import Account, settle
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World, place

NUMBER = Count(255)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--profile", action="store_true", help="tell where each rank's seconds went")
    parser.add_argument("--as-rank", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.as_rank:
        return guarded(lambda world, beat: as_rank(options.as_rank, options.profile, world, beat), stall_limit=600)
    digests: dict[int, set[str]] = {}
    for ranks in options.ranks:
        before = None
        for servers in options.servers:
            figures = played(servers, ranks, profile=options.profile)
            digests.setdefault(servers, set()).add(figures["digest"])
            before = servers, figures["ranks"][0][0], print_row(servers, ranks, figures, before)
    same = all(len(found) == 1 for found in digests.values())
    print(f"the digests {'agree' if same else 'DIFFER'}")
    return 0 if same else 1


def play(game: Game, servers: Parties, coordinator: Party) -> None:
    """Numbers to the coordinator, each by a code of its own, and to every server what it said and one more."""
    drawn = game.each(servers, lambda coins, most: int(coins.integers(most)), game.private_coins(servers), 100)
    codes = PerParty(range(len(servers))).map(code)
    numbers = game.gather(drawn, coordinator, codes, "number")
    answers = game.scatter(game.at(coordinator, lambda own: [x + 1 for x in own], numbers), servers, NUMBER, "answer")
    game.each(servers, lambda x, answer: answer - x, drawn, answers)


def code(i: int) -> Codec[int]:
    """What server i says its number in."""
    return Count(99 + i % 2)


def as_rank(servers: int, profile: bool, world: World, beat: Callable[[str], None]) -> int:
    """Plays; rank 0 prints the digest, and of every rank the seconds and the bytes."""
    beat("start")
    profiler, bare, begun = cProfile.Profile(), peak(), process_time()
    if profile:
        profiler.enable()
    account = settled(servers, world)
    digest = account.digest if account else ""
    profiler.disable()
    figures = np.array([process_time() - begun, peak() - bare])
    every = world.gather(figures.tobytes())
    for rank in range(world.size if profile else 0):
        world.broadcast(b"" if world.rank == 0 else None)
        if rank == world.rank:
            print(f"rank {rank}", file=sys.stderr, flush=True)
            pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(12)
    if every is not None:
        print(json.dumps({"digest": digest, "ranks": [np.frombuffer(rank).tolist() for rank in every]}))
    return 0


def settled(servers: int, world: World) -> Account | None:
    game = Game(world.wire(place(servers, world.size)), seed=1)
    play(game, Parties("server", range(1, servers + 1)), Party("coordinator", 0))
    game.finish()
    return settle(world, game)


def peak() -> int:
    """The most bytes that this process has had."""
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index("VmHWM:") + 1]) * 1024


def played(servers: int, ranks: int, *, profile: bool) -> dict[str, Any]:
    """What rank 0 printed of a game on so many ranks."""
    launcher = ["mpiexec", "-n", str(ranks)] if ranks > 1 else []
    command = [*launcher, sys.executable, __file__, "--as-rank", str(servers), *(["--profile"] if profile else [])]
    return json.loads(subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout)


def print_row(servers: int, ranks: int, figures: dict[str, Any], before: Any) -> None:
    """A line for a game; `before`: the servers and the coordinator's seconds of the one before."""
    seconds, grown = zip(*figures["ranks"], strict=True)
    slope = "" if before is None else f"{math.log(seconds[0] / before[1]) / math.log(servers / before[0]):8.2f}"
    each = " ".join(f"{second:6.2f}" for second in seconds) + "  s   " + " ".join(f"{b / 1e6:5.0f}" for b in grown)
    print(f"{servers:>9,} servers, {ranks} ranks: {each} MB  slope{slope}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
