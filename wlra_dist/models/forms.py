"""The forms that a tensor may take in a small file: exactly, in half the bytes, or as rounded matrices.

exact: the bytes as they are, deflated. half: float16, deflated. whole: every entry, rounded. low rank: L R, both
rounded, L fitted again to the R that the receiver has. low rank + rest: L R, and what it leaves, rounded.
"""

import zlib
from dataclasses import dataclass
from math import prod

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.models.coded import PRICE
from wlra_dist.models.kinds import Kind
from wlra_dist.models.norms import Norm
from wlra_dist.models.rounding import Costs, RoundedMatrix, rounded

EXACT, HALF, WHOLE, LOW_RANK, WITH_REST = FORMS = ("exact", "half", "whole", "low rank", "low rank + rest")

_RANK_BITS, _POWER_BITS = 24, 12  # fields of a header: more than any tensor asks for


@dataclass(frozen=True, eq=False)
class Parts:
    """A = (L R + rest)·2^power; one of both may be missing.

    Attributes:
        power: between −2048 and 2047.
        R, L: rounded factors; L n×k, R k×d.
        rest: a rounded n×d matrix.
    """

    power: int
    R: RoundedMatrix | None = None
    L: RoundedMatrix | None = None
    rest: RoundedMatrix | None = None

    @property
    def factors(self) -> tuple[np.ndarray, np.ndarray] | None:
        """(L, R) where these are all."""
        return (self.L.matrix, np.ldexp(self.R.matrix, self.power)) if self.L and self.R and not self.rest else None

    @property
    def matrix(self) -> np.ndarray:
        product = self.L.matrix @ self.R.matrix if self.L and self.R else 0.0
        return np.ldexp(product + (self.rest.matrix if self.rest else 0.0), self.power)

    def payload(self) -> bytes:
        """All of it as bytes."""
        out = BitWriter()
        out.uint(self.power + (1 << _POWER_BITS >> 1), _POWER_BITS)
        out.uint(0 if self.R is None else len(self.R.rows), _RANK_BITS)
        for part in (self.R, self.L, self.rest):
            if part is not None:
                part.write(out)
        return out.payload()


def described(norm: Norm, form: str, k: int, price: float, power: int = 0) -> Parts:
    """A matrix, times 2^power, in a form of rounded matrices, where a bit is worth this much loss."""
    step = float(np.sqrt(price / PRICE))
    if form == WHOLE:
        return Parts(power, rest=rounded(norm.A, norm.costs, step))
    factors = norm.factors(k)
    costs = norm.costs
    R = rounded(factors.R, Costs(np.ones(len(factors.R)), costs.columns, costs.upper), step)
    L = rounded(*norm.refitted(R.matrix), step)
    rest = rounded(norm.A - L.matrix @ R.matrix, norm.costs, step) if form == WITH_REST else None
    return Parts(power, R, L, rest)


def parts_of(payload: bytes, form: str, shape: tuple[int, int]) -> Parts:
    """The parts that a payload has; DecodeError if it has none of this shape."""
    bits = BitReader(payload, 8 * len(payload))
    power = bits.uint(_POWER_BITS) - (1 << _POWER_BITS >> 1)
    k = bits.uint(_RANK_BITS)
    if (k == 0) != (form == WHOLE) or k > max(shape):
        raise DecodeError(f"a matrix of rank {k} came as {form}")
    R = RoundedMatrix.read((k, shape[1]), bits) if k else None
    L = RoundedMatrix.read((shape[0], k), bits) if k else None
    rest = RoundedMatrix.read(shape, bits) if form != LOW_RANK else None
    if bits.left >= 8 or bits.uint(bits.left):
        raise DecodeError("bytes are left over at the end of a tensor")
    return Parts(power, R, L, rest)


def kept(stored: np.ndarray, kind: Kind, form: str) -> bytes:
    """Numbers exactly or in half the bytes: bytes of equal place side by side, deflated."""
    numbers = stored.reshape(-1) if form == EXACT else kind.floats(stored.reshape(-1)).astype(np.float16)
    lanes = numbers.view(np.uint8).reshape(-1, numbers.itemsize).T
    return min((bytes([how]) + _deflated(data, how) for how, data in enumerate((numbers, lanes))), key=len)


def read_kept(payload: bytes, kind: Kind, form: str, shape: tuple[int, ...]) -> np.ndarray:
    """The numbers that `kept` wrote, of the kind's type and flat; DecodeError for anything else."""
    dtype = kind.dtype if form == EXACT else np.dtype("<f2")
    size = prod(shape) * dtype.itemsize
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = inflate.decompress(payload[1:], size + 1)
    except zlib.error as error:
        raise DecodeError(f"a deflated tensor came that is none ({error})") from error
    if len(data) != size or payload[:1] not in (b"\0", b"\1"):
        raise DecodeError(f"{size} bytes were due, {len(data)} came")
    raw = np.frombuffer(data, np.uint8)
    raw = raw if payload[0] == 0 else np.ascontiguousarray(raw.reshape(dtype.itemsize, -1).T).reshape(-1)
    numbers = raw.view(dtype)
    return numbers if form == EXACT else kind.stored(numbers.astype(float))


def _deflated(data: np.ndarray, how: int) -> bytes:
    deflate = zlib.compressobj(9 if how == 0 or data.size < 1 << 20 else 6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(np.ascontiguousarray(data).tobytes()) + deflate.flush()
