"""Hard inputs, played by all protocols that promise an accuracy.

    python benchmarks/games/hard_games.py decode [FIRST-LAST]   (0-19)
    python benchmarks/games/hard_games.py exact [INPUTS]        (100)
    python benchmarks/games/hard_games.py columns PICTURE.png

`decode` plays each family at the sizes of these seeds: is every output decoded, and what is said beside the bounds that
hold? `exact`: the smallest games, their exact cost, beside what one_way and raw say on all inputs, or on so many.
`columns`: columns of A in the output against 1/ε, on `shared_row`.

Exit code 1 where an output is not decoded, or where the games of a family say less than their bounds together: a bound
is of the mean over inputs, or of the worst of them, so one game may say less; by Kraft's inequality seldom much less.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from wlra_dist.instances import Instance, LowerBound, Matching, Share, SharedRow
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols import NO_PROMISE, PROTOCOLS, TWO_IN_THREE
from wlra_dist.protocols.bounds import exact_bits
from wlra_dist.protocols.bounds.exact import inputs_of_a_block
from wlra_dist.record.summary import summary
from wlra_dist.scenario.options import GameOptions, InstanceOptions, ProtocolOptions, Scenario
from wlra_dist.weights import BlockMask
from wlra_dist.world.world import Alone

SQUARES = [(2, 1), (3, 1), (3, 2), (4, 1), (4, 2)]
"""Sides of a block, and k."""

TALL = [100, 400, 1600]
"""t, the columns that share a row."""

INVERSES = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
"""1/ε."""


def played(instance: InstanceOptions, protocol: str, servers: int = 1, **asked: Any) -> Outcome:
    options = ProtocolOptions(protocol, **asked)
    outcome = play(Scenario("", "", "", instance, GameOptions(servers=servers), options), Alone())
    assert outcome is not None
    return outcome


def bits(outcome: Outcome) -> int:
    return sum(entry.bits for entry in outcome.account.entries)


@dataclass
class Tally:
    """Games of a family that have a bound: how many, what they took and had to take, and how many took less."""

    games: int = 0
    bits: int = 0
    least: float = 0.0
    below: int = 0
    lowest: float = 0.0

    def add(self, bits: int, least: float) -> None:
        self.games, self.bits, self.least = self.games + 1, self.bits + bits, self.least + least
        self.below, self.lowest = self.below + (bits < least), min(self.lowest, bits - least)

    @property
    def beaten(self) -> bool:
        return self.bits < self.least


def decode(seeds: range) -> bool:
    """Plays every family at the sizes of these seeds; whether all is decoded as promised, and no bound is beaten."""
    wrong = games = 0
    tallies: dict[str, Tally] = defaultdict(Tally)
    with TemporaryDirectory() as place:
        for number, (family, instance) in enumerate(drawn(seeds, Path(place) / "W.npy")):
            for protocol in PROTOCOLS:
                if protocol in NO_PROMISE | TWO_IN_THREE:
                    continue
                servers = 1 if protocol == "one_way" else 1 + number % 3
                output = "everyone" if number % 2 else "coordinator"
                outcome, games = played(instance, protocol, servers, output=output), games + 1
                facts = summary(outcome)
                if facts["least_bits"]:
                    tallies[f"{family}, {facts['held_against']}"].add(facts["bits"], facts["least_bits"])
                if not outcome.checks["decoded"] or outcome.holds is False:
                    wrong += 1
                    print(f"{protocol}, {servers} servers: {outcome.checks}, holds {outcome.holds}: {instance}")
    print(f"{games:,} games at sizes {seeds.start}-{seeds.stop - 1} of each family: {wrong:,} wrong")
    for name, tally in tallies.items():
        mean = f"{tally.bits / tally.games:,.1f} bits on average, bound {tally.least / tally.games:,.1f}"
        print(f"  {name}: {tally.games:,} games, {mean}; {tally.below:,} below it, the lowest by {-tally.lowest:.1f}")
    return not wrong and not any(tally.beaten for tally in tallies.values())


FAMILIES: dict[str, dict[str, Any]] = {
    "bits": {},
    "chain": {"inputs": "chain"},
    "scattered": {"inputs": "scattered", "magnitude": 3},
    "positive": {"weight": 1000},
    "scattered and positive": {"inputs": "scattered", "weight": 50},
}


def drawn(seeds: range, W: Path) -> Iterator[tuple[str, InstanceOptions]]:
    """Instances of all families; r ∤ d, s = n/r and k > d_l are among the sizes."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        s, r, k, pad = (int(rng.integers(1, most)) for most in (10, 6, 5, 4))
        n = r * pad * max(s, k)
        d = int(rng.integers(3, 2 * n + 3))
        for name, family in FAMILIES.items():
            yield name, LowerBound(s=s, r=r, k=k, pad=pad, d=d, seed=seed, **family)
        overlapping = BlockMask.even(n, max(d, k + 1), r).dense(slice(None)) + (rng.random((n, max(d, k + 1))) < 0.02)
        np.save(W, overlapping)
        if k < min(overlapping.shape):
            yield "matching", Matching(W=str(W), s=min(s, 2), k=k, seed=seed)


