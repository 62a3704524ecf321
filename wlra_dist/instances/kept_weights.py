"""W in a run's record: whole, or as the SHA-256 of the user's file that it stays in.

W is public, and a replay has it from nowhere else. A class of weights is a dataclass, and kept as its fields: integers,
None, arrays and sparse columns. A class that says `in_file = True` stays in the user's file.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from wlra_dist.errors import InputError, VerificationError
from wlra_dist.inputs.canonical import canonical
from wlra_dist.instances.instance import Share
from wlra_dist.linalg.digests import digests
from wlra_dist.weights import WEIGHTS, Weights
from wlra_dist.weights.weighing import column_runs


class Kept(NamedTuple):
    """What weights are made of.

    Attributes:
        facts: the form and its numbers, for record.json.
        arrays: for weights.npz.
    """

    facts: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @property
    def digest(self) -> str:
        """SHA-256 of all of it: of the numbers that structured weights are made of, never of n×d."""
        return sha256(canonical([self.facts, digests(self.arrays)]).encode()).hexdigest()


@dataclass(frozen=True)
class OfFields:
    """Weights that are the fields of a dataclass: integers, or None, arrays, and csc_arrays as the arrays in them."""

    kind: type

    def keep(self, weights: Any, options: Any) -> Kept:  # noqa: ARG002
        if not is_dataclass(self.kind):
            raise InputError(
                f"{self.kind.__name__} cannot be kept in a record: make it a dataclass of numbers and arrays"
            )
        stated = {field.name: getattr(weights, field.name) for field in fields(self.kind)}
        sparse = {name: value for name, value in stated.items() if hasattr(value, "indptr")}
        arrays = {name: value for name, value in stated.items() if isinstance(value, np.ndarray)}
        facts = {name: value for name, value in stated.items() if name not in arrays | sparse}
        if strange := _strange(facts):
            raise InputError(
                f"{self.kind.__name__} cannot be kept in a record: expected integers, arrays or None in its fields, "
                f"{strange} has {type(facts[strange]).__name__}"
            )
        parts = {f"{name}.{part}": getattr(M, part) for name, M in sparse.items() for part in ("data", *_PLACES)}
        shapes = {f"{name}.shape": np.array(M.shape) for name, M in sparse.items()}
        return Kept(facts, arrays | parts | shapes)

    def restore(self, kept: Kept, options: Any) -> Weights:  # noqa: ARG002
        if strange := _strange(kept.facts):
            raise ValueError(f"{strange} is no integer")
        plain = {name: value for name, value in kept.arrays.items() if "." not in name}
        sparse = dict.fromkeys(name.split(".")[0] for name in kept.arrays if "." in name)
        return self.kind(**kept.facts, **plain, **{name: _sparse_columns(name, kept.arrays) for name in sparse})


_PLACES = ("indices", "indptr")


def _sparse_columns(name: str, arrays: Mapping[str, np.ndarray]) -> Any:
    """The csc_array that a record holds as arrays; ValueError for an index outside."""
    from scipy.sparse import csc_array

    n, d = arrays[f"{name}.shape"].tolist()
    M: Any = csc_array(tuple(arrays[f"{name}.{part}"] for part in ("data", *_PLACES)), shape=(n, d))
    M.check_format(full_check=True)
    return M


def _strange(facts: Mapping[str, Any]) -> str | None:
    """The first field that no record can hold."""
    return next((name for name, value in facts.items() if not isinstance(value, int | None)), None)


@dataclass(frozen=True)
class InFile:
    """Weights that stay in a file of the user's: the scenario says where, the record which bytes."""

    def keep(self, weights: Weights, options: Any) -> Kept:
        return Kept({"sha256": sha256_of(Path(options.W)), "shape": list(weights.shape)}, {})

    def restore(self, kept: Kept, options: Any) -> Weights:
        if not Path(options.W).is_file():
            raise InputError(f"W is expected in {options.W}, and it is not there; if it was moved: --data DIRECTORY")
        if sha256_of(Path(options.W)) != kept.facts["sha256"]:
            raise VerificationError(f"{options.W} is not the file W that was played with: its SHA-256 is another")
        n, d = kept.facts["shape"]
        return options.weights_for((n, d))


def keep_weights(weights: Weights, options: Any) -> Kept:
    """What a record keeps of the weights; `options` are those of the scenario's instance.

    Raises:
        InputError: the weights' class is no dataclass of integers, None and arrays.
    """
    kind = type(weights)
    facts, arrays = _keeping(kind).keep(weights, options)
    return Kept({"form": kind.__name__, **facts}, arrays)


def digest_of(weights: Weights, options: Any) -> str:
    """SHA-256 of W; of its entries, some columns at a time, where its class is no dataclass."""
    if is_dataclass(weights):
        return keep_weights(weights, options).digest
    entries = sha256()
    for run in column_runs(*weights.shape):
        entries.update(weights.dense(run).tobytes())
    return entries.hexdigest()


def _keeping(kind: type) -> "InFile | OfFields":
    return InFile() if getattr(kind, "in_file", False) else OfFields(kind)


def restore_weights(kept: Kept, options: Any, shape: tuple[int, int], types: Iterable[type]) -> Weights:
    """The weights of `keep_weights`, n×d, of one of these types.

    Raises:
        InputError: the user's file W is not there.
        VerificationError: that file was changed, or what was kept makes no weights of this shape.
    """
    facts = {name: value for name, value in kept.facts.items() if name != "form"}
    try:
        kind = {kind.__name__: kind for kind in types}[kept.facts["form"]]
        weights = _keeping(kind).restore(Kept(facts, kept.arrays), options)
        found = weights.shape
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise VerificationError(f"what the record keeps of W makes no weights: {error}") from error
    if found != shape:
        raise VerificationError(f"the record's W has the shape {found}, its A {shape}")
    return weights


def shared_weights(share: Share, make: Callable[[], Weights | None]) -> Weights | None:
    """The weights that one process makes, on all processes; they have no fields but arrays and sparse columns."""

    def kept() -> dict[str, np.ndarray]:
        weights = make()
        if weights is None:
            return {}
        of = type(weights)
        return {_FORM: np.array(list(WEIGHTS).index(of.__name__)), **OfFields(of).keep(weights, None).arrays}

    arrays = dict(share(kept))
    if not arrays:
        return None
    kind = list(WEIGHTS.values())[int(arrays.pop(_FORM))]
    return OfFields(kind).restore(Kept({}, arrays), None)


_FORM = "="
"""No name of a field."""


def sha256_of(path: Path) -> str:
    """SHA-256 of a file; InputError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
