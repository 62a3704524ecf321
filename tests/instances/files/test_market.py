"""Matrix Market: every legal dialect is read, and what is none is refused with the number of the line."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wlra_dist.errors import InputError
from wlra_dist.instances.files.formats import open_matrix

ARRAY, COORDINATE = "%%MatrixMarket matrix array ", "%%MatrixMarket matrix coordinate "

LEGAL: dict[str, tuple[str, list[list[float]]]] = {
    "array": (ARRAY + "real general\n2 3\n1\n2\n3\n4\n5\n6\n", [[1, 3, 5], [2, 4, 6]]),
    "array of integers": (ARRAY + "integer general\n2 2\n1\n-2\n3\n0\n", [[1, 3], [-2, 0]]),
    "array in one line": (ARRAY + "real general\n2 2\n1 2\n3 4\n", [[1, 3], [2, 4]]),
    "array in ragged lines": (ARRAY + "real general\n2 2\n1 2 3\n\n4", [[1, 3], [2, 4]]),
    "array symmetric": (ARRAY + "real symmetric\n3 3\n1\n2\n3\n4\n5\n6\n", [[1, 2, 3], [2, 4, 5], [3, 5, 6]]),
    "array skew": (ARRAY + "real skew-symmetric\n3 3\n1\n2\n3\n", [[0, -1, -2], [1, 0, -3], [2, 3, 0]]),
    "one skew number": (ARRAY + "real skew-symmetric\n1 1\n", [[0]]),
    "coordinate": (COORDINATE + "real general\n2 3 2\n2 1 5\n1 3 -1.5\n", [[0, 0, -1.5], [5, 0, 0]]),
    "double": (COORDINATE + "double general\n1 2 1\n1 2 .5\n", [[0, 0.5]]),
    "unsigned": (COORDINATE + "unsigned-integer general\n1 2 1\n1 2 7\n", [[0, 7]]),
    "pattern": (COORDINATE + "pattern general\n2 2 2\n1 2\n2 2\n", [[0, 1], [0, 1]]),
    "pattern symmetric": (COORDINATE + "pattern symmetric\n2 2 2\n2 1\n2 2\n", [[0, 1], [1, 1]]),
    "symmetric": (COORDINATE + "real symmetric\n2 2 2\n1 1 3\n2 1 4\n", [[3, 4], [4, 0]]),
    "upper triangle": (COORDINATE + "real symmetric\n2 2 1\n1 2 4\n", [[0, 4], [4, 0]]),
    "skew": (COORDINATE + "integer skew-symmetric\n2 2 2\n2 1 4\n1 1 0\n", [[0, -4], [4, 0]]),
    "nothing stored": (COORDINATE + "real general\n2 2 0\n", [[0, 0], [0, 0]]),
    "zeros stored": (COORDINATE + "real general\n1 2 2\n1 1 0\n1 2 -0.0\n", [[0, 0]]),
    "capitals": ((COORDINATE + "Real General\n1 1 1\n1 1 2\n").upper().replace("\n", "\n"), [[2]]),
    "comments and blank lines": (
        COORDINATE + "real general\n% a comment\n\n  %another\n 2\t2  1 \n%\n\n\t2 2\t 3 \n\n% end",
        [[0, 0], [0, 3]],
    ),
    "ends of Windows": (COORDINATE + "real general\r\n%\r\n1 2 1\r\n1 2 3\r\n", [[0, 3]]),
    "ends of old": (COORDINATE + "real general\r1 2 1\r1 2 3\r", [[0, 3]]),
    "byte order mark": ("\xef\xbb\xbf" + COORDINATE + "real general\n1 2 1\n1 2 3\n", [[0, 3]]),
    "Fortran's exponents": (COORDINATE + "real general\n1 3 3\n1 1 1d2\n1 2 -1.5D-1\n1 3 +2E1\n", [[100, -0.15, 20]]),
    "Fortran's exponents in an array": (ARRAY + "real general\n1 2\n1d2\n2.D0\n", [[100, 2]]),
    "no last end of line": (COORDINATE + "real general\n1 2 1\n1 2 3", [[0, 3]]),
}


def written(place: Path, text: str, *, packed: bool = False) -> str:
    path = place / ("A.mtx.gz" if packed else "A.mtx")
    path.write_bytes(gzip.compress(text.encode("latin-1")) if packed else text.encode("latin-1"))
    return str(path)


def read(path: str) -> np.ndarray:
    stored = open_matrix(path)
    block: Any = stored.columns(np.arange(stored.shape[1]))
    return block if isinstance(block, np.ndarray) else block.toarray()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dialect", LEGAL)
def test_every_legal_dialect_is_read(dialect: str, tmp_path: Path, packed: bool) -> None:
    text, expected = LEGAL[dialect]
    found = read(written(tmp_path, text, packed=packed))
    assert np.array_equal(found, expected)
    assert not np.signbit(found[found == 0]).any()


@pytest.mark.parametrize("dialect", LEGAL)
def test_an_entry_is_told_as_the_text_has_it(dialect: str, tmp_path: Path) -> None:
    text, expected = LEGAL[dialect]
    stored = open_matrix(written(tmp_path, text))
    mirrored = "skew" in text.lower()
    for i, j in np.argwhere(expected):
        if "pattern" not in text and not (mirrored and i < j):  # the other triangle has the opposite of what is told
            assert float(stored.own(i, j).lower().replace("d", "e")) == expected[i][j]


MALFORMED: dict[str, tuple[str, str]] = {
    "no file": ("", "line 1: expected '%%MatrixMarket"),
    "no banner": ("1 1 1\n1 1 1\n", "line 1: expected '%%MatrixMarket"),
    "a vector": ("%%MatrixMarket vector array real general\n3\n1\n2\n3\n", "line 1: expected '%%MatrixMarket matrix"),
    "a short banner": ("%%MatrixMarket matrix array real\n1 1\n1\n", "line 1: expected"),
    "complex": (COORDINATE + "complex general\n1 1 1\n1 1 1 1\n", "line 1: .*found 'complex': write real numbers"),
    "hermitian": (COORDINATE + "complex hermitian\n1 1 1\n1 1 1 1\n", "line 1: .*found 'complex'"),
    "real hermitian": (COORDINATE + "real hermitian\n1 1 1\n1 1 1\n", "line 1: .*found 'hermitian'"),
    "an array of a pattern": (ARRAY + "pattern general\n1 1\n", "line 1: a pattern has neither"),
    "a skew pattern": (COORDINATE + "pattern skew-symmetric\n2 2 1\n2 1\n", "line 1: a pattern has neither"),
    "elements": ("%%MatrixMarket matrix elemental real general\n1 1\n1\n", "line 1: .*found 'elemental'"),
    "no sizes": (ARRAY + "real general\n% nothing\n", "expected rows, columns, found 'nothing'"),
    "sizes of an array": (COORDINATE + "real general\n\n2 2\n1 1 1\n", "line 3: expected rows, columns and entries"),
    "three sizes of an array": (ARRAY + "real general\n2 2 4\n1\n1\n1\n1\n", "line 2: expected rows, columns, found"),
    "a negative size": (COORDINATE + "real general\n2 -2 1\n1 1 1\n", "line 2: expected rows, columns"),
    "no rows": (COORDINATE + "real general\n0 2 0\n", "1 to 10000000 rows"),
    "nothing at all": (ARRAY + "real general\n0 0\n", "1 to 10000000 rows"),
    "not square": (COORDINATE + "real symmetric\n% c\n4 3 2\n4 1 3\n3 3 1\n", "line 3: expected a square matrix"),
    "not square and skew": (ARRAY + "real skew-symmetric\n1 2\n1\n", "line 2: expected a square matrix"),
    "a word": (COORDINATE + "real general\n2 2 2\n1 1 1\n2 2 x\n", "line 4: expected a number, found 'x'"),
    "Python's number": (ARRAY + "real general\n1 1\n1_000\n", "line 3: expected a number, found '1_000'"),
    "a hash": (COORDINATE + "real general\n2 2 1\n1 1 1 # one\n", "line 3: expected 3 numbers, found '1 1 1 # one'"),
    "a complex number": (COORDINATE + "real general\n2 2 1\n1 1 1 0\n", "line 3: expected 3 numbers"),
    "a pattern's number": (COORDINATE + "pattern general\n2 2 1\n1 1 1\n", "line 3: expected 2 numbers"),
    "a broken line": (COORDINATE + "real general\n2 2 2\n1 1\n1 2 2 3\n", "line 3: expected 3 numbers, found '1 1'"),
    "row 0": (COORDINATE + "real general\n2 2 1\n0 1 1\n", "line 3: expected an index from 1 to 2, found '0'"),
    "a column too far": (COORDINATE + "real general\n2 2 1\n1 3 1\n", "line 3: .*from 1 to 2, found '3'"),
    "half a row": (COORDINATE + "real general\n2 2 1\n1.5 1 1\n", "line 3: .*from 1 to 2, found '1.5'"),
    "a row that is none": (COORDINATE + "real general\n2 2 1\nnan 1 1\n", "line 3: .*from 1 to 2, found 'nan'"),
    "half an integer": (COORDINATE + "integer general\n2 2 1\n1 1 2.5\n", "line 3: expected an integer, found '2.5'"),
    "half in an array": (ARRAY + "integer general\n1 2\n1\n.5\n", "line 4: expected an integer, found '.5'"),
    "an endless integer": (ARRAY + "integer general\n1 1\ninf\n", "line 3: expected an integer, found 'inf'"),
    "twice": (
        COORDINATE + "real general\n2 2 3\n1 1 1\n2 2 1\n1 1 3\n",
        "line 5: expected each entry once",
    ),
    "both triangles": (COORDINATE + "real symmetric\n2 2 2\n1 2 1\n2 1 1\n", "line 4: .*or its mirror image"),
    "a diagonal": (COORDINATE + "real skew-symmetric\n2 2 1\n1 1 1\n", "line 3: expected 0 on the diagonal"),
    "too few": (COORDINATE + "real general\n2 2 2\n1 1 1\n\n", "line 3: expected 2 entries, found an end after 1"),
    "too many": (COORDINATE + "real general\n2 2 1\n1 1 1\n2 2 2\n", "line 4: expected an end after 1 entries"),
    "a long array": (ARRAY + "real general\n1 2\n1\n2\n3\n", "line 5: expected an end after 2 entries, found '3'"),
    "a short array": (ARRAY + "real symmetric\n2 2\n1\n2\n%%%%%%%%\n", "line 4: expected 3 entries, found an end"),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_what_is_none_is_refused_with_its_line(fault: str, tmp_path: Path) -> None:
    text, words = MALFORMED[fault]
    with pytest.raises(InputError, match=words) as refusal:
        read(written(tmp_path, text))
    assert "\n" not in str(refusal.value)


def test_a_packed_text_that_is_damaged_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(written(tmp_path, LEGAL["array"][0], packed=True))
    whole = path.read_bytes()
    for content in (whole[:-9], whole[:20] + b"!" + whole[21:], b"no gzip", b""):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"A\.mtx\.gz"):
            read(str(path))
    path.write_bytes(whole)
    monkeypatch.setattr("wlra_dist.instances.files.unpacked.LARGEST_PACKED", 20)
    with pytest.raises(InputError, match="unpacks to more than 20 bytes: unpack it with gunzip"):
        read(str(path))