@dataclass(frozen=True)
class Given:
    """0/1 matrices of one shape in the blocks of the mask (r×height×width)."""

    blocks: np.ndarray
    k: int

    def open(self, share: Share) -> Instance:  # noqa: ARG002  tiny matrices
        r, height, width = self.blocks.shape
        A = np.zeros((r, height, r, width))
        A[np.arange(r), :, np.arange(r)] = self.blocks
        A = A.reshape(r * height, r * width)
        W = BlockMask.even(*A.shape, r)
        return Instance(A.shape, self.k, r, W, lambda run: A[:, run].copy(), integer=True, bound=1, sparsity=height)


def exact(most: int) -> bool:
    """A line for each size: N, the exact cost, and mean and most bits of two protocols."""
    print(f"{'block':>7}{'r':>3}{'k':>3}{'srk':>6}{'inputs':>12}{'exact':>7}{'one_way':>16}{'raw':>16}")
    for n, k in SQUARES:
        every = inputs_of_a_block(n, n, n, k)
        for r in (1, 2):
            inputs, least = exact_bits(n, n, n, r, k)
            line = f"{f'{n}×{n}':>7}{r:>3}{k:>3}{n * r * k:>6}{inputs:>12,}{least:>7}"
            numbers = np.random.default_rng(0).permutation(inputs)[:most] if inputs < 10**7 else spread(inputs, most)
            games = [Given(every[np.array(np.unravel_index(number, (len(every),) * r))], k) for number in numbers]
            for protocol in ("one_way", "raw"):
                counts = [bits(played(game, protocol)) for game in games]
                line += f"{f'{np.mean(counts):.1f}, {max(counts)}':>16}"
            print(line, flush=True)
    return True


def spread(below: int, most: int) -> np.ndarray:
    """So many different numbers below a large one."""
    return np.unique(np.random.default_rng(0).integers(0, below, most))


def columns(path: Path) -> bool:
    """Draws the columns that the theorem's own protocol takes, and the fewest that could do."""
    from wlra_dist.report.pictures.canvas import logarithmic, sheet

    with sheet(path, 900, 640) as figure:
        axes = figure.subplots()
        axes.plot(INVERSES, INVERSES, "k--", linewidth=1, label="1/ε")
        for number, t in enumerate(TALL):
            kind = SharedRow(t=t)
            fewest = [kind.columns_for(1 / inverse) for inverse in INVERSES]
            taken = [sum(_columns(kind, 1 / inverse)) for inverse in INVERSES]
            axes.plot(INVERSES, fewest, ":", color=f"C{number}", linewidth=1)
            axes.plot(INVERSES, taken, "o-", color=f"C{number}", fillstyle="none", label=f"t = {t:,}")
            print(f"t = {t}: 1/ε {INVERSES}, at least {fewest}, one_way {taken}", flush=True)
        for side in ("x", "y"):
            logarithmic(axes, side, min(INVERSES), max(INVERSES))
        axes.set(xlabel="1/ε", ylabel="columns of A in the output", xticks=INVERSES[::2], yticks=INVERSES[::2])
        axes.grid(color="gainsboro")
        axes.legend(title="one_way; dotted: the fewest that could do")
    return True


def _columns(kind: SharedRow, epsilon: float) -> list[int]:
    outcome = played(kind, "one_way", epsilon=epsilon, codec="paper", bounds="quick")
    assert outcome.holds
    return [shape_of(block.C)[1] for block in outcome.solution.blocks]


COMMANDS: dict[str, Callable[[str], bool]] = {
    "decode": lambda seeds: decode(span(seeds or "0-19")),
    "exact": lambda most: exact(int(most or 100)),
    "columns": lambda path: columns(Path(path)),
}


def span(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last) + 1)


def main() -> int:
    name, *rest = sys.argv[1:] or [""]
    if name not in COMMANDS:
        print(__doc__)
        return 2
    return 0 if COMMANDS[name]("".join(rest)) else 1


if __name__ == "__main__":
    sys.exit(main())
