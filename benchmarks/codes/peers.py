"""What others would send on the standard set: a table for BITS.md.

    python -m benchmarks.codes.peers [--instances A,B,…]

Each server's block by itself, to the coordinator. "words": each entry on supp(W) in ⌈log2(nd)⌉ bits, as the theorems
count. "xz" and "zstd": entries on supp(W), column by column, as integers of as few bytes as hold them or floats as they
are held, by `xz -9e` and `zstd -19`. "SVD" and "FWSVD" (rows weighted by the root of their summed W²;
Hsu et al. 2022): two factors in float16 of the fewest columns within (1+ε)·LB, a dash where none are.
"""

import argparse
import lzma
import shutil
import subprocess
from collections.abc import Callable

import numpy as np

from wlra_dist.instances import alone
from wlra_dist.linalg.matrix import dense
from wlra_dist.playing.deal import deal
from wlra_dist.protocols.bounds import word_bits
from wlra_dist.scenario.check import check
from wlra_dist.studies.bits.standard import played, standard_games

Blocks = list[tuple[np.ndarray, np.ndarray]]
"""A and W of each server."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", default="")
    names = parser.parse_args().instances
    print("| instance | words | xz | zstd | SVD, f16 | FWSVD, f16 |\n|---|---:|---:|---:|---:|---:|")
    for name, draft in standard_games(names.split(",") if names else ()).items():
        facts = next(played(draft, ["raw"]))
        scenario = check(draft.with_protocol("raw", "benchmark"))
        instance = scenario.instance.open(alone)
        hands = deal(instance.shape[1], scenario.game)
        A = [dense(instance.columns(columns)) for columns in hands.columns]
        W = [own.dense(slice(None)) for own in hands.weights(instance.weights)]
        blocks = list(zip(A, W, strict=True))
        goal = (1 + facts["epsilon"]) * (facts["lower_bound_opt"] or 0.0)
        words = sum(int((W > 0).sum()) for _, W in blocks) * word_bits(*instance.shape)
        found = [words, *(squeezed(blocks, instance.integer, by) for by in (_xz, _zstd))]
        found += [fewest(blocks, goal, weighted) for weighted in (False, True)]
        print(f"| {name} | {' | '.join('–' if bits is None else f'{bits:,}' for bits in found)} |", flush=True)


def squeezed(blocks: Blocks, integer: bool, by: Callable[[bytes], int | None]) -> int | None:
    """Bits of all blocks' entries; None where the program is not here."""
    found = [by(_bytes(np.where(W > 0, A, 0).T[W.T > 0], integer)) for A, W in blocks]
    return 8 * sum(size for size in found if size is not None) if None not in found else None


def _bytes(entries: np.ndarray, integer: bool) -> bytes:
    if not integer:
        return entries.tobytes()
    largest = int(np.abs(entries).max(initial=0))
    return entries.astype(
        next(kind for kind in (np.int8, np.int16, np.int32) if largest <= np.iinfo(kind).max)
    ).tobytes()


def _xz(data: bytes) -> int:
    return len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME, check=lzma.CHECK_NONE))


def _zstd(data: bytes) -> int | None:
    if shutil.which("zstd") is None:
        return None
    words = ["zstd", "-19", "-c", "--no-check", "-q"]
    return len(subprocess.run(words, input=data, capture_output=True, check=True).stdout)


def fewest(blocks: Blocks, goal: float, weighted: bool) -> int | None:
    """Bits of factors with as few columns as meet the goal, the same number in each block; None if none do."""
    most = min(min(A.shape) for A, _ in blocks)
    factors = [_factors(A, W, weighted) for A, W in blocks]
    for c in range(1, most + 1):
        loss = sum(_loss(A, W, *own, c) for (A, W), own in zip(blocks, factors, strict=True))
        if loss <= goal:
            return sum(16 * c * sum(A.shape) for A, _ in blocks)
    return None


def _factors(A: np.ndarray, W: np.ndarray, weighted: bool) -> tuple[np.ndarray, np.ndarray]:
    """L and R with A = LR, the leading columns first."""
    A = np.where(W > 0, A, 0.0).astype(float)
    rows = np.sqrt(np.square(W).sum(axis=1)) if weighted else np.ones(len(A))
    rows = np.where(rows > 0, rows, 1.0)
    U, values, Vt = np.linalg.svd(rows[:, None] * A, full_matrices=False)
    return (U * np.sqrt(values)) / rows[:, None], np.sqrt(values)[:, None] * Vt


def _loss(A: np.ndarray, W: np.ndarray, L: np.ndarray, R: np.ndarray, c: int) -> float:
    half = L[:, :c].astype(np.float16).astype(float) @ R[:c].astype(np.float16).astype(float)
    return float(np.square(W * (np.where(W > 0, A, 0.0) - half)).sum())


if __name__ == "__main__":
    main()
