"""Column subset selectors beside those that others wrote: what they leave, and what they cost.

    python benchmarks/column_selectors.py [quality] [dense] [wide] [tall] [sparse] [few] [--repeats 5]

quality: ‖B − CC⁺B‖² over the tail ‖B_{−K}‖² at c = K, 1.5K, 2K, and the columns that reach 1.1 of it.
dense:   9216×1024 float32, c = 40; a pass is Bᵀ @ G with G 9216×40 float32.
wide:    the same of 9216×2048. tall: of 67500×1024.
sparse:  100000×20000, 50 nonzeros a column, c = 40; a pass is Bᵀ @ G with G 100000×40 float64.
few:     20000×2000, 512 nonzeros a column.

Each timing is a process of its own, all in turns, on one BLAS thread; CPU seconds, so that what else the machine
does counts little. A residual is ‖B − CC⁺B‖² over the tail ‖B_{−c}‖², which no c columns can pass. Libraries that are
missing are named as such.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from wlra_dist.css import SELECTORS, Selector, Stop, select
from wlra_dist.css.rp_cholesky import RandomlyPivotedCholesky
from wlra_dist.css.swaps import Swaps
from wlra_dist.instances.synthetic import Synthetic
from wlra_dist.linalg.basis import orthonormal_basis, residual_energy
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.spectrum import tail_energy

COUNT = 40
"""c of the timings."""

SLOW = 3.0
"""CPU seconds from which a process is started once only."""

DECAY = 1.3
"""σ_i(A) ∝ i^{−1.3}: the tail at 1.5K is then half of that at K, as in trained layers."""

PARTS = ("quality", "dense", "wide", "tall", "sparse", "few")

SIDES = {"dense": (9216, 1024), "wide": (9216, 2048), "tall": (67_500, 1024)}

NAMED: dict[str, Selector] = {
    **{name: kind() for name, kind in SELECTORS.items()},
    "swaps osinsky": Swaps(starts=("osinsky",)),
    "rp_cholesky robust": RandomlyPivotedCholesky(robust=True),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=" ".join(PARTS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--as-process", nargs=2, metavar=("METHOD", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.as_process:
        method, file = options.as_process
        print(json.dumps(timed(method, read(file))))
        return 0
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"expected parts among {', '.join(PARTS)}, got {', '.join(sorted(unknown))}")
    for part in options.parts or PARTS:
        if part == "quality":
            print_quality()
        else:
            print_times(part, options.repeats)
    return 0


# blocks


def decaying(n: int, d: int) -> np.ndarray:
    """W∘A in float32: A with singular values i^{−1.3}, W of rank two and heavy tails, like a Fisher matrix."""
    return weighted(n, d, DECAY, lambda rng, side: rng.gamma(0.5, size=side))


def heavy(n: int, d: int) -> np.ndarray:
    """The same with singular values 1/i and lognormal weights (σ = 1.5), whose few long columns hold most energy."""
    return weighted(n, d, 1.0, lambda rng, side: rng.lognormal(0.0, 1.5, size=side))


def weighted(n: int, d: int, decay: float, weights: Callable[[np.random.Generator, int], np.ndarray]) -> np.ndarray:
    rng = np.random.default_rng(0)
    rank = min(n, d, 400)
    U, V = (np.linalg.qr(rng.standard_normal((side, rank)))[0] for side in (n, d))
    A = (U * np.arange(1, rank + 1) ** -decay) @ V.T
    W = sum(share * np.outer(weights(rng, n), weights(rng, d)) for share in (1.0, 0.3))
    return (W * A).astype(np.float32)


def sparse(n: int, d: int, s: int, noise: float) -> Matrix:
    """Integer columns with s nonzeros, under a mask of four blocks; K = rk = 40."""
    return Synthetic(n=n, d=d, k=10, r=4, s=s, integer=True, noise=noise, weights="mask").block(slice(0, d))


# quality


def print_quality() -> None:
    blocks: list[tuple[str, Matrix, int]] = [
        ("784×128, decaying", decaying(784, 128), 20),
        ("9216×1024, decaying", decaying(9216, 1024), 40),
        ("9216×1024, decaying, heavy weights", heavy(9216, 1024), 60),
        ("sparse 20000×2000, s = 64", sparse(20_000, 2000, 64, 0.01), 40),
        ("sparse 20000×2000, s = 512", sparse(20_000, 2000, 512, 0.01), 40),
    ]
    for name, B, K in blocks:
        tail = tail_energy(B, K)
        floors = [tail_energy(B, c) / tail for c in counts(K)]
        print(f"\n{name}, K = {K}: residual/tail at c = K, 1.5K, 2K; CPU seconds at 2K; columns for 1.1")
        print_row("best of any rank c", floors)
        for selector in NAMED:
            print_row(selector, *quality(NAMED[selector], B, K, tail))


def counts(K: int) -> tuple[int, int, int]:
    return K, 3 * K // 2, 2 * K


def quality(selector: Selector, B: Matrix, K: int, tail: float) -> tuple[list[float], float, int]:
    ratios, seconds = [], 0.0
    for c in counts(K):
        begun = process_time()
        columns = selector(B, Stop(c), np.random.default_rng(1)).columns
        seconds = process_time() - begun
        ratios.append(residual_energy(B, orthonormal_basis(B[:, columns])) / tail)
    needed = select(selector, B, Stop(residual=1.1 * tail), np.random.default_rng(1)).columns
    return ratios, seconds, len(needed)


def print_row(name: str, ratios: list[float], seconds: float | None = None, needed: int | None = None) -> None:
    figures = "".join(f"{ratio:9.4f}" for ratio in ratios)
    cost = "" if seconds is None else f"{seconds:9.3f} s"
    print(f"  {name:22}{figures}{cost}" + ("" if needed is None else f"{needed:7}"), flush=True)


# times


def print_times(part: str, repeats: int) -> None:
    """Every method's CPU seconds, in passes and beside scipy's pivoted QR, and its error beside that one's."""
    table = DENSE if part in SIDES else SPARSE
    methods = [method for method in table if not missing(method)]
    with tempfile.TemporaryDirectory() as home:
        file = write(Path(home), part)
        measured: dict[str, list[dict[str, Any]]] = {method: [] for method in methods}
        for turn in range(repeats):
            for method in methods:
                if turn == 0 or measured[method][0]["seconds"] < SLOW:
                    measured[method].append(measurement(method, file))
        B = read(str(file))
    seconds = {method: median(child["seconds"] for child in measured[method]) for method in methods}
    reference = "scipy pivoted QR" if part in SIDES else "gram_qr"
    tail = tail_energy(B, COUNT)
    print(
        f"\n{part}: {'×'.join(map(str, shape_of(B)))}, c = {COUNT}; a pass takes {1e3 * seconds['pass']:.1f} ms of CPU"
    )
    print(f"  {'':26}{'ms':>10}{'passes':>10}{'faster':>10}{'residual':>10}   (than {reference})")
    for method in table:
        if method not in methods:
            print(f"  {method:26}{'not installed':>20}")
        elif method != "pass":
            passes, faster = seconds[method] / seconds["pass"], seconds[reference] / seconds[method]
            left = residual(B, measured[method][0]["columns"]) / tail
            print(f"  {method:26}{1e3 * seconds[method]:10.1f}{passes:10.2f}{faster:9.1f}×{left:10.4f}", flush=True)


