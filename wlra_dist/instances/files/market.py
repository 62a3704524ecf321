"""Matrix Market files, .mtx: the numbers after the header, in any legal dialect.

A text has no columns to seek, so each process reads all of it once and keeps it. numpy reads the numbers; where it, or
a check of the whole, finds fault, the lines are walked to name the first that is wrong. scipy's reader is left alone:
it ends the process with a segmentation fault at damaged numbers (seen with 1.17), which no caller can catch.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import brief, readable, refuse_name
from wlra_dist.instances.files.market_header import Header, Line, meaningful, read_header
from wlra_dist.instances.files.stored import Whole
from wlra_dist.instances.files.unpacked import text_lines, unpacked_size
from wlra_dist.linalg.matrix import Matrix

FORTRAN = str.maketrans("dD", "eE")
"""1d5 is how Fortran writes 1e5."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?|[+-]?(inf|infinity|nan)", re.ASCII | re.IGNORECASE)


def open_market(file: Path, array: str | None) -> Whole:
    """The matrix, header read; InputError if it claims more than the file can hold, or complex numbers."""
    refuse_name(file, array)
    size = unpacked_size(file)
    with text_lines(file) as lines:
        header = read_header(lines, str(file))
    # a number takes a digit and a space or an end of line, which the last may lack
    if 2 * header.entries * header.numbers > size + 1:
        raise InputError(f"{file} claims {header.entries} entries, more than its {size} bytes hold: write it anew")
    return Whole(
        str(file),
        header.shape,
        wide_integers=header.integers,
        sparse=header.coordinates,
        load=partial(read_market, file, header),
        entry=partial(own_number, file, header),
    )


def read_market(file: Path, header: Header) -> Matrix:
    """The matrix: csc if the file has coordinates, else dense; InputError names the first line at fault."""
    with readable(file):
        try:
            return (_coordinates if header.coordinates else _array)(_numbers(file, header), header)
        except ValueError as error:
            raise InputError(fault(file, header) or f"{file} cannot be read: {brief(error)}; write it anew") from error


def body(lines: Iterator[Line], header: Header) -> Iterator[Line]:
    """What follows the header."""
    return meaningful(line for line in lines if line[0] > header.line)


def _numbers(file: Path, header: Header) -> np.ndarray:
    """The numbers after the header, flat, or a row for each line of coordinates."""
    with text_lines(file) as lines:
        texts = (text.translate(FORTRAN) for _, text in body(lines, header))
        if not header.coordinates:
            return np.fromiter((_number(word) for text in texts for word in text.split()), float)
        first = next(texts, None)
        if first is None:  # loadtxt would warn
            return np.zeros((0, header.numbers))
        return np.loadtxt(_chained(first, texts), ndmin=2, comments=None)


