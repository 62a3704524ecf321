"""One value of every codec from a seed, to try the laws on. A new codec is a line in DRAWN."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csc_array

from wlra_dist.codecs.base.bits import BitWriter
from wlra_dist.codecs.base.choice import Choice, OneOf
from wlra_dist.codecs.base.codec import Codec, received
from wlra_dist.codecs.base.compound import Fields, ListOf, Maybe
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.grid import Exponent, step
from wlra_dist.codecs.base.integers import Count, Indices, Integers
from wlra_dist.codecs.base.named import Named
from wlra_dist.codecs.base.reals import Coefficients, Fixed, Floats
from wlra_dist.codecs.base.relayed import Relayed, Words
from wlra_dist.codecs.columns.column_set import ColumnSet, Places
from wlra_dist.codecs.columns.columns import ColumnsAndX, SelectedColumns, SparseColumns
from wlra_dist.codecs.columns.integer_columns import IntegerColumns
from wlra_dist.codecs.multiples import Entries, Multiples, MultiplesCode, have_a_step
from wlra_dist.codecs.pixels import PixelPrior
from wlra_dist.codecs.trellis.lattice import RoundedEntries, RoundingTask, rounded
from wlra_dist.css import SELECTORS
from wlra_dist.forms.exact_code import DescribedColumns, IntegerColumnsAndY, Likely
from wlra_dist.forms.rounded_code import RoundedCode, RoundedFactors
from wlra_dist.forms.skeleton_code import Skeleton, SkeletonCode
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.als.exponents import Exponents
from wlra_dist.protocols.bins import Bins
from wlra_dist.protocols.common_columns.sent_columns import SentColumns, SentColumnsCode
from wlra_dist.protocols.cross.cosets import LEVELS, Cosets, modulus
from wlra_dist.protocols.cross.requests import AnswerCode, CrossAnswer, Request, RequestCode, SentNumbers
from wlra_dist.protocols.distinct.labels import Labels, LabelsBeside, kinds_of_weights
from wlra_dist.protocols.distinct.near import NearTable, NearTableCode
from wlra_dist.protocols.distinct.table import Table, TableCode
from wlra_dist.protocols.one_round.residual_curve import CurveCode, ResidualCurve
from wlra_dist.protocols.rounded.grids import Finer, FinerCode, First, FirstCode
from wlra_dist.protocols.sketched.block_sketch import BlockSketch, BlockSketchCode
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.grouping import numbered
from wlra_dist.weights.weighing import others

Drawn = tuple[Codec[Any], Any]


def maybe(rng: np.random.Generator, *numbers: int) -> int | None:
    """One of the numbers, or none of them."""
    which = int(rng.integers(len(numbers) + 1))
    return numbers[which - 1] if which else None


def count(rng: np.random.Generator) -> Drawn:
    most = int(rng.choice([0, 1, 7, 8, 1000, 2**62]))
    return Count(most), int(rng.integers(0, most + 1))


def indices(rng: np.random.Generator) -> Drawn:
    size, below = int(rng.integers(0, 12)), int(rng.choice([1, 2, 3, 8, 9, 2**40]))
    return Indices(size, below), rng.integers(0, below, size)


def integers(rng: np.random.Generator) -> Drawn:
    size, bound = int(rng.integers(0, 12)), int(rng.choice([0, 1, 5, 255, 2**53, 2**62 - 1]))
    low, high = np.sort(rng.integers(-bound, bound + 1, 2))
    return Integers(size, bound), rng.integers(low, high + 1, size)


def floats(rng: np.random.Generator) -> Drawn:
    shape = tuple(rng.integers(0, 5, rng.integers(1, 3)).tolist())
    return Floats(shape), rng.standard_normal(shape) * 10.0 ** rng.integers(-300, 300)


def singles(rng: np.random.Generator) -> Drawn:
    shape = tuple(rng.integers(0, 5, rng.integers(1, 3)).tolist())
    return Floats(shape, 32), rng.standard_normal(shape).astype(np.float32).astype(float)


def fixed(rng: np.random.Generator) -> Drawn:
    shape = tuple(rng.integers(0, 5, rng.integers(1, 3)).tolist())
    return Fixed(shape, int(rng.integers(2, 54))), reals(rng, shape)


def coefficients(rng: np.random.Generator) -> Drawn:
    shape = tuple(rng.integers(0, 5, 2).tolist())
    return Coefficients(shape), (int(rng.choice([2, 3, 24, 25, 52, 53, 64])), reals(rng, shape))


def columns(rng: np.random.Generator) -> Drawn:
    W = weights(rng)
    S, bound, sparse, width = selected(rng, W), *entry_options(rng)
    A = matrix(rng, W.dense(S), bound, sparse, width)
    return SparseColumns(W, S, bound, sparse, width), A


def columns_and_X(rng: np.random.Generator) -> Drawn:
    W = weights(rng)
    S, bound, sparse, width = selected(rng, W), *entry_options(rng)
    C = matrix(rng, W.dense(S), bound, sparse, width)
    X = reals(rng, (len(S), W.shape[1] - len(S)))
    value = SelectedColumns(S, C, X, int(rng.choice([2, 17, 53, 64])), bool(rng.integers(2)))
    return ColumnsAndX(W, bound, sparse, width), value


def places(rng: np.random.Generator) -> Drawn:
    below = int(rng.choice([0, 1, 9, 400]))
    size = int(rng.integers(0, below + 1))
    start = int(rng.integers(0, below - size + 1))
    subset = np.sort(rng.permutation(below)[:size]) if rng.integers(2) else start + np.arange(size)
    return Places(below, maybe(rng, size, below + 1)), subset


def column_set(rng: np.random.Generator) -> Drawn:
    W = weights(rng)
    whole_groups = np.flatnonzero(np.isin(W.groups, W.groups[:1]))
    return ColumnSet(W.groups, maybe(rng, 1, 2)), whole_groups if rng.integers(3) == 0 else np.sort(selected(rng, W))


def integer_columns(rng: np.random.Generator) -> Drawn:
    W, sparse = weights(rng), bool(rng.integers(2))
    S, bound = np.sort(selected(rng, W)), int(rng.choice([0, 1, 7, 100_000]))
    likely = maybe(rng, 1, 3)
    return IntegerColumns(W, S, bound, sparse, likely), matrix(rng, W.dense(S), bound, sparse, 64)


def integer_columns_and_Y(rng: np.random.Generator) -> Drawn:
    W, sparse = weights(rng), bool(rng.integers(2))
    S, bound = np.sort(selected(rng, W)), int(rng.choice([1, 7]))
    Y = rng.integers(-9, 10, (len(S), W.shape[1] - len(S))) * int(rng.integers(2))
    nonzero = bool(Y.any())
    exponent, rounded = int(rng.integers(-99, 99)) * nonzero, bool(rng.integers(2)) and nonzero
    C = matrix(rng, W.dense(S), bound, sparse, 64)
    return IntegerColumnsAndY(W, bound, sparse, Likely(maybe(rng, 2), 3)), DescribedColumns(S, C, exponent, Y, rounded)


def skeleton(rng: np.random.Generator) -> Drawn:
    W, sparse, bound = weights(rng), bool(rng.integers(2)), int(rng.choice([0, 1, 7, 100_000]))
    n, d = W.shape
    S = np.sort(selected(rng, W)[:n])
    rows, rest = np.sort(rng.permutation(n)[: len(S)]), others(S, d)
    C = matrix(rng, W.dense(S), bound, sparse, 64)
    R = matrix(rng, W.dense(rest)[rows], bound, False, 64)
    return SkeletonCode(W, bound, sparse), Skeleton(S, C, rows, np.asarray(R))


def sent_columns(rng: np.random.Generator) -> Drawn:
    """Integers, plain numbers, or columns that are rounded each to its own grid."""
    W, bound, sparse = weights(rng), [None, 1, 1000][rng.integers(3)], bool(rng.integers(2))
    S, width = np.sort(selected(rng, W)), entry_options(rng)[2]
    if rng.integers(2):
        exponents = rng.integers(-999, 999, len(S))
        C = rng.integers(-99, 100, (W.shape[0], len(S))) * (W.dense(S) > 0) * step(exponents)
        return SentColumnsCode(W, "rounded", None, False), SentColumns(S, C, exponents)
    C = matrix(rng, W.dense(S), bound, sparse, width)
    travel = "plain" if bound is None or rng.integers(2) else "integer"
    return SentColumnsCode(W, travel, bound, sparse, width), SentColumns(S, C, np.zeros(len(S), dtype=np.int64))


def rounded_factors(rng: np.random.Generator) -> Drawn:
    W = weights(rng)
    d = W.shape[1]
    c = int(rng.integers(0, d + 1))
    S = rng.permutation(d)[:c] if rng.integers(2) else np.zeros(0, dtype=np.int64)
    rows = len(RoundedCode(W).rows)
    L, Y = rng.integers(-99, 100, (rows, c)), rng.integers(-9, 10, (c, d - len(S)))
    exponent, finer = int(rng.integers(-999, 999)), rng.integers(0, 256, c)
    return RoundedCode(W), RoundedFactors(S, exponent, finer, RoundedEntries.plainly(L), RoundedEntries.plainly(Y))


def trellised_factors(rng: np.random.Generator) -> Drawn:
    """Factors that are paths of the trellis, of very different scales."""
    W = DenseWeights(rng.random((int(rng.integers(1, 9)), int(rng.integers(2, 16)))))
    (n, d), c, code = W.shape, int(rng.integers(1, 3)), RoundedCode(W)
    none, finer = np.zeros(0, dtype=np.int64), rng.integers(0, 9, c) * int(rng.integers(2))
    L, Y = (rng.standard_normal(shape) * 2.0 ** rng.integers(-1, 12) for shape in ((n, c), (c, d)))
    (left,) = rounded([RoundingTask(L, code.left(c).hints)], int(rng.integers(2)))
    assert left is not None
    (right,) = rounded([RoundingTask(Y, code.right(left, finer, none).hints)])
    right = right or RoundedEntries.plainly(np.rint(Y).astype(np.int64))  # where L gives Y hints that are far off
    return code, RoundedFactors(none, int(rng.integers(-99, 99)), finer, left, right)


def factors_of_pixels(rng: np.random.Generator) -> Drawn:
    """Factors whose rows are the pixels of an image, in a basis of theirs or not."""
    grid = int(rng.integers(1, 9)), int(rng.integers(1, 4))
    W = DenseWeights(rng.random((grid[0] * grid[1], 4)) * rng.integers(0, 2, (grid[0] * grid[1], 1)))
    code, c = RoundedCode(W, grid), int(rng.integers(1, 3))
    prior = PixelPrior(*rng.integers(0, 16, 2).tolist()) if rng.integers(2) else None
    L, Y = rng.integers(-99, 100, (len(code.rows), c)), rng.integers(-9, 10, (c, 4))
    none, finer = np.zeros(0, dtype=np.int64), np.zeros(c, dtype=np.int64)
    return code, RoundedFactors(none, 0, finer, RoundedEntries.plainly(L), RoundedEntries.plainly(Y), prior)


def labels(rng: np.random.Generator) -> Drawn:
    size = int(rng.choice([1, 2, 9, 300]))
    return Labels(size), labels_of(rng, size)


def labels_of(rng: np.random.Generator, size: int) -> np.ndarray:
    """All of 0 … p−1 occur; different ones are in order."""
    _, value = np.unique(rng.integers(0, int(rng.integers(1, size + 1)), size), return_inverse=True)
    return value if value.max() + 1 < size else np.arange(size)


def table(rng: np.random.Generator) -> Drawn:
    n, d = (int(size) for size in rng.integers(1, 20, 2))
    rows, columns = labels_of(rng, n), labels_of(rng, d)
    options = entry_options(rng)
    core = matrix(rng, np.ones((int(rows.max()) + 1, int(columns.max()) + 1)), *options)
    with_rows, with_core = rng.integers(2, size=2)
    value = Table(rows if with_rows else None, columns, core if with_core else None)
    return TableCode(n, d, *options, bool(rng.integers(2))), value


def labels_beside(rng: np.random.Generator) -> Drawn:
    """Labels that refine public ones, or any."""
    size = int(rng.choice([1, 2, 9, 300]))
    public = numbered(labels_of(rng, size))
    value = numbered(public * size + labels_of(rng, size)) if rng.integers(2) else labels_of(rng, size)
    return LabelsBeside(size, lambda: public), value


def near(rng: np.random.Generator) -> Drawn:
    """With all columns of the table as they are; its other forms are codecs of their own."""
    n, d = (int(size) for size in rng.integers(2, 20, 2))
    rows, columns = numbered(labels_of(rng, n)), numbered(labels_of(rng, d))
    W = DenseWeights((rows[:, None] % 2) + (columns % 2) + 1.0)
    p, q = int(rows.max()) + 1, int(columns.max()) + 1
    terms = Terms(1, 1, 0.5, 8, None, False, 64, SELECTORS["auto"]())
    table = SelectedColumns(np.arange(q), rng.standard_normal((p, q)), np.zeros((q, 0)), 64, False)
    value = NearTable(rows if rng.integers(2) else None, columns, p, Choice(len(terms.forms) - 1, table))
    return NearTableCode(n, d, terms, kinds_of_weights(W)), value


def multiples(rng: np.random.Generator) -> Drawn:
    codes: list[Entries] = ["coded", "words", "float32", "float64"]
    rows, columns, entries = int(rng.integers(0, 7)), int(rng.choice([0, 1, 40])), codes[rng.integers(4)]
    narrower = bool(rng.integers(2))
    shape = int(rng.integers(0, rows + 1)), int(rng.integers(0, columns + 1)) if narrower else columns
    stepped = have_a_step(entries)
    value = Multiples.near(rng.integers(-99, 100, shape) * 1.0 if stepped else reals(rng, shape), 0, entries)
    assert value is not None
    value = value._replace(exponent=int(rng.integers(-99, 99)) if stepped and value.grid.size else 0)
    return MultiplesCode(rows, columns, entries, narrower), value


def block_sketch(rng: np.random.Generator) -> Drawn:
    rows, checks, d = (int(size) for size in rng.integers(1, 7, 3))
    rank, turned, width = int(rng.integers(0, rows + 1)), int(rng.integers(0, 3)), [None, 32, 64][rng.integers(3)]
    code, none = BlockSketchCode(rows, checks, turned, rank, d, width), np.zeros((rows, 0), dtype=np.int64)
    right, check = (rng.integers(-99, 100, (height, d)) for height in (rows, checks))
    if width is not None:
        return code, BlockSketch(np.zeros(3), np.zeros(3, dtype=np.int64), none, right * 0.5, check * 0.5)
    exponents = rng.integers(-99, 99, 3)
    if rank and rng.integers(2):
        left, Y = rng.integers(-9, 10, (rows, rank)), rng.integers(-9, 10, (rank, d))
        check = rng.integers(-9, 10, (turned, rank)) if turned else check
        return code, BlockSketch(rng.integers(0, 99, 3) * 0.5, exponents, left, Y, check)
    exponents[0] = 0
    return code, BlockSketch(np.zeros(3), exponents, none, right, check)


def one_of(rng: np.random.Generator) -> Drawn:
    (first, a), (second, b) = indices(rng), floats(rng)
    which = int(rng.integers(2))
    return OneOf([first, second]), Choice(which, (a, b)[which])


class Two(NamedTuple):
    """A message of two fields."""

    first: Any
    second: Any


def two_fields(rng: np.random.Generator) -> Drawn:
    (first, a), (second, b) = indices(rng), coefficients(rng)
    return Fields(Two, (first, second)), Two(a, b)


def list_of(rng: np.random.Generator) -> Drawn:
    most = int(rng.choice([0, 1, 6]))
    item = Fields(Two, (Count(9), Indices(3, 5)))
    length = int(rng.integers(0, most + 1))
    return ListOf(item, most), [Two(int(rng.integers(10)), rng.integers(0, 5, 3)) for _ in range(length)]


def perhaps(rng: np.random.Generator) -> Drawn:
    code, value = indices(rng)
    return Maybe(code), value if rng.integers(2) else None


def grid_indices(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Columns of very different sizes."""
    return np.rint(rng.standard_normal(shape) * 2.0 ** rng.integers(-2, 58, shape[1])).astype(np.int64)