def missing(method: str) -> bool:
    return method.startswith("scikit-matter") and find_spec("skmatter") is None


def residual(B: Matrix, columns: list[int]) -> float:
    return residual_energy(B, orthonormal_basis(B[:, np.array(columns)]))


def write(home: Path, part: str) -> Path:
    if part in SIDES:
        np.save(home / "B.npy", decaying(*SIDES[part]))
        return home / "B.npy"
    from scipy.sparse import save_npz

    B = sparse(100_000, 20_000, 50, 0.1) if part == "sparse" else sparse(20_000, 2000, 512, 0.01)
    save_npz(home / "B.npz", B, compressed=False)
    return home / "B.npz"


def read(file: str) -> Matrix:
    if file.endswith(".npy"):
        return np.load(file)
    from scipy.sparse import csc_array, load_npz

    return csc_array(load_npz(file))


def measurement(method: str, file: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--as-process", method, str(file)]
    one_thread = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    job = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ | one_thread)
    return json.loads(job.stdout)


def timed(method: str, B: Matrix) -> dict[str, Any]:
    """CPU seconds of one call, the median of three if it is quick; a small block before, for what comes late."""
    run = (DENSE | SPARSE)[method]
    run(B[:, : 2 * COUNT])
    seconds: list[float] = []
    columns: list[int] = []
    while len(seconds) < 3 and sum(seconds) < SLOW / 3:
        begun = process_time()
        columns = run(B)
        seconds.append(process_time() - begun)
    return {"seconds": median(seconds), "columns": columns}


def ours(name: str) -> Callable[[Matrix], list[int]]:
    return lambda B: NAMED[name](B, Stop(COUNT), np.random.default_rng(1)).columns.tolist()


def checked(name: str) -> Callable[[Matrix], list[int]]:
    return lambda B: select(NAMED[name], B, Stop(COUNT), np.random.default_rng(1)).columns.tolist()


def one_pass(B: Matrix) -> list[int]:
    """Bᵀ @ G; the random numbers are made in the warm-up."""
    if "G" not in PASS:
        kind = B.dtype if isinstance(B, np.ndarray) else float
        PASS["G"] = np.random.default_rng(0).standard_normal((shape_of(B)[0], COUNT)).astype(kind)
    PASS["Y"] = B.T @ PASS["G"]
    return []


PASS: dict[str, Any] = {}


def scipy_pivoted_qr(B: Matrix) -> list[int]:
    from scipy.linalg import qr

    _, pivots = qr(B, pivoting=True, mode="r")  # pyright: ignore[reportAssignmentType]
    return pivots[:COUNT].tolist()


def scipy_interpolative(B: Matrix) -> list[int]:
    from scipy.linalg.interpolative import interp_decomp

    entries = B.astype(float) if isinstance(B, np.ndarray) else operator(B)
    return interp_decomp(entries, COUNT, rand=True, rng=np.random.default_rng(1))[0][:COUNT].tolist()


def operator(B: Any) -> Any:
    from scipy.sparse.linalg import aslinearoperator

    return aslinearoperator(B.astype(float))


def skmatter_cur(B: Matrix) -> list[int]:
    from skmatter.feature_selection import CUR  # pyright: ignore[reportMissingImports]

    return CUR(n_to_select=COUNT, recompute_every=1, k=1).fit(B).selected_idx_.tolist()


OURS = {name: ours(name) for name in NAMED} | {f"{name}, checked": checked(name) for name in ("auto", "gram_qr")}

DENSE: dict[str, Callable[[Matrix], list[int]]] = {
    "pass": one_pass,
    "scipy pivoted QR": scipy_pivoted_qr,
    "scipy interpolative": scipy_interpolative,
    "scikit-matter CUR": skmatter_cur,
    **OURS,
}

SPARSE = {"pass": one_pass, "scipy interpolative": scipy_interpolative} | {
    name: method
    for name, method in OURS.items()
    if name != "greedy"  # it needs all of BᵀB
}


if __name__ == "__main__":
    sys.exit(main())
