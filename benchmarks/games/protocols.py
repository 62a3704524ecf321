"""Many servers: bits of `cross`, of `auto` and of promises that are certain, and whether promises are kept.

    python benchmarks/games/protocols.py figures [SEEDS]  cross at m = 64 and 256 on 1000×256, K = 8, beside figures
                                                          that a prototype with ideal code lengths reached (4 seeds)
    python benchmarks/games/protocols.py large            2000×200, K = 12, m = 50
    python benchmarks/games/protocols.py images DIRECTORY  MNIST's first 1024 images, K = 10, m = 64
    python benchmarks/games/protocols.py kept [SEEDS]     broken promises by estimate, of so many seeds a line (100)
    python benchmarks/games/protocols.py proven [SEEDS]   the same with certificate = "rows" (100)
    python benchmarks/games/protocols.py auto             auto beside the best of the protocols that promise as much
    python benchmarks/games/protocols.py unseen           the same of lines that its rule was not fitted to
    python benchmarks/games/protocols.py certain [SEEDS]  certain promises at m = 64: bits, and if one is broken (4)
    python benchmarks/games/protocols.py broken [GAMES]   certain promises broken in small games of every kind (2000)

With --keep FILE each game is written down when it ends, and not played again. Exit code 1 where a figure is missed.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from wlra_dist.instances import Columns, Instance, Share, Synthetic
from wlra_dist.instances.files.idx import read_idx
from wlra_dist.playing.play import play
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.weights import BlockMask, LowRankWeights, Weights
from wlra_dist.world.world import Alone

N, D, K = 1000, 256, 8

FIGURES = {
    ("power", 0.1): {64: 150, 256: 161}, ("power", 0.5): {64: 104, 256: 128},
    ("sharp", 0.1): {64: 235, 256: 246}, ("sharp", 0.5): {64: 127, 256: 149},
    ("slow", 0.1): {64: 99, 256: 112}, ("slow", 0.5): {64: 44, 256: 56},
}  # fmt: skip
"""kbit by spectrum and ε, then by m."""

WITHIN, MOST_OVER = 1.1, 1.5
"""Of those figures, and of the best protocol; and what `auto` never takes more than of the best."""

CERTAIN = ("one_round", "local_budget", "rounded")
"""Protocols whose promise is certain, of those that `auto` knows."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Random singular vectors, and a spectrum of this kind, on each part of W by itself."""

    spectrum: str
    weights: str = "ones"
    n: int = N
    d: int = D
    K: int = K
    seed: int = 0

    def open(self, share: Share) -> Instance:  # noqa: ARG002  nothing is shared
        A, W, k, r = self._drawn()

        def block(columns: Columns) -> np.ndarray:
            return np.ascontiguousarray(A[:, columns])

        return Instance(A.shape, k, r, W, block)

    def _drawn(self) -> tuple[np.ndarray, Weights, int, int]:
        rng, n, d = np.random.default_rng(self.seed), self.n, self.d
        if self.weights == "mask":
            A = np.zeros((n, d))
            for g in range(4):
                rows, columns = slice(g * n // 4, (g + 1) * n // 4), slice(g * d // 4, (g + 1) * d // 4)
                A[rows, columns] = self._matrix(rng, n // 4, d // 4, self.K // 4)
            return A, BlockMask.wide(n, 4, d // 4, d), self.K // 4, 4
        if self.weights == "rank 2":
            U, V = rng.uniform(0.5, 1.5, (n, 2)), rng.uniform(0.5, 1.5, (2, d))
            return self._matrix(rng, n, d, self.K // 2), LowRankWeights(U, V), self.K // 2, 2
        return self._matrix(rng, n, d, self.K), LowRankWeights(np.ones((n, 1)), np.ones((1, d))), self.K, 1

    def _matrix(self, rng: np.random.Generator, n: int, d: int, K: int) -> np.ndarray:
        order = np.arange(1, min(n, d) + 1.0)
        flat = 0.05 / len(order)
        sigma = {
            "power": 1 / order,
            "slow": order**-0.5,
            "sharp": np.sqrt(np.where(order <= K, 0.95 / K, 0.0) + flat),
        }[self.spectrum]
        U, V = (np.linalg.qr(rng.standard_normal((size, len(order))))[0] for size in (n, d))
        return U * sigma @ V.T


@dataclass(frozen=True, eq=False)
class Given:
    """This matrix, of which rank 10 is asked, under W = 1."""

    A: np.ndarray = field(repr=False)
    name: str
    seed: int = 0

    def open(self, share: Share) -> Instance:  # noqa: ARG002  nothing is shared
        W = LowRankWeights(*(np.ones(shape) for shape in ((len(self.A), 1), (1, self.A.shape[1]))))
        return Instance(self.A.shape, 10, 1, W, lambda columns: np.ascontiguousarray(self.A[:, columns]))


IMAGES = 1024
"""Of MNIST."""

UNSEEN = (
    (Drawn("sharp", n=300, d=96, K=5), 6, 0.3, "certain"),
    (Drawn("slow", n=400, d=160, K=6), 32, 0.1, "certain"),
    (Drawn("power", "rank 2", n=240, d=200, K=6), 10, 0.4, "certain"),
    (Drawn("sharp", "mask", n=480, d=160, K=8), 20, 0.2, "certain"),
    (Drawn("slow", "mask", n=256, d=64, K=4), 2, 0.05, "certain"),
    (Drawn("power", n=600, d=80, K=10), 80, 0.5, "certain"),
    (Drawn("sharp", "rank 2", n=320, d=128, K=4), 3, 0.1, "certain"),
    (Drawn("slow", n=300, d=240, K=8), 48, 0.3, "estimate"),
    (Drawn("power", "mask", n=400, d=192, K=8), 64, 0.2, "estimate"),
    (Drawn("sharp", n=500, d=100, K=6), 25, 0.1, "estimate"),
)
"""Inputs, m, ε and what is promised: of no line that the rule of `auto` was fitted to."""


class Result(NamedTuple):
    """What is told of a game."""

    kbit: float
    ratio: float | None
    holds: bool | None
    plays: str


KEPT: dict[str, Result] = {}
"""Games that were played, by what they were; with --keep also those of earlier runs."""

FILE: list[Path] = []
"""Where they are kept, if they are."""


def played(instance: Drawn | Given | Synthetic, m: int, protocol: str, epsilon: float, **options: Any) -> Result:
    key = repr((instance, m, protocol, epsilon, sorted(options.items())))
    if key not in KEPT:
        KEPT[key] = _played(instance, m, protocol, epsilon, **options)
        for file in FILE:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps([key, KEPT[key]]) + "\n")
    return KEPT[key]


def _played(instance: Drawn | Given | Synthetic, m: int, protocol: str, epsilon: float, **options: Any) -> Result:
    asked = ProtocolOptions(protocol, epsilon=epsilon, bounds="quick", **options)
    rules = GameOptions(servers=m, seed=instance.seed)
    outcome = play(Scenario("", "", "", instance, rules, asked), Alone())  # pyright: ignore[reportArgumentType]
    assert outcome is not None
    kbit = sum(entry.bits for entry in outcome.account.entries) / 1000
    return Result(kbit, outcome.certificate.ratio, outcome.holds, outcome.plays)


def figures(seeds: int) -> Iterator[bool]:
    """The mean bits of each line beside its figure."""
    for (spectrum, epsilon), due in FIGURES.items():
        for m, figure in due.items():
            games = [played(Drawn(spectrum, seed=seed), m, "cross", epsilon) for seed in range(seeds)]
            mean, broken = np.mean([game.kbit for game in games]), sum(game.holds is False for game in games)
            line = f"{spectrum:6} ε = {epsilon} m = {m:3}: {mean:6.1f} kbit"
            print(f"{line}, {mean / figure:.3f} × {figure}; {broken} of {seeds} broken", flush=True)
            yield bool(mean <= WITHIN * figure)


def images(directory: Path) -> Iterator[bool]:
    """MNIST's first images, which nothing was fitted to."""
    pixels = read_idx(directory / "train-images-idx3-ubyte.gz", 3)[:IMAGES]
    game = played(Given(pixels.reshape(IMAGES, -1).T / 255.0, "MNIST"), 64, "cross", 0.2)
    print(f"MNIST 784×{IMAGES}, K = 10, ε = 0.2, m = 64: {game.kbit:.1f} kbit, ratio {game.ratio}")
    yield game.kbit <= 280 and bool(game.holds)


def large() -> Iterator[bool]:
    """A size that nothing was fitted to."""
    game = played(Drawn("power", n=2000, d=200, K=12), 50, "cross", 0.3)
    print(f"2000×200, K = 12, ε = 0.3, m = 50: {game.kbit:.1f} kbit, ratio {game.ratio}")
    yield game.kbit <= 250 and bool(game.holds)


def kept(seeds: int, certificate: str = "estimate", most: float = 0.1) -> Iterator[bool]:
    """How many promises are broken, line by line, and the mean bits."""
    for spectrum, epsilon in FIGURES:
        lines = [
            played(Drawn(spectrum, seed=seed), 64, "cross", epsilon, certificate=certificate) for seed in range(seeds)
        ]
        broken, mean = sum(game.holds is False for game in lines), np.mean([game.kbit for game in lines])
        print(f"{spectrum:6} ε = {epsilon}: {broken} of {seeds} promises broken; {mean:.1f} kbit", flush=True)
        yield broken <= most * seeds


def broken(games: int) -> Iterator[bool]:
    """Small games of every kind and of protocols whose promise is certain: none may be broken."""
    faults = 0
    for seed in range(games):
        rng = np.random.default_rng(seed)
        weights = ("ones", "mask", "low_rank")[rng.integers(3)]
        r, k = (1 if weights == "ones" else 2), int(rng.integers(1, 4))
        noise, integer = float(rng.choice([0.0, 0.01, 0.3])), bool(rng.integers(2))
        n, d = (int(2 * rng.integers(low, 16)) for low in (6, 4))
        s = int(rng.integers(2, n // 2 + 1)) if rng.integers(3) == 0 else None
        instance = Synthetic(n, d, k, r, s, integer, noise, weights, seed=seed)
        m, epsilon = int(rng.integers(1, d + 1)), float(rng.choice([0.01, 0.1, 0.5]))
        name = str(rng.choice(["auto", *CERTAIN]))
        game = played(instance, m, name, epsilon)
        faults += game.holds is False
        if game.holds is False:
            print(f"broken: {instance}, m = {m}, {name}, ε = {epsilon}: {game}", flush=True)
    print(f"{faults} of {games} certain promises broken")
    yield not faults


def auto() -> Iterator[bool]:
    """Of each line that the rule was fitted to, auto's bits over those of the best."""
    for weights in ("ones", "rank 2", "mask"):
        for promise, names in {"certain": CERTAIN, "estimate": ("cross",)}.items():
            for m in (1, 4, 16, 64):
                yield over_the_best(Drawn("power", weights, n=500, d=128), m, 0.2, promise, names) <= MOST_OVER


def unseen() -> Iterator[bool]:
    """The same of lines that the rule was not fitted to: nine of ten within 10 %, and none above 1.5."""
    ratios = [
        over_the_best(instance, m, epsilon, promise, CERTAIN if promise == "certain" else (*CERTAIN, "cross"))
        for instance, m, epsilon, promise in UNSEEN
    ]
    near = sum(ratio <= WITHIN for ratio in ratios)
    print(f"{near} of {len(ratios)} are within 10 %, the worst takes {max(ratios):.3f} × the best")
    yield near >= 0.9 * len(ratios)
    yield max(ratios) <= MOST_OVER


def over_the_best(instance: Drawn, m: int, epsilon: float, promise: str, names: Sequence[str]) -> float:
    """auto's bits over those of the best of these."""
    chosen = played(instance, m, "auto", epsilon, promise=promise)
    others = {name: played(instance, m, name, epsilon).kbit for name in names}
    best = min(others, key=lambda name: others[name])
    ratio = chosen.kbit / min(others[best], chosen.kbit)
    line = f"{instance.spectrum:6} {instance.weights:6} {instance.n}×{instance.d}, K = {instance.K}, ε = {epsilon}"
    print(f"{line}, {promise:8} m = {m:2}: {chosen.plays:12} {ratio:.3f} × the best, {best}", others, flush=True)
    return ratio


def certain(seeds: int) -> Iterator[bool]:
    """Bits of promises that are certain at m = 64; none may be broken."""
    for spectrum in ("power", "sharp", "slow"):
        games = [played(Drawn(spectrum, seed=seed), 64, "auto", 0.1) for seed in range(seeds)]
        worst = max(game.kbit for game in games)
        print(
            f"{spectrum:6}: {games[0].plays}, at most {worst:.0f} kbit; {sum(not game.holds for game in games)} broken"
        )
        yield worst <= 1500 and all(game.holds for game in games)


def main() -> int:
    command, *rest = [word for word in sys.argv[1:] if word != "--keep"] or [""]
    if "--keep" in sys.argv:
        FILE.append(Path(sys.argv[sys.argv.index("--keep") + 1]))
        rest.remove(str(FILE[0]))
        lines = FILE[0].read_text("utf-8").splitlines() if FILE[0].exists() else []
        KEPT.update({key: Result(*result) for key, result in map(json.loads, lines)})
    count = int(rest[0]) if rest and command != "images" else None
    found = {
        "figures": lambda: figures(count or 4),
        "large": large,
        "images": lambda: images(Path(rest[0])),
        "kept": lambda: kept(count or 100),
        "proven": lambda: kept(count or 100, "rows", 0.0),
        "auto": auto,
        "unseen": unseen,
        "certain": lambda: certain(count or 4),
        "broken": lambda: broken(count or 2000),
    }.get(command)
    if found is None:
        print(__doc__)
        return 2
    return 0 if all(list(found())) else 1


if __name__ == "__main__":
    sys.exit(main())