def bins(rng: np.random.Generator) -> Drawn:
    shape = int(rng.integers(0, 9)), int(rng.integers(0, 5))
    return Bins(shape), grid_indices(rng, shape)


def cosets(rng: np.random.Generator) -> Drawn:
    shape, M = (int(rng.integers(0, 9)), int(rng.integers(0, 5))), int(rng.integers(2, 3000))
    return Cosets(shape, M), rng.integers(0, M, shape)


def request(rng: np.random.Generator) -> Drawn:
    n, d = (int(side) for side in rng.integers(1, 9, 2))
    levels = tuple(int(level) for level in rng.integers(0, LEVELS + 1, 2))
    columns = np.flatnonzero(rng.random(d) < 0.5)
    return RequestCode(n, d), Request(int(rng.integers(-999, 999)), int(rng.integers(0, n + 1)), columns, levels)  # pyright: ignore[reportArgumentType]


def answer(rng: np.random.Generator) -> Drawn:
    n, d = (int(side) for side in rng.integers(1, 9, 2))
    columns, rows = (grid_indices(rng, (int(rng.integers(1, n + 1)), int(rng.integers(1, d + 1)))) for _ in range(2))
    level = int(rng.integers(LEVELS))
    return AnswerCode(n, d), CrossAnswer(SentNumbers(columns), SentNumbers(np.mod(rows, modulus(level)), level))


