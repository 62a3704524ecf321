"""A model in, a small model out: what is found out about each tensor, which forms that makes best, and the file of them.

Finished work is kept beside the file until that is written, so that the same command goes on where it was stopped.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wlra_dist.models.budget import Made, Option, Piece, of_rank, within_bytes, within_loss
from wlra_dist.models.container import Block, Entry, head_of, write_small
from wlra_dist.models.forms import EXACT, HALF
from wlra_dist.models.hands import Hands
from wlra_dist.models.importance import Importance
from wlra_dist.models.shapes import is_matrix, matrix_shape, ways
from wlra_dist.models.sources import Model, Tensor, open_model, tied
from wlra_dist.models.work import Task, Unit, curve_of, do, refuse_nan, relative, units_of

Say = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and how much there is."""

BLOCK = 1 << 22
"""Entries of a matrix that is worked on at once; larger ones go in blocks of rows."""

DEFLATED = 0.93
"""Of the bytes of float32, what deflating leaves: where that is not known yet."""

HALF_LOSS = 2.0**-24
"""Of the energy, what float16 loses, about."""


@dataclass(frozen=True)
class Goal:
    """How small, or how good: one of these.

    Attributes:
        nbytes: of the file, at most.
        ratio: of the file, over the model's bytes.
        loss: of each tensor, over its energy, at most.
        k: the rank of all matrices.
    """

    nbytes: int | None = None
    ratio: float | None = None
    loss: float | None = None
    k: int | None = None


@dataclass(frozen=True)
class Order:
    """What is to be compressed, and how.

    Attributes:
        model: its path.
        goal: how small, or how good.
        importance: what is known of how much errors matter.
        keep_nan: keep tensors that have NaN or infinite entries as they are, instead of refusing them.
        block: entries of a matrix that is worked on at once.
    """

    model: str
    goal: Goal
    importance: Importance = Importance()
    keep_nan: bool = False
    block: int = BLOCK

    @property
    def name(self) -> str:
        """Says what would be done with what, as far as files tell without being read."""
        files = [file for path in (self.model, self.importance.path) if path for file in _files(Path(path))]
        stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return hashlib.sha256(repr((self, stats)).encode()).hexdigest()


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def compress(order: Order, out: Path, hands: Hands, *, writes: bool = True, say: Say = lambda *_: None) -> list[Entry]:
    """Compresses; writes the file where `writes`, as one of several ranks does. The entries of all tensors.

    InputError for what cannot be read, refused numbers, and budgets that are too small.
    """
    model = open_model(order.model)
    order.importance.check(model)
    parts = out.with_name(f".{out.name}.parts")
    if writes:
        _prepare(parts, order.name)
    copies = tied(model)
    own = {name: tensor for name, tensor in model.items() if name not in copies}
    workshop = _Workshop(order, parts, hands, say)
    pieces = workshop.pieces(own)
    made = workshop.made(pieces, lambda found: len(head_of(_entries(model, copies, order, pieces, found))))
    entries = _entries(model, copies, order, pieces, made)
    if writes:
        write_small(out, entries, (workshop.task(piece, each.option, each.price).place.with_suffix(".part")
                                   for piece, each in zip(pieces, made, strict=True)))  # fmt: skip
        shutil.rmtree(parts)
    return entries


def _prepare(parts: Path, name: str) -> None:
    """A directory for finished work of this order; what another order left there goes."""
    said = parts / "order"
    if parts.is_dir() and (not said.is_file() or said.read_text() != name):
        shutil.rmtree(parts)
    parts.mkdir(exist_ok=True)
    said.write_text(name)


