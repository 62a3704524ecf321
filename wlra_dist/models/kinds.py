"""The types that a tensor's numbers may have, named as safetensors names them, and their way to float64 and back.

numpy has no bfloat16 and no eight-bit floats. A bfloat16 is the upper half of a float32, and is computed with; narrower
floats, integers and booleans are kept as they are, to the bit.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.errors import InputError


@dataclass(frozen=True)
class Kind:
    """A type of numbers.

    Attributes:
        name: in safetensors.
        dtype: numpy's type of so many bytes; a bit pattern where numpy has no such number.
        lossy: whether its numbers may be approximated.
    """

    name: str
    dtype: np.dtype
    lossy: bool = False

    def floats(self, stored: np.ndarray) -> np.ndarray:
        """Stored numbers of a lossy kind as float64, exactly."""
        if self.name == "BF16":
            stored = (stored.astype(np.uint32) << 16).view(np.float32)
        return stored.astype(float)

    def stored(self, floats: np.ndarray) -> np.ndarray:
        """The nearest numbers of this lossy kind; what is beyond its range becomes its largest."""
        if self.name != "BF16":
            most = float(np.finfo(self.dtype).max)
            return np.clip(floats, -most, most).astype(self.dtype)
        return _rounded_bfloat16(floats)

    def numpy_array(self, stored: np.ndarray) -> np.ndarray:
        """As numpy computes with it: bfloat16 as float32, other bit patterns as they are."""
        return self.floats(stored).astype(np.float32) if self.name == "BF16" else stored

    def has_nan(self, stored: np.ndarray) -> bool:
        """Whether a number is NaN or infinite; of eight-bit floats nobody asks."""
        if self.name == "BF16":
            return bool(((stored & 0x7F80) == 0x7F80).any())
        return self.dtype.kind in "fc" and not bool(np.isfinite(stored).all())


def _rounded_bfloat16(floats: np.ndarray) -> np.ndarray:
    """Upper halves of float32's, ties to even."""
    words = np.clip(floats, -_LARGEST_BFLOAT16, _LARGEST_BFLOAT16).astype(np.float32).view(np.uint32)
    return (words + 0x7FFF + (words >> 16 & 1) >> 16).astype(np.uint16)


_LARGEST_BFLOAT16 = float(np.uint32(0x7F7F0000).view(np.float32))

_LOSSY = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}

_EXACT = {
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1",
    "BOOL": "|b1", "C64": "<c8", "F8_E4M3": "|u1", "F8_E5M2": "|u1", "F8_E8M0": "|u1",
}  # fmt: skip

KINDS = {name: Kind(name, np.dtype(form), lossy) for forms, lossy in ((_LOSSY, True), (_EXACT, False))
         for name, form in forms.items()}  # fmt: skip

_BY_DTYPE = {kind.dtype: kind for name, kind in KINDS.items() if name not in ("BF16", "F8_E4M3", "F8_E5M2", "F8_E8M0")}


def kind_named(name: str, tensor: str) -> Kind:
    """InputError for a type that nothing here knows, which names the tensor."""
    if name not in KINDS:
        raise InputError(f"{tensor}: expected numbers of type {', '.join(KINDS)}, found {name}; convert it first")
    return KINDS[name]


def kind_of(dtype: np.dtype, tensor: str) -> Kind:
    """Of a numpy type, in either byte order."""
    kind = _BY_DTYPE.get(dtype.newbyteorder("<"))
    if kind is None:
        raise InputError(f"{tensor}: expected real numbers of at most eight bytes, found {dtype}; convert it first")
    return kind
