"""magika's network by onnxruntime: what type of file some bytes are; its weights ship in the PyPI wheel magika."""

import sysconfig
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from wlra_dist.models.observe import Observed

EDGE, PADDING = 1024, 256
"""Bytes of a file's beginning and of its end, and what stands for bytes that it has not."""

CONVOLUTION, BIAS = "Conv_0/transpose_3:0", "const_fold_opt__209"
DENSE, SCALE, SHIFT = "Const_24:0", "LayerNorm_1/Reshape_2:0", "LayerNorm_1/Reshape_3:0"
"""The ends of names: of the large weight, 512×256×5×1, of its bias, of the last layer, 512×214,
and of what stands before it."""

ENDS = (CONVOLUTION, BIAS, DENSE, SCALE, SHIFT)

DRAWN = 8
"""Types drawn for each file, whose probabilities' gradients tell what the divergence depends on."""

LEAST = 64
"""Entries of an initialiser that is a weight."""


def opened(package: Path) -> Any:
    import onnx  # pyright: ignore[reportMissingImports]

    return onnx.load(str(package / "models" / "standard_v3_3" / "model.onnx"))


def weights(model: Any) -> dict[str, np.ndarray]:
    """Its float initialisers, by name; the last layer as outputs×inputs, like all others."""
    from onnx import numpy_helper  # pyright: ignore[reportMissingImports]

    arrays = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    some = {name: array for name, array in arrays.items() if array.dtype == np.float32 and array.size > LEAST}
    return {name: array.T.copy() if name.endswith(DENSE) else array for name, array in some.items()}


def with_weights(model: Any, arrays: dict[str, np.ndarray]) -> Any:
    """A copy of the model with these in place of its own."""
    from onnx import numpy_helper  # pyright: ignore[reportMissingImports]

    copy = type(model)()
    copy.CopyFrom(model)
    for each in copy.graph.initializer:
        if each.name in arrays:
            array = arrays[each.name].T if each.name.endswith(DENSE) else arrays[each.name]
            each.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), each.name))
    return copy


def outputs(model: Any, files: np.ndarray, name: str = "target_label") -> np.ndarray:
    """Probabilities of the types of files, or what another node says."""
    import onnx  # pyright: ignore[reportMissingImports]
    import onnxruntime  # pyright: ignore[reportMissingImports]

    copy = with_weights(model, {})
    if name != "target_label":
        copy.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(copy.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run([name], {"bytes": files[i : i + 16]})[0] for i in range(0, len(files), 16)])


def observe(model: Any, files: np.ndarray, found: Observed, rng: np.random.Generator) -> None:
    """What both large layers see, weighed by gradients of the logarithms of probabilities of types drawn by them.

    The squares of these have the Fisher information as their mean, half of which is the divergence's curvature. Of the
    convolution only the place counts where a channel is largest: all that comes after sees no other.
    """
    own = {end: name for name in weights(model) for end in ENDS if name.endswith(end)}
    arrays = weights(model)
    K, W = (arrays[own[end]].astype(float) for end in (CONVOLUTION, DENSE))
    b, scale, shift = (arrays[own[end]].astype(float).reshape(-1) for end in (BIAS, SCALE, SHIFT))
    node = next(node for node in model.graph.node if node.op_type == "Conv")
    x, chances = outputs(model, files, node.input[0])[..., 0], outputs(model, files).astype(float)
    for inputs, p in zip(x, chances, strict=True):
        patches = sliding_window_view(inputs, 5, axis=1).transpose(1, 0, 2).reshape(-1, K[0].size)
        z = patches @ K.reshape(len(K), -1).T + b
        places, channels = _gelu(z).argmax(axis=0), np.arange(len(K))
        h, slope = _gelu(z[places, channels]), _slope(z[places, channels])
        unit, size = (h - h.mean()) / np.sqrt(h.var() + 1e-6), np.sqrt(h.var() + 1e-6)
        g = (np.eye(len(p)) - p)[rng.choice(len(p), DRAWN, p=p / p.sum())]
        into = (g @ W) * scale
        into = (into - into.mean(axis=1, keepdims=True) - unit * (into * unit).mean(axis=1, keepdims=True)) / size
        gradients = np.zeros(z.shape)
        gradients[places, channels] = np.linalg.norm(into, axis=0) / np.sqrt(DRAWN) * slope
        seen = np.unique(places)
        found.see(own[CONVOLUTION], patches[seen], gradients[seen])
        found.see(own[DENSE], (unit * scale + shift)[None], np.sqrt(p * (1 - p))[None])
    found.see_outputs(chances)


def _gelu(z: np.ndarray) -> np.ndarray:
    return z * _step(z)


def _step(z: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))


def _slope(z: np.ndarray) -> np.ndarray:
    step = _step(z)
    return step + 2 * z * step * (1 - step) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)


def files(count: int) -> np.ndarray:
    """Edges of files of Python's own installation, of all its types (files×2048)."""
    found = sorted(path for path in Path(sysconfig.get_paths()["stdlib"]).rglob("*") if path.is_file())
    by_type: dict[str, list[Path]] = {}
    for path in found:
        by_type.setdefault(path.suffix, []).append(path)
    rng = np.random.default_rng(0)
    some = [path for group in by_type.values() for path in rng.permutation(np.array(group, dtype=object))[:40]]
    return np.stack([_edges(path) for path in rng.permutation(np.array(some, dtype=object))[:count]])


def _edges(path: Path) -> np.ndarray:
    data = np.frombuffer(path.read_bytes()[: 1 << 22].strip(), np.uint8).astype(np.int32)
    whole = np.full(2 * EDGE, PADDING, np.int32)
    whole[: min(EDGE, len(data))] = data[:EDGE]
    if len(data):
        whole[2 * EDGE - min(EDGE, len(data)) :] = data[-EDGE:]
    return whole
