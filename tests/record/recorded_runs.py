"""Small recorded runs for tests, and the forger who changes one and its checksums too."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.errors import WlraDistError
from wlra_dist.instances.kept_weights import sha256_of
from wlra_dist.linalg.digests import digests
from wlra_dist.playing.play import play
from wlra_dist.record.files.arrays import read_arrays, write_arrays
from wlra_dist.record.write import CHECKSUM, FILES, RECORD, SEAL, checksum, seal, write_record
from wlra_dist.report.pictures.run import draw
from wlra_dist.scenario.toml import load
from wlra_dist.world.world import Alone

SCENARIOS = Path(__file__).parents[2] / "scenarios"

SMALL = {
    "lower_bound": ["s=8", "r=2", "k=2"],
    "two_party": ["images=60", "k=3"],
    "servers": ["n=60", "d=32", "s=8", "k=2", "game.servers=5"],
    "raw": ["n=60", "d=32", "s=8", "k=2", "game.servers=3", "protocol.name=raw"],
    "quickstart": ["hidden=16", "epochs=1", "game.servers=2"],
    "files": ["bounds=quick"],
}
"""One-way, one round and raw; masks, weights of low rank, dense ones and those of a file."""

FILES_OF_THE_USER = ("A.safetensors", "W.npy")


def record_small(name: str, place: Path) -> Path:
    """Plays a small scenario; its record, and copies of the user's files if it has any, are in `place`."""
    changes = list(SMALL[name])
    if name == "files":
        put_users_files(place)
        changes += [f"{file[0]}={place / file}" for file in FILES_OF_THE_USER]
    return record(SCENARIOS / f"{'servers' if name == 'raw' else name}.toml", changes, place / "run")


def put_users_files(place: Path) -> None:
    for file in FILES_OF_THE_USER:
        shutil.copy(SCENARIOS / "files" / file, place / file)


def record(
    scenario: Path,
    changes: list[str],
    run: Path,
    draw: Callable[..., None] = draw,
    *,
    keep_multipliers: bool = False,
) -> Path:
    """Plays a scenario in this process and keeps it."""
    outcome = play(load(scenario, changes), Alone(), keep_multipliers=keep_multipliers)
    assert outcome is not None
    write_record(outcome, run, draw)
    return run


def undrawn(*drawn: Any) -> None:
    """In place of `draw`, where nobody looks at the picture."""
    drawn[-1].write_bytes(b"no picture")


def figures(run: Path) -> dict[str, Any]:
    return json.loads((run / RECORD).read_text(encoding="utf-8"))


def forge(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Changes record.json as `change` does, and then all checksums that are in it, and the seal."""
    record = figures(run)
    change(record)
    there = [run / name for name in FILES if name != RECORD and (run / name).exists()]
    record["files"] |= {path.name: sha256_of(path) for path in there}
    record["sizes"] |= {path.name: path.stat().st_size for path in there}
    write_figures(run, record | {SEAL: seal(record)})


def write_figures(run: Path, record: Mapping[str, Any]) -> None:
    """Writes record.json with its checksum; the seal stays what it was."""
    (run / RECORD).write_text(json.dumps({**record, CHECKSUM: checksum(record)}), encoding="utf-8")


def reseal(run: Path) -> None:
    """Makes all checksums right again."""
    forge(run, dict)


def forge_arrays(run: Path, name: str, change: Callable[[dict[str, np.ndarray]], object]) -> None:
    """Changes the arrays of an .npz, their digests and all checksums."""
    arrays = read_arrays(run / name)
    change(arrays)
    write_arrays(arrays, run / name)
    sums = digests(arrays)
    forge(run, lambda record: record.update(solution=sums) if name == "solution.npz" else None)


def flip(file: Path, place: int, mask: int = 1) -> None:
    """Changes one byte."""
    data = bytearray(file.read_bytes())
    data[place] ^= mask
    file.write_bytes(data)


def refusal(work: Callable[[], object]) -> WlraDistError | None:
    """The error that the work ends in, one sentence long; None if it ends well. Any other error is raised."""
    try:
        work()
    except WlraDistError as error:
        caught = error
    else:
        return None
    assert "\n" not in str(caught)
    return caught