def first(rng: np.random.Generator) -> Drawn:
    _, whole = bins(rng)
    return FirstCode(whole.shape), First(whole, received(*energy(rng)))


def finer(rng: np.random.Generator) -> Drawn:
    shape, factor = (int(rng.integers(0, 9)), int(rng.integers(0, 5))), int(rng.integers(1, 65))
    return FinerCode(shape), Finer(factor, rng.integers(0, factor, shape), received(*energy(rng)))


def residual_curve(rng: np.random.Generator) -> Drawn:
    n, d = (int(side) for side in rng.integers(1, 40, 2))
    energy = 10.0 ** rng.integers(-300, 300)
    left = energy * np.cumprod(np.r_[1.0, rng.random(int(rng.integers(0, min(n, d) + 1)))])
    bound = float(rng.choice([0.0, 1e-60, energy / 3]))
    # what a receiver has of a curve stays as it is when it is sent again
    code = CurveCode(n, d)
    return code, received(code, ResidualCurve(bound, int(rng.integers(0, n + 1)), left))


def energy(rng: np.random.Generator) -> Drawn:
    drawn = float(rng.choice([0.0, 1.0, rng.random() * 10.0 ** rng.integers(-320, 300)]))
    return Energy(), received(Energy(), drawn)


def exponent(rng: np.random.Generator) -> Drawn:
    return Exponent(), int(rng.integers(-32_000, 32_001))


