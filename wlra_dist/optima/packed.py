"""Terms, multipliers and bounds as flat arrays: what a file or another process is given of them.

What is read back is held to be of any shape: lengths that do not fit together are a ValueError.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from wlra_dist.optima.grounds import Grounds, ProvenBound
from wlra_dist.optima.terms import Term

SIDES = ("rows", "columns", "root_p", "root_q")

OF_TERMS = ("heights", "widths", *SIDES)

OF_BOUNDS = ("party", "name", "bound", "evaluations", "powers", "terms", "kept", "sides", "row_kinds", "column_kinds")

MULTIPLIERS = "R"

NAMES = (*OF_BOUNDS, *OF_TERMS, MULTIPLIERS)
"""Of all arrays of `packed`, in their order."""


def packed_terms(terms: Sequence[Term]) -> dict[str, np.ndarray]:
    """Heights and widths of the terms, and their rows, columns, √p and √q one term after the other."""
    sizes = {"heights": [len(term.rows) for term in terms], "widths": [len(term.columns) for term in terms]}
    parts = {side: [getattr(term, side) for term in terms] for side in SIDES}
    joined = {side: _joined(own, np.float64 if side.startswith("root") else np.int64) for side, own in parts.items()}
    return {name: np.array(size, dtype=np.int64) for name, size in sizes.items()} | joined


def unpacked_terms(arrays: Mapping[str, np.ndarray]) -> list[Term]:
    """The opposite."""
    heights, widths = arrays["heights"], arrays["widths"]
    lengths = dict(zip(SIDES, (heights, widths, heights, widths), strict=True))
    return [Term(*parts) for parts in zip(*(cut(arrays[side], lengths[side]) for side in SIDES), strict=True)]


def unpacked_multipliers(R: np.ndarray, terms: Sequence[Term]) -> list[np.ndarray]:
    """R_l on each term, from all of them row by row."""
    shapes = [(len(term.rows), len(term.columns)) for term in terms]
    pieces = cut(R, np.array([height * width for height, width in shapes], dtype=np.int64))
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]


def packed(bounds: Mapping[int, ProvenBound]) -> dict[str, np.ndarray]:
    """The bounds of parties, by number, as arrays under `NAMES`; docs/records.md tells what each is."""
    grounds = [bound.grounds for bound in bounds.values()]
    there = [each for each in grounds if each is not None]
    multipliers = [R.ravel() for each in there for R in each.multipliers or ()]
    return {
        "party": np.array([*bounds], dtype=np.int64),
        "name": np.array([bound.name.encode() for bound in bounds.values()], dtype="S16"),
        "bound": np.array([bound.value for bound in bounds.values()], dtype=np.float64),
        "evaluations": np.array([each.evaluations if each else 0 for each in grounds], dtype=np.int64),
        "powers": np.array([each.powers if each else (0, 0) for each in grounds], dtype=np.int64).reshape(-1, 2),
        "terms": np.array([len(each.terms) if each else 0 for each in grounds], dtype=np.int64),
        "kept": np.array([bool(each and each.multipliers) for each in grounds], dtype=bool),
        "sides": np.array([_sides(each) for each in grounds], dtype=np.int64).reshape(-1, 2),
        "row_kinds": _joined([each.rows for each in there], np.int32),
        "column_kinds": _joined([each.columns for each in there], np.int32),
        **packed_terms([term for each in there for term in each.terms]),
        MULTIPLIERS: _joined(multipliers, np.float64),
    }


def unpacked(arrays: Mapping[str, np.ndarray]) -> dict[int, ProvenBound]:
    """The opposite of `packed`."""
    if set(arrays) != set(NAMES):
        raise ValueError(f"its arrays are not {', '.join(NAMES)}")
    terms = unpacked_terms(arrays)
    ends = np.cumsum([0, *arrays["terms"]]).tolist()
    if ends[-1] != len(terms) or min(arrays["terms"], default=0) < 0:
        raise ValueError(f"{ends[-1]} terms were due, {len(terms)} came")
    groups = [terms[start:stop] for start, stop in pairwise(ends)]
    kept = [own if keep else [] for own, keep in zip(groups, arrays["kept"], strict=True)]
    R = iter(unpacked_multipliers(arrays[MULTIPLIERS], [term for own in kept for term in own]))
    kinds = [cut(arrays[f"{side}_kinds"], arrays["sides"][:, at]) for at, side in enumerate(("row", "column"))]
    bounds: dict[int, ProvenBound] = {}
    for own, keep, rows, columns, party, name, value, evaluations, powers in zip(
        groups, kept, *kinds, *(arrays[each].tolist() for each in OF_BOUNDS[:5]), strict=True
    ):
        multipliers = [next(R) for _ in keep] or None
        grounds = Grounds(rows, columns, (powers[0], powers[1]), own, evaluations, multipliers) if own else None
        bounds[party] = ProvenBound(name.decode("ascii"), value, grounds)
    if len(bounds) != len(arrays["party"]):
        raise ValueError("a party comes twice")
    return bounds


def cut(array: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    """A flat array in pieces of these lengths; ValueError where they are not its own."""
    if array.ndim != 1 or len(array) != lengths.sum() or lengths.min(initial=0) < 0:
        raise ValueError(f"{lengths.sum()} numbers were due, {len(array)} came")
    return np.split(array, np.cumsum(lengths)[:-1]) if len(lengths) else []


def _joined(parts: Sequence[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate([np.zeros(0, kind), *(part.astype(kind) for part in parts)])


def _sides(grounds: Grounds | None) -> tuple[int, int]:
    return (len(grounds.rows), len(grounds.columns)) if grounds else (0, 0)
