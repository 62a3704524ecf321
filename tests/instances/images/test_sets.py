"""The four data sets: what lies in their files is read, and what is not theirs is named in a sentence."""

import gzip
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, InputError
from wlra_dist.instances.images.sets import DATASETS, HISTOLOGY, NORB
from wlra_dist.instances.mlp import Training, accuracy, train

IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")

DAT, CAT = (f"{NORB['training']}-{what}.mat" for what in ("dat", "cat"))

TISSUES = ("01_TUMOR", "02_STROMA", "03_COMPLEX", "04_LYMPHO", "05_DEBRIS", "06_MUCOSA", "07_ADIPOSE", "08_EMPTY")


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def norb(array: np.ndarray) -> bytes:
    sizes = [*array.shape, 1, 1][: max(3, array.ndim)]
    magic = 0x1E3D4C55 if array.dtype == np.uint8 else 0x1E3D4C54
    return struct.pack(f"<II{len(sizes)}I", magic, array.ndim, *sizes) + array.tobytes()


def pictures(*shape: int) -> np.ndarray:
    return np.random.default_rng(shape).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """All four sets in small: ten images to learn from and five to be tested on; two tiles of each tissue."""
    labels = np.arange(10, dtype=np.uint8)
    for name in ("mnist", "fashion_mnist"):
        (tmp_path / name).mkdir()
        content = (pictures(10, 28, 28), labels, pictures(5, 28, 28), labels[:5])
        for file, array in zip(IDX, content, strict=True):
            (tmp_path / name / file).write_bytes(idx(array))
    (tmp_path / "smallnorb").mkdir()
    for part, count in (("training", 10), ("testing", 5)):
        start = tmp_path / "smallnorb" / NORB[part]
        Path(f"{start}-dat.mat").write_bytes(norb(pictures(count, 2, 96, 96)))
        Path(f"{start}-cat.mat.gz").write_bytes(gzip.compress(norb(np.arange(count, dtype="<i4") % 5)))
    from PIL import Image

    for tissue in TISSUES:
        folder = tmp_path / "colorectal_histology" / HISTOLOGY / tissue
        folder.mkdir(parents=True)
        for i in range(2):
            Image.fromarray(pictures(150, 150, 3)).save(folder / f"{i}.tif")
    return tmp_path


@pytest.mark.parametrize(("name", "learning", "test"), [
    ("mnist", 10, 5), ("fashion_mnist", 10, 5), ("smallnorb", 10, 5), ("colorectal_histology", 13, 3),
])  # fmt: skip
def test_every_set_is_read_from_its_files(data: Path, name: str, learning: int, test: int):
    parts = DATASETS[name].images(name, str(data), 0)
    assert [part.images.shape for part in parts] == [(count, DATASETS[name].pixels) for count in (learning, test)]
    assert [len(part.labels) for part in parts] == [learning, test]


def test_smallnorb_is_its_first_camera(data: Path):
    learning, _ = DATASETS["smallnorb"].images("smallnorb", str(data), 0)
    assert np.array_equal(learning.images, pictures(10, 2, 96, 96)[:, 0].reshape(10, -1))
    assert learning.labels.tolist() == [0, 1, 2, 3, 4] * 2


def test_tiles_come_from_an_archive_as_from_folders(data: Path, tmp_path: Path):
    name = "colorectal_histology"
    (tmp_path / "npz" / name).mkdir(parents=True)
    images = np.broadcast_to(pictures(150, 150, 3), (16, 150, 150, 3))
    np.savez(
        tmp_path / "npz" / "colorectal_histology" / "colorectal_histology.npz", images=images, labels=np.arange(16) // 2
    )
    ours, theirs = (
        DATASETS["colorectal_histology"].images("colorectal_histology", str(home), 0)
        for home in (data, tmp_path / "npz")
    )
    for part, other in zip(ours, theirs, strict=True):
        assert np.array_equal(part.images, other.images)
        assert np.array_equal(part.labels, other.labels)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def pack(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes()))


def remove(folder: Path) -> None:
    shutil.rmtree(folder)


def swap(other: str) -> Callable[[Path], object]:
    return lambda path: path.write_bytes((path.parent / other).read_bytes())


