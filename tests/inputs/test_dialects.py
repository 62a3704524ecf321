"""docs/inputs.md is what happens: every row of its tables is brought, the files on one rank and on two."""

import gzip
import json
import re
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from scipy import sparse

from tests.inputs.test_given import DIALECTS
from wlra_dist.css import SELECTORS, Stop, select
from wlra_dist.errors import InputError
from wlra_dist.instances import Files
from wlra_dist.playing.play import play
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.solvers import solve
from wlra_dist.world.world import Alone, World

if TYPE_CHECKING:
    from wlra_dist.world.mpi import MpiWorld

ROWS = re.compile(r"^\| (?!file|in memory)(.+?) \| (read|taken|refused)(?:[:;,] )?(.*) \|$", re.MULTILINE)
FILES, CALLS = (
    {name: (outcome, words.replace("\\|", "|")) for name, outcome, words in ROWS.findall(part)}
    for part in (Path(__file__).parents[2] / "docs" / "inputs.md").read_text(encoding="utf-8").split("## In a call")
)

M = np.array([[2, 0, 1, 0, 0], [0, 3, 0, 0, 4], [1, 0, 0, 5, 0], [0, 0, 5, 1, 0], [0, 4, 0, 0, 6]])
"""Symmetric, and of integers that every type holds."""

ONES = (M > 0).astype(int)
SKEW = np.tril(M, -1) - np.tril(M, -1).T
LARGE = M.astype(np.int64)
LARGE[0, 0] = 2**53 + 1

KINDS = (
    "bool",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    "float16",
    "float32",
    "float64",
)


def npy(array: Any, version: tuple[int, int] | None = None) -> bytes:
    stream = BytesIO()
    np.lib.format.write_array(stream, np.asanyarray(array), version=version)
    return stream.getvalue()


def npz(save: Callable[..., Any], *arrays: Any, **named: Any) -> bytes:
    stream = BytesIO()
    save(stream, *arrays, **named)
    return stream.getvalue()


def tensors(kind: str, data: bytes) -> bytes:
    header = json.dumps({"A": {"dtype": kind, "shape": M.shape, "data_offsets": [0, len(data)]}}).encode()
    return len(header).to_bytes(8, "little") + header + data


def hdf5(*, chunks: Any = None, **arrays: Any) -> bytes:
    """A file of these datasets; a shape stands for numbers that were never written."""
    stream = BytesIO()
    with h5py.File(stream, "w") as file:
        for name, array in arrays.items():
            kept = {"shape": array, "dtype": "f8"} if isinstance(array, tuple) else {"data": array}
            file.create_dataset(name, chunks=chunks, compression=chunks and "gzip", **kept)
    return stream.getvalue()


def text(layout: str, array: np.ndarray, *, values: bool = True, first: int | None = None) -> bytes:
    """Coordinates or an array; of the lower triangle only where `first` says which of its diagonals comes first."""
    kept = array if first is None else np.tril(array, -first)
    if layout.startswith("array"):
        columns = [column if first is None else column[j + first :] for j, column in enumerate(array.T)]
        lines = [f"{len(array)} {array.shape[1]}", *(str(x) for column in columns for x in column)]
    else:
        entries = [f"{i + 1} {j + 1}" + (f" {kept[i, j]}" if values else "") for i, j in np.argwhere(kept)]
        lines = [f"{len(array)} {array.shape[1]} {len(entries)}", *entries]
    return "\n".join([f"%%MatrixMarket matrix {layout}", *lines, ""]).encode()


def outside() -> Any:
    A = sparse.csr_array(M)
    A.indices[0] = 7
    return A


TWICE = sparse.coo_array((np.array([1.0, 2.0]), ([1, 1], [2, 2])), shape=M.shape)
COORDINATE = "%%MatrixMarket matrix coordinate real general\n"
saved = partial(npz, sparse.save_npz)

