"""Colour images by class: a folder for each class with a file for each image, or one .npz of all.

pillow, which comes with matplotlib, reads the images.
"""

from pathlib import Path
from zipfile import ZipFile, is_zipfile

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import DAMAGE, brief, readable
from wlra_dist.instances.files.sparse_npz import refuse_bomb

ENDINGS = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".bmp")


def read_archive(file: Path, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """`images` (N×height×width×channels, bytes) and `labels` (N) of an .npz; InputError for anything else."""
    if not is_zipfile(file):
        raise InputError(f"{file} is no .npz, which is a zip archive: unpack it, if it is packed, or write it anew")
    with readable(file), ZipFile(file) as members:
        refuse_bomb(file, members.infolist())
    with readable(file), np.load(file, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in ("images", "labels") if name in archive.files}
        names = ", ".join(archive.files) or "nothing"
    if len(arrays) < 2:
        raise InputError(f"{file}: expected the arrays images and labels, found {names}")
    images, labels = arrays["images"], arrays["labels"]
    if images.shape[1:] != shape or images.dtype != np.uint8 or labels.shape != images.shape[:1]:
        expected = f"N×{'×'.join(map(str, shape))} bytes and N labels"
        found = f"{images.dtype} {images.shape} and {labels.dtype} {labels.shape}"
        raise InputError(f"{file}: expected images of {expected}, found {found}")
    return images, labels


def read_folders(folders: list[Path], shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Images (N×height×width×channels, bytes) and labels (N): the i-th folder's have the label i."""
    files = [(path, i) for i, folder in enumerate(folders) for path in image_files(folder)]
    images = np.empty((len(files), *shape), np.uint8)
    for at, (path, _) in enumerate(files):
        images[at] = read_image(path, shape)
    return images, np.array([label for _, label in files])


def image_files(folder: Path) -> list[Path]:
    """The image files of a class, by name; InputError if there are none."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    if not files:
        raise InputError(f"expected images in {folder} ({', '.join(ENDINGS)}), found none; fetch them anew")
    return files


def read_image(path: Path, shape: tuple[int, int, int]) -> np.ndarray:
    """The bytes of one image of this shape (height, width, channels: 1 or 3); InputError for another."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB" if shape[2] == 3 else "L")).reshape(*image.size[::-1], shape[2])
    except (*DAMAGE, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{path} cannot be read as an image: {brief(error)}; fetch it anew") from error
    if pixels.shape != shape:
        raise InputError(f"{path}: expected an image of {shape}, found {pixels.shape}")
    return pixels