def exponents(rng: np.random.Generator) -> Drawn:
    most = int(rng.choice([0, 1, 7]))
    return Exponents(most), rng.integers(-32_000, 32_001, int(rng.integers(0, most + 1)))


def named(rng: np.random.Generator) -> Drawn:
    code, value = floats(rng)
    return Named("U", code), value


def relayed(rng: np.random.Generator) -> Drawn:
    limits = rng.integers(0, 40, rng.integers(0, 5)).tolist()
    words = []
    for most in limits:
        bits = int(rng.integers(0, most + 1))
        out = BitWriter()
        out.words(rng.integers(0, 2, bits), 1)
        words.append(Words(bits, out.payload()))
    return Relayed(limits, 7), words


DRAWN: dict[str, Callable[[np.random.Generator], Drawn]] = {
    "Count": count,
    "Indices": indices,
    "Integers": integers,
    "Floats": floats,
    "Floats of 32 bits": singles,
    "Fixed": fixed,
    "Coefficients": coefficients,
    "SparseColumns": columns,
    "ColumnsAndX": columns_and_X,
    "Places": places,
    "ColumnSet": column_set,
    "IntegerColumns": integer_columns,
    "IntegerColumnsAndY": integer_columns_and_Y,
    "Skeleton": skeleton,
    "SentColumns": sent_columns,
    "RoundedFactors": rounded_factors,
    "RoundedFactors, trellis-coded": trellised_factors,
    "RoundedFactors, of pixels": factors_of_pixels,
    "ResidualCurve": residual_curve,
    "Energy": energy,
    "Relayed": relayed,
    "Exponent": exponent,
    "Exponents": exponents,
    "Named": named,
    "Labels": labels,
    "LabelsBeside": labels_beside,
    "Table": table,
    "NearTable": near,
    "Multiples": multiples,
    "BlockSketch": block_sketch,
    "OneOf": one_of,
    "Fields": two_fields,
    "ListOf": list_of,
    "Maybe": perhaps,
    "Bins": bins,
    "Cosets": cosets,
    "Request": request,
    "Answer": answer,
    "First": first,
    "Finer": finer,
}


