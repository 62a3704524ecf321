"""What the game itself costs: its share of a run with many servers, its start, its waiting.

    python benchmarks/games/game.py [--servers 1000]

Seconds by phase are CPU seconds, summed over the ranks: where ranks outnumber cores, a rank's wall seconds
are also those of the others, and a receiver that waits for a frame would book the sender's work as decoding.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from wlra_dist.game import stopwatch
from wlra_dist.instances.synthetic import Synthetic
from wlra_dist.playing.play import Outcome, play
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World

RANKS = 4
ROWS, COLUMNS = 500, 100
"""The size of a server's block."""

WORK = ("load", "weighted_block", "goal", "choose", "fit")
"""The phases that any program would have: loading, column selection, least squares."""

TINY = """
[instance]
kind = "synthetic"
n = 64
d = 64
k = 2
r = 2
[game]
servers = 8
"""

ADDITIONS = 100_000_000
"""A second or two of work for one core."""

Beat = Callable[[str], None]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--servers", type=int, default=1000)
    parser.add_argument("--as-rank", choices=["play", "wait"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    match options.as_rank:
        case "play":
            return guarded(partial(play_and_tell, options.servers), stall_limit=600)
        case "wait":
            return guarded(work_while_others_wait, stall_limit=600)
    print_start()
    print_waiting()
    return print_shares(options.servers)


# the game's own share


def play_and_tell(servers: int, world: World, beat: Beat) -> int:
    """Plays; rank 0 prints the digest, and CPU seconds: of each phase that is work, and of all else."""
    stopwatch.perf_counter = process_time
    instance = Synthetic(n=ROWS, d=COLUMNS * servers, k=4, r=2, noise=0.05)
    plain = ProtocolOptions(codec="paper", bounds="quick")  # the least work that a server can have
    scenario = Scenario("game", "", "synthetic", instance, GameOptions(servers), plain)
    wall_begun, begun = perf_counter(), process_time()
    outcome = play(scenario, world, beat)
    if outcome:
        digest = outcome.account.digest
        wall = perf_counter() - wall_begun
        work, own = split(outcome, process_time() - begun)
        print(json.dumps({"digest": digest, "work": work, "own": own, "wall": wall}))
    return 0


def split(outcome: Outcome, here: float) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds by phase, those of the work and those of the game itself; `here`: all that rank 0 spent."""
    phases: dict[str, float] = defaultdict(float)
    for rank in outcome.account.seconds:
        for phase, seconds in rank.items():
            phases[phase] += seconds
    whole = phases.pop("play") + phases["load"]
    del phases["open"]
    elsewhere = whole - sum(phases.values())
    work = {phase: phases.pop(phase) for phase in WORK}
    first = outcome.account.seconds[0]
    settling = here - first["open"] - first["load"] - first["play"] - outcome.seconds["referee"]
    return work, {**phases, "elsewhere": elsewhere, "settle, digest (rank 0)": settling}


def print_shares(servers: int) -> int:
    """One process and several ranks beside each other; 1 if they did not play the same game."""
    played = [measured(ranks, "play", servers) for ranks in (1, RANKS)]
    print(f"\n{servers} servers with {ROWS}×{COLUMNS} each, in one process and on {RANKS} ranks; CPU seconds")
    for kind in ("work", "own"):
        for phase in played[0][kind]:
            print_row(f"{kind:6}{phase}", [f"{figures[kind].get(phase, 0.0):.3f}" for figures in played])
    print_row("the game's own share", [f"{share(figures['own'], figures['work']):.1%}" for figures in played])
    print_row(
        "the same, loading aside",
        [f"{share(figures['own'], figures['work'] | {'load': 0.0}):.1%}" for figures in played],
    )
    print_row("wall seconds, with loading and referee", [f"{figures['wall']:.1f}" for figures in played])
    print_row("digest", [figures["digest"][:8] for figures in played])
    same = len({figures["digest"] for figures in played}) == 1
    print(f"  the digests {'agree' if same else 'DIFFER'}")
    return 0 if same else 1


def print_row(name: str, figures: list[str]) -> None:
    print(f"  {name:40}" + "".join(f"{figure:>12}" for figure in figures))


def share(own: dict[str, float], work: dict[str, float]) -> float:
    return sum(own.values()) / (sum(own.values()) + sum(work.values()))


# starting and waiting


def print_start(repeats: int = 7) -> None:
    """What importing costs, and the wall time of a game that is over at once."""
    modules = ("numpy", "wlra_dist", "wlra_dist.playing.play")
    seconds: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(repeats):
        for module in modules:  # in turns: what else the machine does then falls on all alike
            seconds[module].append(duration([sys.executable, "-c", f"import numpy, {module}"]))
    base, *more = (median(seconds[module]) for module in modules)
    print(f"import numpy: {base:.2f} s;", end=" ")
    print(f"with wlra_dist {more[0] - base:+.2f} s, with all that plays {more[1] - base:+.2f} s")
    with tempfile.TemporaryDirectory() as home:
        tiny = Path(home, "tiny.toml")
        tiny.write_text(TINY)
        command = [*mpiexec(8), sys.executable, "-m", "wlra_dist", "run", str(tiny), "--json"]
        print(f"a tiny scenario on 8 ranks: {median(duration(command) for _ in range(3)):.2f} s of wall time")


def print_waiting(repeats: int = 3) -> None:
    """How much slower one rank works while others wait for it; with more ranks than cores, that is."""
    turns = [(measured(1, "wait"), measured(8, "wait")) for _ in range(repeats)]
    alone, crowd = (median(turn[i]["worked"] for turn in turns) for i in (0, 1))
    slower = crowd / alone - 1
    print(f"a rank works {alone:.2f} s alone, {crowd:.2f} s while 7 others wait for it: {slower:+.0%}")


def work_while_others_wait(world: World, beat: Beat) -> int:
    """Rank 0 works for a while and prints how long; the others hear of it when it is done."""
    beat("start")
    if world.rank == 0:
        begun = perf_counter()
        sum(range(ADDITIONS))
        print(json.dumps({"worked": perf_counter() - begun}))
    world.broadcast(b"done" if world.rank == 0 else None)
    return 0


# children


def measured(ranks: int, part: str, servers: int = 0) -> dict[str, Any]:
    """What rank 0 printed when this script played that part; a single rank needs no mpiexec."""
    launcher = mpiexec(ranks) if ranks > 1 else []
    command = [*launcher, sys.executable, __file__, "--as-rank", part, "--servers", str(servers)]
    job = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    return json.loads(job.stdout)


def duration(command: list[str]) -> float:
    begun = perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - begun


def mpiexec(ranks: int) -> list[str]:
    """The mpiexec of this python's environment, or the one on PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    launcher = shutil.which("mpiexec", path=path)
    if launcher is None:
        sys.exit("expected mpiexec beside python or on PATH; try pip install 'wlra-dist[mpich]'")
    return [launcher, "-n", str(ranks)]


if __name__ == "__main__":
    sys.exit(main())