def put(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


@pytest.mark.parametrize(("name", "file", "spoil", "says"), [
    ("mnist", IDX[0], cut, "header promises 7840 bytes, found 7833"),
    ("mnist", IDX[0], pack, "is packed by gzip: name it train-images-idx3-ubyte.gz"),
    ("mnist", IDX[0], swap(IDX[1]), "are images and labels swapped?"),
    ("mnist", IDX[1], swap(IDX[0]), "are images and labels swapped?"),
    ("mnist", IDX[0], put(b"GIF89a, no images here"), "expected the magic number 00000803, found 47494638"),
    ("mnist", IDX[1], put(idx(np.full(10, 77, np.uint8))), "expected labels from 0 to 9, found [77]"),
    ("mnist", IDX[0], put(idx(pictures(10, 32, 32))), "expected images of (28, 28, 1), found 1024 numbers"),
    ("fashion_mnist", IDX[3], Path.unlink, "expected t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz in"),
    ("smallnorb", DAT, cut, "found 184313"),
    ("smallnorb", DAT, pack, f"is packed by gzip: name it {DAT}.gz"),
    ("smallnorb", DAT, put(norb(np.arange(10, dtype="<i4"))), "found one of labels: are the two swapped?"),
    ("smallnorb", DAT, put(b"MATLAB 5.0 MAT-file"), "expected the magic number 0x1e3d4c55 and 4 dimensions"),
    ("smallnorb", DAT, put(b"\x55\x4c"), "it ends within its header"),
    ("smallnorb", CAT, put(norb(np.arange(9, dtype="<i4"))), "has 10 pairs of images but 9 labels"),
    ("smallnorb", DAT, Path.unlink, f"expected {DAT} or {DAT}.gz in"),
    ("colorectal_histology", f"{HISTOLOGY}/01_TUMOR/0.tif", cut, "cannot be read as an image"),
    ("colorectal_histology", f"{HISTOLOGY}/01_TUMOR/0.tif", put(b"%PDF-1.7"), "cannot be read as an image"),
    ("colorectal_histology", "colorectal_histology.npz", put(b"%PDF-1.7"), "is no .npz, which is a zip archive"),
    ("colorectal_histology", "colorectal_histology.npz", put(gzip.compress(b"PK")), "unpack it, if it is packed"),
    ("colorectal_histology", f"{HISTOLOGY}/01_TUMOR/0.tif", pack, "cannot be read as an image"),
    ("colorectal_histology", f"{HISTOLOGY}/08_EMPTY", remove, "with the folders 01_TUMOR … 08_EMPTY"),
])  # fmt: skip
def test_what_is_no_file_of_the_set_is_named_in_a_sentence(
    data: Path, name: str, file: str, spoil: Callable[[Path], object], says: str
):
    spoil(data / name / file)
    if file == CAT:
        (data / name / f"{CAT}.gz").unlink()
    with pytest.raises(InputError) as refused:
        DATASETS[name].images(name, str(data), 0)
    sentence = str(refused.value)
    assert says in sentence
    assert "\n" not in sentence
    assert len(sentence) < 600  # two long paths


def test_labels_under_the_name_of_pictures_end_the_command_with_one_sentence(
    data: Path, capfd: pytest.CaptureFixture[str]
):
    swap(IDX[1])(data / "mnist" / IDX[0])
    assert main(["experiment", "tables", "--set", f"data={data}", "--set", "sets=['mnist']"]) == Exit.INPUT
    printed = capfd.readouterr()
    assert printed.err.count("\n") == 1
    assert "swapped" in printed.err


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_a_network_learns_from_drawn_images(name: str):
    learning, test = DATASETS[name].images(name, None, 0, most=2000)
    network = train(learning, Training(hidden=32, epochs=6, batch=32, seed=0))
    assert accuracy(network, test) > 0.6
    assert 0.02 < (learning.images == 0).mean() < 0.98


def test_drawn_images_have_the_shapes_of_the_paper():
    for name, known in DATASETS.items():
        learning, test = known.images(name, None, 3, most=10)
        assert learning.images.shape == (10, known.pixels)
        assert test.images.shape == (2, known.pixels)
        assert learning.images.dtype == np.uint8
        assert learning.labels.max() < known.classes