def reals(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of one scale, some of them zero; sometimes all."""
    density = rng.choice([0.0, 0.5, 1.0])
    scale = 10.0 ** rng.integers(-37, 37)
    return np.where(rng.random(shape) < density, rng.uniform(-1, 1, shape) * scale, 0.0)


def weights(rng: np.random.Generator) -> Weights:
    """n×d weights with zeros, n and d from 1 to 8."""
    n, d, r = (int(side) for side in rng.integers(1, [9, 9, 4]))
    kind = rng.integers(3)
    if kind == 0:
        return BlockMask.wide(n, r, -(-d // r), d)
    if kind == 1:
        return LowRankWeights(rng.integers(0, 3, (n, r)) * 1.0, rng.integers(0, 3, (r, d)) * 1.0)
    return DenseWeights(np.where(rng.random((n, d)) < rng.random(), rng.random((n, d)), 0.0))


def selected(rng: np.random.Generator, W: Weights) -> np.ndarray:
    """Some of W's columns in any order: none, all or a few."""
    d = W.shape[1]
    return rng.permutation(d)[: rng.choice([0, d, int(rng.integers(0, d + 1))])]


def entry_options(rng: np.random.Generator) -> tuple[int | None, bool, Any]:
    """An entry bound, whether the matrix is sparse, and the bits of a real entry."""
    bound = [None, 0, 1, 1000][rng.integers(4)]
    return bound, bool(rng.integers(2)), [32, 64][rng.integers(2)]


def matrix(rng: np.random.Generator, W: np.ndarray, bound: int | None, sparse: bool, width: int) -> Matrix:
    """A matrix on supp(W) that such a code holds exactly."""
    A = rng.standard_normal(W.shape) if bound is None else rng.integers(-bound, bound + 1, W.shape) * 1.0
    A = np.where(rng.random(W.shape) < rng.choice([0.1, 0.5, 1.0]), A, 0.0)
    if width == 32:
        A = A.astype(np.float32).astype(float)
    A = np.where(W > 0, A, 0.0)
    return csc_array(A) if sparse else A
