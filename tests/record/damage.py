"""Damage to a run and to the A that it was played on: by chance, by the careless, and by a forger of what is verified.

Who forges what nobody can compute from the run makes another run, and no damage: such edits are not made here.
"""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.record.lies import edited, fields
from tests.record.recorded_runs import figures, flip, forge, write_figures
from wlra_dist.game.frame import Frame, seal, split
from wlra_dist.inputs.canonical import canonical
from wlra_dist.linalg.digests import digests
from wlra_dist.record.files.arrays import read_arrays, write_arrays

VERIFIED = (
    "loss", "lower_bound_opt", "bits", "messages", "wire_bytes", "rounds", "digest", "bits_by_label", "bits_by_part",
)  # fmt: skip
"""Figures that a verifier computes again, so that no forger of all sums gets by."""


Edit = tuple[tuple[str, ...], ...]
"""Fields of a record that are changed."""


class Damage(NamedTuple):
    """What is done to copies of a run and of A."""

    what: str
    do: Callable[[Path, Path], object]


def damages(run: Path, rng: np.random.Generator) -> Iterator[Damage]:
    """One of each kind, again and again, each elsewhere."""
    record = figures(run)
    found = [field for field in fields(record) if field not in (("checksum",), ("format",))]
    sealed = [field for field in found if field[0] in ("public", "input", "certificate", "weights", "solution")]
    while True:
        seed = int(rng.integers(1 << 30))
        yield Damage("a bit of a frame", partial(_flipped, "transcript.bin", seed))
        yield Damage("a payload with right checksums, unsealed", partial(_another_payload, seed))
        claim = (found[rng.integers(len(found))],)
        yield Damage(f"{claim} by the hasty", partial(_hasty, claim))
        field = (sealed[rng.integers(len(sealed))],)
        yield Damage(f"{field} by the careful", partial(_careful, field))
        name = VERIFIED[rng.integers(len(VERIFIED))]
        yield Damage(f"{name} by a forger", partial(_forged, name))
        yield Damage("W by a forger", partial(_another_W, seed))
        yield Damage("an entry of A", partial(_another_A, seed))
        file = ("weights.npz", "ledger.jsonl", "solution.npz")[rng.integers(3)]
        yield Damage(f"a bit of {file}", partial(_flipped, file, seed))
        yield Damage("a row of the ledger by the careful", _another_ledger)


def copies(run: Path, A: Path, place: Path) -> tuple[Path, Path]:
    """Of both, in an empty place."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(run, place / "run")
    return place / "run", Path(shutil.copy(A, place / "A.npy"))


def _flipped(name: str, seed: int, run: Path, _: Path) -> None:
    bit = int(np.random.default_rng(seed).integers(8 * (run / name).stat().st_size))
    flip(run / name, bit // 8, 128 >> bit % 8)


def _hasty(edit: Edit, run: Path, _: Path) -> None:
    (run / "record.json").write_text(canonical(edited(figures(run), edit)), encoding="utf-8")


def _careful(edit: Edit, run: Path, _: Path) -> None:
    write_figures(run, edited(figures(run), edit))


def _forged(name: str, run: Path, _: Path) -> None:
    forge(run, partial(_greater, name))


def _greater(name: str, record: dict[str, Any]) -> None:
    value = record[name]
    if isinstance(value, str):
        record[name] = value[1:] + value[:1]
    elif isinstance(value, dict):
        record[name] = {key: bits + 1 for key, bits in value.items()}
    elif isinstance(value, float):
        record[name] = 1.001 * value + 1e-3
        record["certificate"][name] = record[name]
    else:
        record[name] = (value or 0) + 1


def _another_payload(seed: int, run: Path, _: Path) -> None:
    frames = [frame for frame, _ in split((run / "transcript.bin").read_bytes())]
    rng = np.random.default_rng(seed)
    number = int(rng.choice([frame.step for frame in frames if frame.bits]))
    step, bits, payload = frames[number]
    place = int(rng.integers(bits))
    damaged = bytearray(payload)
    damaged[place // 8] ^= 128 >> place % 8
    frames[number] = Frame(step, bits, bytes(damaged))
    (run / "transcript.bin").write_bytes(b"".join(map(seal, frames)))
    before = figures(run)["seal"]
    forge(run, dict)
    write_figures(run, figures(run) | {"seal": before})


def _another_W(seed: int, run: Path, _: Path) -> None:
    arrays, rng = read_arrays(run / "weights.npz"), np.random.default_rng(seed)
    name = sorted(arrays)[-1] if "W" not in arrays else "W"
    entries = arrays[name].reshape(-1)
    place = int(rng.choice(np.flatnonzero(entries))) if entries.any() else 0
    entries[place] = 2 * entries[place] + 1
    write_arrays({**arrays, name: entries.reshape(arrays[name].shape)}, run / "weights.npz")

    def restate(record: dict[str, Any]) -> None:
        stated = {key: value for key, value in record["weights"].items() if key != "digest"}
        record["weights"]["digest"] = sha256(canonical([stated, digests(arrays)]).encode()).hexdigest()

    forge(run, restate)


def _another_A(seed: int, _: Path, file: Path) -> None:
    A, rng = np.load(file), np.random.default_rng(seed)
    rows, columns = np.nonzero(A)
    place = int(rng.integers(len(rows)))
    A[rows[place], columns[place]] += 1 + abs(A[rows[place], columns[place]])
    np.save(file, A)


def _another_ledger(run: Path, _: Path) -> None:
    text = (run / "ledger.jsonl").read_text(encoding="utf-8")
    (run / "ledger.jsonl").write_text(text.replace('"numbers": ', '"numbers": 1', 1), encoding="utf-8")
    before = figures(run)["seal"]
    forge(run, dict)
    write_figures(run, figures(run) | {"seal": before})