WRITTEN: dict[str, tuple[str, bytes, np.ndarray]] = {
    **{
        f"`.npy` of {kind}": (".npy", npy((ONES if kind == "bool" else M).astype(kind)), ONES if kind == "bool" else M)
        for kind in [
            "bool",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
            "float16",
            "float32",
            "float64",
        ]
    },
    "`.npy` of big-endian float64": (".npy", npy(M.astype(">f8")), M),
    "`.npy` of big-endian int16": (".npy", npy(M.astype(">i2")), M),
    "`.npy` in Fortran order": (".npy", npy(np.asfortranarray(M)), M),
    "`.npy` of version 2.0": (".npy", npy(M, (2, 0)), M),
    "`.npy` of version 3.0": (".npy", npy(M, (3, 0)), M),
    "`.NPY`, in capitals": (".NPY", npy(M), M),
    "`.npy.gz`": (".npy.gz", gzip.compress(npy(M)), M),
    "`.npz` of one array": (".npz", npz(np.savez, M), M),
    "`.npz` of one array, compressed": (".npz", npz(np.savez_compressed, M), M),
    "`.npz` of several arrays, one named by `A_name`": (".npz", npz(np.savez, A=M, B=SKEW), M),
    "`.npz` of scipy.sparse, csr": (".npz", saved(sparse.csr_array(M)), M),
    "`.npz` of scipy.sparse, csc": (".npz", saved(sparse.csc_matrix(M)), M),
    "`.npz` of scipy.sparse, coo with an entry twice": (".npz", saved(TWICE), TWICE.toarray()),
    "`.npz` of scipy.sparse, bsr": (".npz", saved(sparse.bsr_array(M)), M),
    "`.npz` of scipy.sparse, dia": (".npz", saved(sparse.dia_array(M)), M),
    "`.mtx` coordinate real general": (".mtx", text("coordinate real general", M / 2), M / 2),
    "`.mtx` coordinate integer general": (".mtx", text("coordinate integer general", M), M),
    "`.mtx` coordinate pattern general": (".mtx", text("coordinate pattern general", M, values=False), ONES),
    "`.mtx` coordinate real symmetric": (".mtx", text("coordinate real symmetric", M, first=0), M),
    "`.mtx` coordinate pattern symmetric": (
        ".mtx",
        text("coordinate pattern symmetric", M, values=False, first=0),
        ONES,
    ),
    "`.mtx` coordinate real skew-symmetric": (".mtx", text("coordinate real skew-symmetric", SKEW, first=1), SKEW),
    "`.mtx` array real general": (".mtx", text("array real general", M / 2), M / 2),
    "`.mtx` array integer general": (".mtx", text("array integer general", M), M),
    "`.mtx` array real symmetric": (".mtx", text("array real symmetric", M, first=0), M),
    "`.mtx` array real skew-symmetric": (".mtx", text("array real skew-symmetric", SKEW, first=1), SKEW),
    "`.mtx` with comments, blank lines, CRLF and capitals": (
        ".mtx",
        text("COORDINATE Real General", M).replace(b"\n", b"\r\n%\r\n\r\n"),
        M,
    ),
    "`.mtx` with Fortran's exponents, 1d2": (".mtx", text("array real general", M).replace(b"\n6", b"\n.6D1"), M),
    "`.mtx.gz`": (".mtx.gz", gzip.compress(text("array real general", M)), M),
    **{
        f"`.safetensors` of {kind}": (".safetensors", tensors(kind, M.astype(dtype).tobytes()), M)
        for kind, dtype in {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "U8": "u1"}.items()
    },
    "`.safetensors` of BOOL": (".safetensors", tensors("BOOL", ONES.astype("?").tobytes()), ONES),
    "`.safetensors` of BF16": (
        ".safetensors",
        tensors("BF16", (M.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()),
        M,
    ),
}

WRITTEN |= {
    "`.h5` of one dataset": (".h5", hdf5(A=M.astype("f4")), M),
    "`.hdf5` of several datasets, one named by `A_name`": (".hdf5", hdf5(A=M.astype("i8"), B=SKEW), M),
    "`.h5`, compressed in chunks, in a group": (".h5", hdf5(chunks=(2, 3), **{"group/A": M.astype(">f8")}), M),
}

UNFIT: dict[str, tuple[str, bytes | None]] = {
    "`.npy` of complex128": (".npy", npy(M + 0j)),
    "`.npy` of objects": (".npy", npz(np.save, M.astype(object))),
    "`.npy` of strings": (".npy", npy(M.astype(str))),
    "`.npy` of dates": (".npy", npy(M.astype("M8[s]"))),
    "`.npy` of a structure": (".npy", npy(np.zeros((5, 5), [("a", "<f8")]))),
    "`.npy` of bfloat16, whose bytes do not say so": (".npy", npy(np.zeros((5, 5), "V2"))),
    "`.npy` of one axis": (".npy", npy(M[0])),
    "`.npy` of three axes": (".npy", npy(M[None])),
    "`.npy` of no rows": (".npy", npy(M[:0])),
    "`.npy` with an integer beyond 2^53": (".npy", npy(LARGE)),
    "`.npy` with NaN where W is not 0": (".npy", npy(np.where(np.arange(5) == 1, np.nan, M))),
    "`.npy` that is truncated": (".npy", npy(M)[:-1]),
    "`.npz` of several arrays, none named": (".npz", npz(np.savez, A=M, B=M)),
    "`.npz` of scipy.sparse, complex": (".npz", saved(sparse.csc_array(M + 0j))),
    "`.npz` of scipy.sparse with an index outside": (".npz", saved(outside())),
    "`.mtx` coordinate complex": (".mtx", text("coordinate complex general", M)),
    "`.mtx` coordinate real hermitian": (".mtx", text("coordinate real hermitian", M)),
    "`.mtx` array pattern": (".mtx", text("array pattern general", M)),
    "`.mtx` symmetric and not square": (".mtx", text("array real symmetric", M[:4], first=0)),
    "`.mtx` with an entry twice": (".mtx", (COORDINATE + "5 5 2\n1 1 1\n1 1 1\n").encode()),
    "`.mtx` with a word for a number": (".mtx", (COORDINATE + "5 5 1\n1 1 x\n").encode()),
    "`.mtx` with a row too far": (".mtx", (COORDINATE + "5 5 1\n6 1 1\n").encode()),
    "`.mtx` with too few entries": (".mtx", (COORDINATE + "5 5 2\n1 1 1\n").encode()),
    "`.mtx` with an integer beyond 2^53": (".mtx", text("coordinate integer general", LARGE)),
    "`.safetensors` of F8_E4M3": (".safetensors", tensors("F8_E4M3", bytes(25))),
    "`.safetensors` of F8_E5M2": (".safetensors", tensors("F8_E5M2", bytes(25))),
    "`.h5` of several datasets, none named": (".h5", hdf5(A=M, B=M)),
    "`.h5` of complex128": (".h5", hdf5(A=M + 0j)),
    "`.h5` of strings": (".h5", hdf5(A=M.astype("S"))),
    "`.h5` of three axes": (".h5", hdf5(A=M[None])),
    "`.h5` that is cut off": (".h5", hdf5(A=M)[:-1]),
    "`.h5` whose numbers were never written": (".h5", hdf5(chunks=(100, 100), A=(100_000, 100_000))),
    "`.csv`, or any other ending": (".csv", b"1,2\n"),
    "no such file": (".npy", None),
}
LONG = "`.npy` of long double"
if np.dtype("g").itemsize > 8:
    UNFIT[LONG] = (".npy", npy(M.astype("g")))


def bring(name: str, place: Path, world: World) -> None:
    """AssertionError unless the file is read, as A and as W, or refused, as the table says."""
    outcome, words = FILES[name]
    ending, content, *expected = WRITTEN[name] if outcome == "read" else UNFIT[name]
    path = str(place / (f"A{ending}" if content is not None else "B.npy"))
    if world.rank == 0 and content is not None:
        Path(path).write_bytes(content)
    world.broadcast(b"written")
    named = "A" if "A_name" in name else None
    if outcome == "refused":
        with pytest.raises(InputError, match=re.escape(words)) as refusal:
            game(world, A=path)
        assert "\n" not in str(refusal.value)
        return
    as_weights = world.size == 1 and expected[0].min() >= 0  # A is 0 where such a W is
    for W in (None, path) if as_weights else (None,):
        played = game(world, A=path, A_name=named, W=W, W_name=named if W else None)
        assert played is None or np.array_equal(played.solution.dense(), expected[0])


def game(world: World, **files: Any) -> Any:
    server = GameOptions(servers=4, seed=5)
    return play(Scenario("test", "", "files", Files(k=1, **files), server, ProtocolOptions(name="raw")), world)


def test_every_row_is_brought() -> None:
    assert len(FILES) > 70
    assert FILES.keys() == WRITTEN.keys() | UNFIT.keys() | {LONG}
    assert {name for name, (outcome, _) in FILES.items() if outcome == "read"} == WRITTEN.keys()
    assert CALLS.keys() == CALLED.keys()


@pytest.mark.parametrize("name", [*WRITTEN, *UNFIT])
def test_a_file_is_read_or_refused(name: str, tmp_path: Path) -> None:
    bring(name, tmp_path, Alone())


@pytest.mark.mpi(n=[2], timeout=100)
def test_ranks_agree_on_every_file(world: "MpiWorld", tmp_path: Path) -> None:
    shared = Path(world.broadcast(str(tmp_path).encode()).decode())
    wrong: list[str] = []
    for name in [*WRITTEN, *UNFIT][::3]:  # all of them in one process, above
        try:
            bring(name, shared, world)
        except AssertionError as error:
            wrong.append(f"{name}: {error}")
    assert not wrong


def solved(A: Any, W: Any = None, k: Any = 2) -> None:
    """What is solved is M."""
    assert solve(A, ONES + 1.0 if W is None else W, k).energy == pytest.approx(solve(M, ONES + 1.0, 2).energy)


def each(*dialects: str) -> Callable[[Path], None]:
    def run(place: Path) -> None:
        for dialect in dialects:
            solved(DIALECTS[dialect](M, place))
            B = DIALECTS[dialect](M, place)
            assert len(select(SELECTORS["greedy"](), B, Stop(2), np.random.default_rng(0)).columns) == 2

    return run


def all_of(beginning: str) -> tuple[str, ...]:
    return tuple(dialect for dialect in DIALECTS if dialect.startswith(beginning))


def refused(*bad: Any, **keys: Any) -> Callable[[Path, str], None]:
    def run(place: Path, words: str) -> None:  # noqa: ARG001
        for M_i in bad:
            with pytest.raises(InputError, match=re.escape(words)):
                solve(**{"A": M_i, "W": ONES + 1.0, "k": 2, **keys})

    return run


def masked(place: Path) -> None:  # noqa: ARG001
    hidden = np.ma.masked_array(M, ONES == 0)
    assert solve(hidden, np.ones(M.shape), 2).loss == solve(M, ONES, 2).loss


def ranks(place: Path) -> None:  # noqa: ARG001
    for k in (2, np.int8(2), np.array(2)):
        solved(M, k=k)


def no_ranks(place: Path, words: str) -> None:
    for k in (True, 2.0, "2"):
        refused(M, k=k)(place, words)


CALLED: dict[str, Callable[..., None]] = {
    "numpy array of bool, int8 … uint64, float16 … float64": each(*(f"numpy {kind}" for kind in "bBhHiIlLqQefd")),
    "big-endian, Fortran order, not contiguous": each("numpy >f8", "numpy >i2", "Fortran order", "not contiguous"),
    "ml_dtypes: bfloat16, float8": each("bfloat16", "float8_e4m3fn"),
    "np.matrix, list, list of arrays": each("np.matrix", "list", "list of arrays"),
    "np.memmap": each(*all_of("memmap")),
    "pandas DataFrame, by column; nullable integers": each(*all_of("frame")),
    "torch tensor on the CPU, bfloat16 too": each(*all_of("tensor")),
    "scipy.sparse of any format": each(*all_of("sparse")),
    "complex, objects, strings, dates, structures": refused(
        M + 0j, M.astype(object), M.astype(str), M.astype("M8[s]"), np.zeros((5, 5), [("a", "f8")])
    ),
    "ragged list, one axis, a number": refused([[1, 2], [3]], M[0], 3),
    "integers beyond 2^53 where W is not 0": refused(LARGE),
    "numpy.ma array as A, the masked entries as W = 0": masked,
    "numpy.ma array as W with a mask": refused(M, W=np.ma.masked_array(ONES, ONES == 0)),
    "k, r, rank options: integers of any type": ranks,
    'k = True, 2.0, "2"': no_ranks,
}


@pytest.mark.parametrize("name", CALLED)
def test_a_call_takes_or_refuses(name: str, tmp_path: Path) -> None:
    outcome, words = CALLS[name]
    CALLED[name](tmp_path, *([words] if outcome == "refused" else []))