@dataclass(frozen=True)
class _Workshop:
    """Has tasks done."""

    order: Order
    parts: Path
    hands: Hands
    say: Say

    def pieces(self, tensors: Model) -> list[Piece]:
        """Every unit of every tensor, with its curves."""
        units = [unit for tensor in tensors.values() for unit in self._units(tensor)]
        asked = [(unit, way) for unit in units for way in self._ways(tensors[unit.name])]
        answers = self._done("weigh", [self._task(unit, way=way) for unit, way in asked])
        curves: dict[Unit, dict[int, dict]] = {unit: {} for unit in units}
        for (unit, way), answer in zip(asked, answers, strict=True):
            curves[unit][way] = answer
        energies = _energies(curves)
        found = [self._piece(tensors[unit.name], unit, curves[unit], energies[unit.name]) for unit in units]
        return [self._with_kept(piece, tensors[piece.unit.name]) for piece in found]

    def made(self, pieces: Sequence[Piece], beside: Callable[[Sequence[Made]], int]) -> list[Made]:
        """All pieces in the forms that the goal asks for."""
        goal = self.order.goal
        if goal.k is not None:
            return of_rank(pieces, goal.k, self.encode)
        if goal.loss is not None:
            return within_loss(pieces, goal.loss, self.encode)
        nbytes = goal.nbytes
        if nbytes is None:
            original = sum(tensor.nbytes for tensor in open_model(self.order.model).values())
            nbytes = int((goal.ratio or 1.0) * original)
        return within_bytes(pieces, nbytes, beside, self.encode)

    def encode(self, wanted: Sequence[tuple[Piece, Option, float]]) -> list[dict]:
        return self._done("encode", [self._encoding(piece, option, price) for piece, option, price in wanted])

    def task(self, piece: Piece, option: Option, price: float) -> Task:
        """The encoding that was made at this comparable price."""
        return self._encoding(piece, option, piece.own(price))

    def _encoding(self, piece: Piece, option: Option, price: float) -> Task:
        is_kept = option.form in (EXACT, HALF)
        task = self._task(piece.unit, way=option.way)
        return replace(task, form=option.form, k=option.k, price=0.0 if is_kept else price)

    def _task(self, unit: Unit, way: int = 0) -> Task:
        return Task(self.order.model, self.order.importance, str(self.parts), unit, way=way)

    def _done(self, what: str, tasks: Sequence[Task]) -> list[dict]:
        texts = [task.text() for task in tasks]
        return [json.loads(text) for text in self.hands.each(do, texts, lambda done, of: self.say(what, done, of))]

    def _units(self, tensor: Tensor) -> list[Unit]:
        return units_of(tensor, self.order.block) if self._is_matrix(tensor) else [Unit(tensor.name, 0, 0)]

    def _is_matrix(self, tensor: Tensor) -> bool:
        """Whether it may be approximated as one."""
        if tensor.kind.lossy and tensor.size and tensor.kind.has_nan(tensor.all()):
            if not self.order.keep_nan:
                refuse_nan(tensor)
            return False
        return tensor.kind.lossy and is_matrix(tensor.shape)

    def _ways(self, tensor: Tensor) -> tuple[int, ...]:
        if not self._is_matrix(tensor):
            return ()
        return (0,) if self.order.importance.kind_of(tensor) == "inputs" else ways(tensor.shape)

    def _piece(self, tensor: Tensor, unit: Unit, curves: dict[int, dict], energy: float) -> Piece:
        scale = self.order.importance.sensitivity(tensor) / energy if energy > 0 else 0.0
        power = next((answer["power"] for answer in curves.values()), 0)
        return Piece(unit, scale * 4.0**power, (), {way: curve_of(answer) for way, answer in curves.items()})

    def _with_kept(self, piece: Piece, tensor: Tensor) -> Piece:
        """With the forms that keep numbers, exactly or nearly; what they take is found out for what is no matrix."""
        whole = piece.unit.stop == 0 or piece.unit.stop - piece.unit.start == matrix_shape(tensor.shape, 0)[0]
        halves = tensor.kind.name in ("F64", "F32") and _fits_half(tensor)
        forms = ((EXACT, 0.0, DEFLATED), (HALF, HALF_LOSS, 0.5 * DEFLATED))[: 2 if halves else 1] if whole else ()
        bits = 8 * tensor.nbytes
        kept = tuple(Option(form, 0, 0, share * bits, loss * piece.energy) for form, loss, share in forms)
        return replace(piece, kept=kept)


def _fits_half(tensor: Tensor) -> bool:
    """Whether float16 holds it: neither beyond its range nor below it."""
    import numpy as np

    sizes = np.abs(tensor.kind.floats(tensor.all()))
    if not np.isfinite(sizes).all():
        return False
    largest = float(sizes.max(initial=0.0))
    return largest == 0 or 2.0**-8 <= largest <= 2.0**15


def _energies(curves: dict[Unit, dict[int, dict]]) -> dict[str, float]:
    """Of each tensor; 1 for what is no matrix, whose losses are over its energy already."""
    energies: dict[str, float] = {}
    for unit, answers in curves.items():
        answer = answers.get(0)
        energy = 1.0 if answer is None else answer["energy"] * 4.0 ** answer["power"]
        energies[unit.name] = energies.get(unit.name, 0.0) + energy
    return energies


def _entries(
    model: Model, copies: dict[str, str], order: Order, pieces: Sequence[Piece], made: Sequence[Made]
) -> list[Entry]:
    """What the index says of each tensor."""
    blocks: dict[str, list[tuple[Piece, Made]]] = {name: [] for name in model}
    for piece, each in zip(pieces, made, strict=False):
        blocks[piece.unit.name].append((piece, each))
    return [_entry(tensor, copies.get(name), order, blocks[name]) for name, tensor in model.items()]


def _entry(tensor: Tensor, same_as: str | None, order: Order, found: Sequence[tuple[Piece, Made]]) -> Entry:
    scales = {piece.unit: piece.scale for piece, _ in found}
    whole = sum(piece.energy * piece.scale for piece, _ in found)
    losses = [each.loss * scales[piece.unit] for piece, each in found]
    bounds = [each.answer["bound"] for _, each in found]
    known = bool(bounds) and None not in bounds
    bound = sum(each.answer["bound"] * piece.scale for piece, each in found) if known else None
    return Entry(
        tensor.name,
        tensor.kind.name,
        tensor.shape,
        way=found[0][1].option.way if found else 0,
        blocks=tuple(_block(piece, each) for piece, each in found),
        same_as=same_as,
        norm=order.importance.kind_of(tensor),
        loss=_digits(relative(sum(losses), whole)),
        bound=None if bound is None else _digits(relative(bound, whole)),
    )


def _block(piece: Piece, made: Made) -> Block:
    answer = made.answer
    return Block(made.option.form, answer["k"], piece.unit.stop - piece.unit.start, answer["nbytes"], answer["checksum"])


def _digits(value: float) -> float:
    """Five digits, which is all that anybody reads."""
    return float(f"{value:.5g}")


