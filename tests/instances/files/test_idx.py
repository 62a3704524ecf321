"""IDX files: what was written comes back, and nothing else is believed."""

import gzip
import io
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from wlra_dist.errors import InputError
from wlra_dist.instances.files.idx import parse_idx, read_idx
from wlra_dist.instances.files.promised import LARGEST

images = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=3))


def written(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@given(array=images)
def test_what_was_written_comes_back(array: np.ndarray) -> None:
    assert np.array_equal(parse_idx(io.BytesIO(written(array)), array.ndim), array)


@given(array=images, data=st.data())
def test_a_truncated_file_is_refused(array: np.ndarray, data: st.DataObject) -> None:
    whole = written(array)
    with pytest.raises(ValueError, match=r"expected the magic|ends within|promises"):
        parse_idx(io.BytesIO(whole[: data.draw(st.integers(0, len(whole) - 1))]), array.ndim)


@given(noise=st.binary(max_size=64), dimensions=st.integers(1, 3))
def test_random_bytes_give_an_array_or_a_sentence(noise: bytes, dimensions: int) -> None:
    with suppress(ValueError):
        array = parse_idx(io.BytesIO(noise), dimensions)
        assert written(array) == noise


@pytest.mark.parametrize("packed", [False, True])
def test_files_are_read_plain_and_packed(tmp_path: Path, packed: bool) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    content = gzip.compress(written(array)) if packed else written(array)
    (tmp_path / ("images.gz" if packed else "images")).write_bytes(content)
    assert np.array_equal(read_idx(tmp_path / "images", 3), array)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "magic number 00000803, found nothing"),
        (written(np.zeros(3, np.uint8)), "magic"),
        (written(np.zeros((1, 2, 3), np.uint8)) + b"!", "goes on"),
        (bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**20, 2**20, 2**20), f"1 to {LARGEST}"),
        (bytes([0, 0, 8, 3]) + struct.pack(">3I", 0, 28, 28), "claims 0 bytes"),
    ],
)
def test_lies_are_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    for name, packed in (("plain", content), ("packed.gz", gzip.compress(content))):
        (tmp_path / name).write_bytes(packed)
        with pytest.raises(InputError, match=sentence):
            read_idx(tmp_path / name.removesuffix(".gz"), 3)


def test_damaged_gzip_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(written(np.arange(200, dtype=np.uint8).reshape(2, 10, 10)))
    for damaged in (whole[:-9], b"no gzip at all", whole[:20] + b"\xff\xff\xff" + whole[23:]):
        (tmp_path / "images.gz").write_bytes(damaged)
        with pytest.raises(InputError, match="fetch it anew"):
            read_idx(tmp_path / "images", 3)


def test_a_bomb_is_read_no_further_than_its_header_promises() -> None:
    """A stream that goes on for ever."""

    class Endless(io.BytesIO):
        served = 0

        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert size >= 0, "asks for everything"
            self.served += size
            return super().read(size) or b"\0" * size

    stream = Endless(bytes([0, 0, 8, 1]) + struct.pack(">I", 100))
    with pytest.raises(ValueError, match="goes on"):
        parse_idx(stream, 1)
    assert stream.served <= 8 + 100 + 1
