"""magika's network by onnxruntime: what type of file some bytes are; its weights ship in the PyPI wheel magika."""

import sysconfig
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

EDGE, PADDING = 1024, 256
"""Bytes of a file's beginning and of its end, and what stands for bytes that it has not."""

CONVOLUTION = "Conv_0/transpose_3:0"
"""The end of the name of the large weight, 512×256×5×1."""

LEAST = 64
"""Entries of an initialiser that is a weight."""


def opened(package: Path) -> Any:
    import onnx  # pyright: ignore[reportMissingImports]

    return onnx.load(str(package / "models" / "standard_v3_3" / "model.onnx"))


def weights(model: Any) -> dict[str, np.ndarray]:
    """Its float initialisers, by name."""
    from onnx import numpy_helper  # pyright: ignore[reportMissingImports]

    arrays = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    return {name: array for name, array in arrays.items() if array.dtype == np.float32 and array.size > LEAST}


def with_weights(model: Any, arrays: dict[str, np.ndarray]) -> Any:
    """A copy of the model with these in place of its own."""
    from onnx import numpy_helper  # pyright: ignore[reportMissingImports]

    copy = type(model)()
    copy.CopyFrom(model)
    for each in copy.graph.initializer:
        if each.name in arrays:
            each.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(arrays[each.name]), each.name))
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


def convolved(model: Any, files: np.ndarray) -> np.ndarray:
    """What the convolution's kernels meet, a row each."""
    node = next(node for node in model.graph.node if node.op_type == "Conv")
    x = outputs(model, files, node.input[0])[..., 0]
    patches = sliding_window_view(x, 5, axis=2)[:, :, ::3]  # a third of the places tells as much
    return patches.transpose(0, 2, 1, 3).reshape(-1, x.shape[1] * 5)


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
