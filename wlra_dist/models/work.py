"""What is done with one tensor, or some of its rows: a look, what its forms may cost, its encoding."""

import json
import os
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from google_crc32c import value as crc32c

from wlra_dist.linalg.scale import centred
from wlra_dist.models.forms import EXACT, HALF, LOW_RANK, described, kept, read_kept
from wlra_dist.models.importance import Importance
from wlra_dist.models.norms import Norm
from wlra_dist.models.rates import Curve
from wlra_dist.models.shapes import as_matrix, matrix_shape
from wlra_dist.models.sources import Tensor, opened_model

PIECE = 1 << 20
"""Numbers that are looked at together."""

MODEST = 64
"""Powers of two up to this are left in."""


@dataclass(frozen=True)
class Unit:
    """Rows start … stop of a tensor's matrix in way 0; what is a matrix in several ways is not cut."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Task:
    """What is to be done.

    Attributes:
        model: path of the model.
        importance: what is known of how much errors matter.
        parts: where results are kept.
        unit: with what.
        form: to encode in; "look" for a first look at a tensor, "weigh" for what the forms may cost.
        way, k: of the form.
        price: of a bit, in what is lost.
    """

    model: str
    importance: Importance
    parts: str
    unit: Unit
    form: str
    way: int = 0
    k: int = 0
    price: float = 0.0

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> "Task":
        stated = json.loads(text)
        return cls(**{**stated, "importance": Importance(**stated["importance"]), "unit": Unit(**stated["unit"])})

    @property
    def place(self) -> Path:
        """Of the result; a payload lies beside it."""
        return Path(self.parts) / f"{hash_of(self.text()):016x}"


def hash_of(text: str) -> int:
    """A number of 63 bits that names a text."""
    from hashlib import blake2b

    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1


def do(text: str) -> str:
    """The answer to a task: at once if it has been done before."""
    task = Task.of(text)
    answer = task.place.with_suffix(".json")
    if answer.is_file():
        return answer.read_text()
    found = json.dumps({"look": _looked, "weigh": _weighed}.get(task.form, _encoded)(task))
    _keep(answer, found.encode())
    return found


def _matrix(tensor: Tensor, unit: Unit, way: int) -> np.ndarray:
    """The rows, as floats."""
    if way:
        return as_matrix(tensor.kind.floats(tensor.all()), way)
    width = tensor.size // max(1, tensor.shape[0])
    return tensor.kind.floats(tensor.read(unit.start * width, unit.stop * width)).reshape(-1, width)


def _norm(task: Task, way: int) -> tuple[Norm, int]:
    """The norm over the unit's matrix, which a power of two may have been taken out of."""
    tensor = opened_model(task.model)[task.unit.name]
    A, power = centred(_matrix(tensor, task.unit, way), MODEST)
    return task.importance.norm(tensor, A, way, slice(task.unit.start, task.unit.stop)), power


def _looked(task: Task) -> dict[str, Any]:
    """Whether all numbers are finite, and the size of the largest; of kinds that are kept exactly nobody asks."""
    tensor = opened_model(task.model)[task.unit.name]
    finite, largest = True, 0.0
    for start in range(0, tensor.size if tensor.kind.lossy else 0, PIECE):
        numbers = tensor.read(start, min(start + PIECE, tensor.size))
        if tensor.kind.has_nan(numbers):
            finite = False
            break
        largest = max(largest, float(np.abs(tensor.kind.floats(numbers)).max()))
    return {"finite": finite, "largest": largest}


def _weighed(task: Task) -> dict[str, Any]:
    """The curves of all ways that were asked for."""
    norm, power = _norm(task, task.way)
    curve = Curve.of(norm)
    return {
        "shape": curve.shape, "energy": curve.energy, "power": power,
        "spectrum": curve.spectrum.tolist(), "variances": curve.variances.tolist(),
    }  # fmt: skip


def curve_of(answer: dict[str, Any]) -> Curve:
    """The curve that an answer tells."""
    shape = answer["shape"]
    return Curve((shape[0], shape[1]), answer["energy"], np.array(answer["spectrum"]), np.array(answer["variances"]))


def _encoded(task: Task) -> dict[str, Any]:
    """Encodes; the payload goes into a file."""
    payload, loss, bound, k = (_kept if task.form in (EXACT, HALF) else _described)(task)
    _keep(task.place.with_suffix(".part"), payload)
    return {"nbytes": len(payload), "checksum": crc32c(payload), "loss": loss, "bound": bound, "k": k}


def _kept(task: Task) -> tuple[bytes, float, float | None, int]:
    tensor = opened_model(task.model)[task.unit.name]
    stored = tensor.all()
    payload = kept(stored, tensor.kind, task.form)
    if task.form == EXACT:
        return payload, 0.0, None, 0
    found = read_kept(payload, tensor.kind, task.form, tensor.shape)
    A, power = centred(tensor.kind.floats(stored.reshape(-1)))
    B = np.ldexp(tensor.kind.floats(found), -power)
    return payload, relative(float(np.square(A - B).sum()), float(np.square(A).sum())), None, 0


def _described(task: Task) -> tuple[bytes, float, float | None, int]:
    norm, power = _norm(task, task.way)
    kind = opened_model(task.model)[task.unit.name].kind
    parts = described(norm, task.form, task.k, task.price, power)
    expanded = np.ldexp(kind.floats(kind.stored(parts.matrix)), -power)
    bound = norm.bound(task.k) if task.form == LOW_RANK else None
    return parts.payload(), norm.loss(norm.A - expanded), bound, 0 if parts.R is None else len(parts.R.rows)


def relative(loss: float, energy: float) -> float:
    """loss/energy; of nothing, nothing is lost."""
    return loss / energy if energy > 0 else 0.0


def _keep(place: Path, data: bytes) -> None:
    """Whole or not at all, whoever else does the same."""
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    unfinished.write_bytes(data)
    os.replace(unfinished, place)


def units_of(tensor: Tensor, entries: int) -> list[Unit]:
    """Blocks of rows of about so many entries; all of a tensor that is no larger, or of three axes and more."""
    rows = matrix_shape(tensor.shape, 0)[0]
    width = prod(tensor.shape) // max(1, rows)
    count = 1 if len(tensor.shape) != 2 else max(1, round(rows * width / entries))
    edges = np.linspace(0, rows, count + 1).astype(int).tolist()
    return [Unit(tensor.name, start, stop) for start, stop in pairwise(edges)]
