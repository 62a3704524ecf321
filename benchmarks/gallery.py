"""The pictures of docs/gallery.md, and README's: each of a scenario that comes with the package, in about a minute.

python -m benchmarks.gallery docs
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from wlra_dist.commands.main import main as wlra_dist
from wlra_dist.instances import alone
from wlra_dist.scenario.toml import find, load
from wlra_dist.weights.weighing import dense

GAMES = {"quickstart": "quickstart", "servers": "gallery-servers"}
"""Scenarios of one game, and the names of their pictures."""


def draw(docs: Path, place: Path) -> None:
    """Plays all in `place`, and puts the pictures into `docs`."""
    for scenario, name in GAMES.items():
        _play("run", scenario, "--out", str(place / scenario))
        (place / scenario / "picture.png").rename(docs / f"{name}.png")
    _play("run", "rank_sweep", "--set", "sweep.r=[1, 2, 4, 8, 16]", "--out", str(place / "ranks"))
    (place / "ranks" / "by_r.png").rename(docs / "gallery-sweep.png")
    _play("compare", "comparison", "--out", str(place / "games"))
    (place / "games" / "comparison.png").rename(docs / "gallery-comparison.png")
    _optimum(docs / "gallery-optimum.png", place)
    _play("run", "servers", "--set", "protocol=als", "--servers", "8", "--out", str(place / "als"))
    _play("plan", str(place / "als"), "--servers", "4..1e5", "--picture", str(docs / "gallery-plan.png"))


def _optimum(picture: Path, place: Path) -> None:
    """Of a layer's first columns."""
    instance = load(find("quickstart"), ["hidden=16"]).instance.open(alone)
    columns = np.arange(16)
    np.save(place / "A.npy", dense(instance.columns(columns)))
    np.save(place / "W.npy", instance.weights.dense(columns))
    _play(
        "optimum", str(place / "A.npy"), str(place / "W.npy"), "-k", "2", "--seconds", "10", "--picture", str(picture)
    )


def _play(*words: str) -> None:
    print(json.dumps(words), flush=True)
    if wlra_dist(list(words)):
        raise SystemExit(f"wlra-dist {' '.join(words)} failed")


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        draw(Path(sys.argv[1]), Path(place))
