"""Records the golden transcripts of tests/vectors/: to be run whenever the format changes, and at no other time.

A vector is a small run without what anybody can compute again (solution, ledger, picture) and without what tells of the
machine. `factors.json` states what each decodes to, and
`integer_games.json` what games of integers say; tests/record/test_vectors.py holds all kernels to it.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.codes.vectors import listed
from tests.models.made import compressed, golden, sums
from tests.record.hear_vectors import PLAYED
from tests.record.recorded_runs import SCENARIOS, figures, forge, record
from wlra_dist.instances.digits import read_digits
from wlra_dist.playing.simply import play
from wlra_dist.record.replay import replay

VECTORS = Path(__file__).parents[1] / "tests" / "vectors"

KEPT = ("record.json", "transcript.bin", "weights.npz")

SERVERS = ["n=60", "d=32", "s=8", "k=2", "game.servers=3"]

GAMES: dict[str, tuple[str, list[str]]] = {
    "bits": ("lower_bound", ["s=16", "r=2", "k=2"]),
    "scattered": ("lower_bound", ["s=6", "r=2", "k=2", "inputs=scattered", "magnitude=9", "pad=3"]),
    "chain": ("lower_bound", ["s=16", "r=2", "k=3", "inputs=chain"]),
    "integers": ("servers", SERVERS),
    "layer": ("quickstart", ["hidden=16", "epochs=1", "game.servers=2"]),
    "images": ("two_party", ["images=60", "k=3"]),
    "pixels": ("mnist", ["hidden=64", "epochs=10", "k=4", "game.servers=2"]),
    **{
        protocol: ("servers", [*SERVERS, f"protocol.name={protocol}"])
        for protocol in ("raw", "local_budget", "svd_factors", "block_qrcp", "sketch_qrcp", "als", "distinct")
    },
}


def keep(name: str, scenario: str, settings: list[str]) -> str:
    """Plays a game and keeps what a receiver needs; its factors."""
    with tempfile.TemporaryDirectory() as place:
        data = [f"data={digits_as_idx(Path(place))}"] if scenario == "mnist" else []
        run = record(SCENARIOS / f"{scenario}.toml", [*settings, *data], Path(place) / "run")
        factors = replay(run).decoded.factors
        forge(run, nameless)
        shutil.rmtree(VECTORS / name, ignore_errors=True)
        (VECTORS / name).mkdir(parents=True)
        for file in KEPT:
            shutil.copy(run / file, VECTORS / name / file)
    print(f"{name:12} {figures(VECTORS / name)['bits']:7,} bits  {factors}")
    return factors


def digits_as_idx(folder: Path) -> Path:
    """The folder, with the digits in MNIST's format."""
    digits = read_digits()
    for part in ("train", "t10k"):
        for name, kind, array in (
            ("images", 3, digits["images"].reshape(-1, 8, 8)),
            ("labels", 1, digits["labels"]),
        ):
            head = bytes([0, 0, 8, kind]) + np.array(array.shape, dtype=">u4").tobytes()
            (folder / f"{part}-{name}-idx{kind}-ubyte").write_bytes(head + array.astype(np.uint8).tobytes())
    return folder


def nameless(facts: dict[str, Any]) -> None:
    """Without what tells of the machine."""
    facts.update(platform="", date="", versions={}, fingerprint={}, seconds={})
    if facts["public"]["instance"].get("data"):
        facts["public"]["instance"]["data"] = "images"


def keep_model() -> None:
    """Compresses a small model and keeps the file."""
    with tempfile.TemporaryDirectory() as place:
        compressed(golden(Path(place)), VECTORS / "model.wlra", loss=0.02)
    _write("model", sums(VECTORS / "model.wlra"))


def main() -> None:
    for run in VECTORS.glob("*/record.json"):
        shutil.rmtree(run.parent)
    keep_model()
    factors = {name: keep(name, *game) for name, game in GAMES.items()}
    _write("factors", factors)
    lines = ",\n".join(map(json.dumps, listed()))
    (VECTORS / "codes.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    _write("integer_games", {name: play(game, **settings).account.digest for name, (game, settings) in PLAYED.items()})


def _write(name: str, content: object) -> None:
    (VECTORS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
