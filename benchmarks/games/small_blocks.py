"""What a small block costs its server: CPU milliseconds by phase, of real numbers in their shortest form.

    python -m benchmarks.games.small_blocks [--servers 30] [--rows 64] [--columns 8]

Ten thousand such servers in one process take ten thousand times that; `referee` and opening are no part of it.
"""

import argparse
from time import process_time

from wlra_dist.game import stopwatch
from wlra_dist.instances.synthetic import Synthetic
from wlra_dist.playing.play import play
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.world.world import Alone

KINDS = {"k = 2, r = 2": (2, 2, 0.05), "k = 2, r = 1, noisy": (2, 1, 0.3), "k = 1, r = 2, fine": (1, 2, 0.01)}
"""k, r and noise."""

PHASES = "goal", "choose", "fit", "encode", "decode"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (("servers", 30), ("rows", 64), ("columns", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    stopwatch.perf_counter = process_time
    print(f"{'':24}" + "".join(f"{title:>10}" for title in (*PHASES, "bits")))
    for name, (k, r, noise) in KINDS.items():
        instance = Synthetic(n=options.rows, d=options.columns * options.servers, k=k, r=r, noise=noise)
        game = Scenario("small", "", "synthetic", instance, GameOptions(options.servers), ProtocolOptions())
        outcome = play(game, Alone())
        assert outcome is not None, "there is one process"
        account = outcome.account
        cells = [1e3 * account.seconds[0].get(phase, 0.0) / options.servers for phase in PHASES]
        bits = sum(entry.bits for entry in account.entries) / options.servers
        print(f"{name:24}" + "".join(f"{cell:10.2f}" for cell in cells) + f"{bits:10.1f}", flush=True)


if __name__ == "__main__":
    main()
