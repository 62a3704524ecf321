"""The data of the scenario on files: the digits network's hidden layer and its weights.

They were written by `python tests/instances/test_demo_files.py` from the checkout's root.
"""

from pathlib import Path

import numpy as np

from wlra_dist.instances import DigitsFisher, Files, alone

FOLDER = Path(__file__).parents[2] / "scenarios" / "files"

LAYER = DigitsFisher(k=5, r=2)

ANOTHER_MACHINE = 1e-3
"""Relative distance that training may drift with another BLAS; 3e-7 between kernels of OpenBLAS."""


def layer() -> tuple[np.ndarray, np.ndarray]:
    """A and W in float32."""
    instance = LAYER.open(alone)
    A = instance.block(slice(None))
    assert isinstance(A, np.ndarray)
    return A, instance.weights.dense(slice(None)).astype(np.float32)


def write(folder: Path) -> None:
    from safetensors.numpy import save_file

    A, W = layer()
    save_file({"hidden.weight": A}, folder / "A.safetensors")
    np.save(folder / "W.npy", W)


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


def test_the_files_hold_the_digits_layer() -> None:
    A, W = layer()
    instance = Files(A=str(FOLDER / "A.safetensors"), W=str(FOLDER / "W.npy"), k=5, r=2).open(alone)
    read = instance.block(slice(None))
    assert isinstance(read, np.ndarray)
    assert distance(read, np.where(W > 0, A, 0)) < ANOTHER_MACHINE
    assert distance(instance.weights.dense(slice(None)), W) < ANOTHER_MACHINE


def test_the_files_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 100_000


if __name__ == "__main__":
    write(FOLDER)