def _chained(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


def _array(numbers: np.ndarray, header: Header) -> np.ndarray:
    _require(len(numbers) == header.entries)
    _require(not header.integers or _integral(numbers))
    if not header.mirror:
        return np.ascontiguousarray(numbers.reshape(header.shape, order="F"))
    n, first, at = header.shape[0], int(header.mirror < 0), 0
    A = np.zeros(header.shape)
    for j in range(n):
        below = slice(j + first, n)
        column = numbers[at : at + below.stop - below.start]
        A[below, j], A[j, below] = column, header.mirror * column
        at += len(column)
    return A


def _coordinates(numbers: np.ndarray, header: Header) -> Matrix:
    from scipy.sparse import coo_array

    _require(numbers.shape == (header.entries, header.numbers))
    for counted, side in zip(numbers.T, header.shape, strict=False):
        _require(np.all((counted >= 1) & (counted <= side) & (counted == np.rint(counted))))
    i, j = numbers[:, 0].astype(np.int32) - 1, numbers[:, 1].astype(np.int32) - 1
    values = numbers[:, 2] if header.values else np.ones(len(i))
    _require(not header.integers or _integral(values))
    if header.mirror:
        off = i != j
        _require(header.mirror > 0 or not values[~off].any())
        i, j, values = np.append(i, j[off]), np.append(j, i[off]), np.append(values, header.mirror * values[off])
    content = coo_array((values, (i, j)), shape=header.shape).tocsc()
    _require(content.nnz == len(values))
    content.eliminate_zeros()
    return content


def _number(word: str) -> float:
    """As numpy reads it: Python would take 1_000, too."""
    _require("_" not in word)
    return float(word)


def _integral(values: np.ndarray) -> bool:
    return bool(np.isfinite(values).all()) and np.array_equal(values, np.rint(values))


def _require(right: object) -> None:
    """ValueError: the walk finds out where."""
    if not right:
        raise ValueError("its numbers are not what the header promises")


def fault(file: Path, header: Header) -> str | None:
    """The sentence on the first line that is wrong."""
    count, seen, number = 0, set[tuple[int, int]](), header.line
    with text_lines(file) as lines:
        for number, text in body(lines, header):
            words = text.split()
            wrong = _line_fault(words, header) or (_entry_fault(words, header, seen) if header.coordinates else None)
            count += 1 if header.coordinates else len(words)
            if wrong or count > header.entries:
                expected, found = wrong or (f"an end after {header.entries} entries", brief(text))
                return f"{file}, line {number}: expected {expected}, found {found!r}: write it anew"
    if count < header.entries:
        return f"{file}, line {number}: expected {header.entries} entries, found an end after {count}: write it anew"
    return None


def _line_fault(words: list[str], header: Header) -> tuple[str, str] | None:
    """What is expected and what was found, if a line's words are no numbers, or not as many as are due."""
    if header.coordinates and len(words) != header.numbers:
        return f"{header.numbers} numbers", brief(" ".join(words))
    for word in words:
        if not NUMBER.fullmatch(word):
            return "a number", brief(word)
    for word in words[2 * header.coordinates :] if header.integers else ():
        if float(word.translate(FORTRAN)) % 1 != 0:
            return "an integer", brief(word)
    return None


def _entry_fault(words: list[str], header: Header, seen: set[tuple[int, int]]) -> tuple[str, str] | None:
    """The same, of coordinates that are numbers; `seen` gets them."""
    for word, side in zip(words, header.shape, strict=False):
        if float(word.translate(FORTRAN)) not in range(1, side + 1):
            return f"an index from 1 to {side}", word
    i, j = (int(float(word)) for word in words[:2])
    if header.mirror < 0 and i == j and float(words[2].translate(FORTRAN)):
        return "0 on the diagonal of a skew-symmetric matrix", words[2]
    place = (max(i, j), min(i, j)) if header.mirror else (i, j)
    if place in seen:
        return "each entry once", f"{i} {j}" + (" again, or its mirror image" if header.mirror else " again")
    seen.add(place)
    return None


def own_number(file: Path, header: Header, i: int, j: int) -> str:
    """The entry in row i and column j, from 0, as the text has it."""
    mirrored = (max(i, j), min(i, j))
    with text_lines(file) as lines:
        if header.coordinates:
            asked = {(i, j), mirrored, mirrored[::-1]} if header.mirror else {(i, j)}
            words = (text.split() for _, text in body(lines, header))
            return next(word[2] for word in words if (int(float(word[0])) - 1, int(float(word[1])) - 1) in asked)
        words = (word for _, text in body(lines, header) for word in text.split())
        at = _place(mirrored, header) if header.mirror else j * header.shape[0] + i
        return next(word for place, word in enumerate(words) if place == at)


def _place(entry: tuple[int, int], header: Header) -> int:
    """Where an entry of the lower triangle stands in an array of one."""
    i, j = entry
    first = int(header.mirror < 0)
    return sum(header.shape[0] - first - column for column in range(j)) + i - j - first
