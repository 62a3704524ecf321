"""The first lines of a Matrix Market file: what it is, and how many numbers follow (Boisvert, Pozo & Remington, 1996).

The format has four fields of numbers, two layouts and four symmetries; all that are real are read. Comments and blank
lines may stand anywhere after the banner, lines may end in any of the three ways, and words be in capitals.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import brief, matrix_shape

Line = tuple[int, str]
"""Its number, from 1, and its text."""

BANNER = "%%matrixmarket"

LAYOUTS = ("coordinate", "array")

FIELDS = ("real", "double", "integer", "unsigned-integer", "pattern")
"""double is an old name of real; unsigned-integer is scipy's."""

MIRROR = {"general": 0, "symmetric": 1, "skew-symmetric": -1}
"""What a_ij says of a_ji, times a_ij."""


class Header(NamedTuple):
    """What a file says of itself.

    Attributes:
        shape: n, d.
        entries: how many numbers follow, or lines of coordinates.
        coordinates: whether rows and columns are told.
        values: whether numbers are.
        integers: whether they are integers.
        mirror: a value of `MIRROR`.
        line: the number of its last line.
    """

    shape: tuple[int, int]
    entries: int
    coordinates: bool
    values: bool
    integers: bool
    mirror: int
    line: int

    @property
    def numbers(self) -> int:
        """In a line of coordinates, or one by one."""
        return 2 * self.coordinates + self.values


def read_header(lines: Iterator[Line], name: str) -> Header:
    """The header, its lines taken from `lines`; InputError names the line at fault."""
    number, banner = next(lines, (1, ""))
    layout, field, symmetry = _banner(banner, f"{name}, line {number}")
    number, sizes = next(meaningful(lines), (number, ""))
    place = f"{name}, line {number}"
    counts = _counts(sizes, 3 if layout == "coordinate" else 2, place)
    shape = matrix_shape(name, counts[:2])
    if MIRROR[symmetry] and shape[0] != shape[1]:
        raise InputError(f"{place}: expected a square matrix, as line 1 says {symmetry}, found {shape[0]}×{shape[1]}")
    entries = counts[2] if layout == "coordinate" else _array_entries(shape, MIRROR[symmetry])
    return Header(
        shape, entries, layout == "coordinate", field != "pattern", "integer" in field, MIRROR[symmetry], number
    )


def meaningful(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines that are neither comments nor blank."""
    return (line for line in lines if line[1].strip() and not line[1].lstrip().startswith("%"))


def _banner(text: str, place: str) -> tuple[str, str, str]:
    """Layout, field and symmetry."""
    words = text.lower().split()
    if words[:2] != [BANNER, "matrix"] or len(words) != 5:
        expected = "%%MatrixMarket matrix LAYOUT FIELD SYMMETRY"
        raise InputError(f"{place}: expected {expected!r}, found {brief(text) or 'nothing'!r}")
    layout, field, symmetry = words[2:]
    for word, known in ((layout, LAYOUTS), (field, FIELDS), (symmetry, tuple(MIRROR))):
        if word not in known:
            raise InputError(f"{place}: expected one of {', '.join(known)}, found {brief(word)!r}: write real numbers")
    if field == "pattern" and (layout == "array" or symmetry == "skew-symmetric"):
        raise InputError(f"{place}: a pattern has neither numbers nor signs, found {layout} {field} {symmetry}")
    return layout, field, symmetry


def _counts(text: str, due: int, place: str) -> list[int]:
    words = text.split()
    if len(words) != due or not all(word.isascii() and word.isdigit() and len(word) < 20 for word in words):
        expected = "rows, columns" + (" and entries" if due == 3 else "")
        raise InputError(f"{place}: expected {expected}, found {brief(text) or 'nothing'!r}")
    return [int(word) for word in words]


def _array_entries(shape: tuple[int, int], mirror: int) -> int:
    """All of a matrix, or the lower triangle, of a skew one without the diagonal."""
    n, d = shape
    return n * (n + mirror) // 2 if mirror else n * d
