"""The trellis beside ISO/IEC 15938-17 (NNC) at equal error: bits of the reference software, over ours.

    pip download nncodec==2.1.3 --no-deps && tar xf nncodec-2.1.3.tar.gz && cd nncodec-2.1.3
    python setup.py build_ext --build-lib BUILD          # with setuptools and pybind11; torch is not needed
    python -m benchmarks.trellis.nnc BUILD/nncodec/extensions/deepCABAC*.so [--rates .5 1 2 3 4] [--seeds 3]

NNC quantises by its own trellis of 8 states (`dq_flag`), with its rate-distortion optimisation at some strengths, and
codes with DeepCABAC and its search for the contexts' parameters. A line a source and a machine of ours: at each rate of
ours, what NNC takes at the same mean squared error; above 1 it is longer. Both go along their lower convex hulls, and
all that either says beside is counted.
"""

import argparse
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import numpy as np

from benchmarks.trellis.distortion import Point, hull, measured, sources

DENSITY = 2
"""Binary digits of a step's exponent."""

UNARY = 10
"""Flags before a remainder is coded, less one: the reference software's own choice."""

STRENGTHS = 0.0, 0.3, 1.0, 2.0
"""Of the rate-distortion optimisation."""


def library(path: str) -> Any:
    """The compiled module deepCABAC, without the package around it, which would want torch."""
    spec = spec_from_file_location("deepCABAC", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def points(cabac: Any, x: np.ndarray) -> Iterator[Point]:
    """(mean squared error, bits an entry) of NNC at several steps and strengths."""
    for qp in range(-16, 6):
        for strength in STRENGTHS:
            yield point(cabac, x.astype(np.float32), qp, strength)


def point(cabac: Any, x: np.ndarray, qp: int, strength: float) -> Point:
    index, restored, skipped = np.zeros(x.shape, np.int32), np.zeros(x.shape, np.float32), np.zeros(len(x), np.int32)
    quantiser, encoder = cabac.Encoder(), cabac.Encoder()
    quantiser.initCtxModels(UNARY, 0)
    qp = quantiser.quantLayer(x, index, 1, DENSITY, qp, strength, UNARY, 0, 0)
    encoder.iae_v(6 + DENSITY, qp)
    encoder.initCtxModels(UNARY + 1, 1)
    off = cabac.HdspMode.AlwaysOff, np.zeros(2, dtype=np.int8)
    encoder.encodeLayer(index, 1, 0, 0, 0, 0, skipped, *off, 0, 0)
    bits = 8 * len(encoder.finish())
    cabac.Decoder().dequantLayer(restored, index, DENSITY, qp, 0)
    return float(np.square(x.astype(float) - restored).mean()), bits / x.size


def at_equal_error(ours: list[Point], theirs: list[Point], rates: list[float]) -> np.ndarray:
    """Their bits over ours, at the errors that ours have at these rates."""
    own, other = (np.array(hull(each)) for each in (ours, theirs))
    error = np.interp(rates, own[::-1, 1], np.log2(own[::-1, 0]))
    return np.interp(error, np.log2(other[:, 0]), other[:, 1]) / rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("library", metavar="LIBRARY", help="deepCABAC, compiled")
    parser.add_argument("--rates", type=float, nargs="+", default=[0.5, 1.0, 2.0, 3.0, 4.0])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    cabac = library(options.library)
    print(f"{'':24}{'states':>8}" + "".join(f"{rate:>9}" for rate in options.rates))
    for kind in zip(*(sources(seed) for seed in range(options.seeds)), strict=True):
        theirs = [list(points(cabac, source.x)) for source in kind]
        for machine, states in ((1, 32), (0, 8)):
            ours = [measured(source, machine) for source in kind]
            ratios = [at_equal_error(*each, options.rates) for each in zip(ours, theirs, strict=True)]
            print(f"{kind[0].name:24}{states:8}" + "".join(f"{r:9.3f}" for r in np.mean(ratios, axis=0)), flush=True)


if __name__ == "__main__":
    main()
