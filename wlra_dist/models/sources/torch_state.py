"""State dicts of torch, read with `weights_only`: nothing in such a file may run. torch is needed for them alone."""

from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import brief
from wlra_dist.models.kinds import KINDS
from wlra_dist.models.sources.tensor import Model, Tensor, by_name, held

NAMES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16",
    "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8",
    "uint64": "U64", "uint32": "U32", "uint16": "U16", "uint8": "U8", "bool": "BOOL", "complex64": "C64",
    "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "float8_e8m0fnu": "F8_E8M0",
}  # fmt: skip
"""safetensors' names of torch's types."""


def open_state(file: Path) -> Model:
    """The tensors of a state dict, mapped; those that share a storage are one.

    InputError: no torch, no state dict, or something in it that is no tensor.
    """
    try:
        import torch  # pyright: ignore[reportMissingImports]  optional
    except ImportError as error:
        raise InputError(f"{file}: reading a state dict needs torch; install it, or save as .safetensors") from error
    try:
        state = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # torch raises whatever the unpickler, the archive or a type raised
        raise InputError(
            f"{file} is no state dict that is safe to read: {brief(error)}; save model.state_dict()"
        ) from error
    if not isinstance(state, dict):
        raise InputError(f"{file}: expected a state dict, found {type(state).__name__}; save model.state_dict()")
    return by_name(_tensor(str(name), value, file) for name, value in state.items())


def _tensor(name: str, value: Any, file: Path) -> Tensor:
    kind = NAMES.get(str(getattr(value, "dtype", None)).removeprefix("torch."))
    if kind is None:
        raise InputError(f"{name} in {file}: expected a tensor of real numbers, found {type(value).__name__}; drop it")
    key = (value.untyped_storage().data_ptr(), value.storage_offset(), tuple(value.shape), value.stride())
    return held(name, KINDS[kind], numbers_of(value, KINDS[kind].dtype), key if value.numel() else None)


def numbers_of(value: Any, dtype: np.dtype) -> np.ndarray:
    """A torch tensor's numbers as this type of so many bytes, in the tensor's shape."""
    import torch  # pyright: ignore[reportMissingImports]  optional

    raw = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
    return raw.view(dtype).reshape(tuple(value.shape))
