"""A model in, a small model out: what is found out about each tensor, the best forms by that, and their file.

Finished work is kept beside the file until that is written, so that the same command goes on where it was stopped.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wlra_dist.errors import InputError
from wlra_dist.models.budget import CodingOption, Made, Piece, of_rank, within_bytes, within_loss
from wlra_dist.models.container import Block, TensorEntry, head_of, write_small
from wlra_dist.models.forms import EXACT, HALF
from wlra_dist.models.hands import Workers
from wlra_dist.models.importance import INPUTS, NOTHING, Importance
from wlra_dist.models.shapes import is_matrix, matrix_shape, ways
from wlra_dist.models.sources import Model, Tensor, open_model, tied
from wlra_dist.models.work import Task, Unit, curve_of, do, relative, units_of
from wlra_dist.world.world import Alone, World, together

Say = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and how much there is."""

BLOCK = 1 << 22
"""Entries of a matrix that is worked on at once; larger ones go in blocks of rows."""

DEFLATED = 0.93
"""Of the bytes of float32, what deflating leaves: where that is not known yet."""

LEAST_HALF, MOST_HALF = 2.0**-8, 2.0**15
"""float16 is enough for tensors whose largest entry is between these."""

HALF_LOSS = 2.0**-24
"""Of the energy, what float16 loses, about."""


ALONE = Alone()


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
    importance: Importance = NOTHING
    keep_nan: bool = False
    block: int = BLOCK

    @property
    def name(self) -> str:
        """Says what would be done with what, as far as files tell without being read."""
        files = [file for path in (self.model, self.importance.path) if path for file in _files(Path(path))]
        stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]
        return hashlib.sha256(repr((self, stats)).encode()).hexdigest()


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def compress(
    order: Order, out: Path, hands: Workers, *, world: World = ALONE, say: Say = lambda *_: None
) -> list[TensorEntry]:
    """Compresses (collective); the first rank writes the file. The entries of all tensors.

    InputError for what cannot be read, refused numbers, and budgets that are too small; on every rank alike.
    """
    model = together(world, lambda: _opened(order))
    parts = out.with_name(f".{out.name}.parts")
    together(world, lambda: None if world.rank else _prepare(parts, order.name))
    copies = tied(model)
    own = {name: tensor for name, tensor in model.items() if name not in copies}
    workshop = _Workshop(order, parts, hands, say)
    pieces = workshop.pieces(own)
    made = workshop.made(pieces, lambda found: len(head_of(_entries(model, copies, order, pieces, found))))
    entries = _entries(model, copies, order, pieces, made)
    if world.rank == 0:
        write_small(out, entries, (workshop.task(piece, each.option, each.price).place.with_suffix(".part")
                                   for piece, each in zip(pieces, made, strict=True)))  # fmt: skip
        shutil.rmtree(parts)
    return entries


def weighed(order: Order, parts: Path, hands: Workers) -> list[Piece]:
    """What each tensor that is no copy of another may become, by a look at it; `parts` is a directory to work in."""
    model = _opened(order)
    copies = tied(model)
    own = {name: tensor for name, tensor in model.items() if name not in copies}
    return _Workshop(order, parts, hands, lambda *_: None).pieces(own)


def _opened(order: Order) -> Model:
    model = open_model(order.model)
    order.importance.check(model)
    return model


def _prepare(parts: Path, name: str) -> None:
    """A directory for finished work of this order; what another order left there goes."""
    stated = parts / "order"
    if parts.is_dir() and (not stated.is_file() or stated.read_text() != name):
        shutil.rmtree(parts)
    parts.mkdir(exist_ok=True)
    stated.write_text(name)


@dataclass(frozen=True)
class _Workshop:
    """Has tasks done."""

    order: Order
    parts: Path
    hands: Workers
    say: Say

    def pieces(self, tensors: Model) -> list[Piece]:
        """Every unit of every tensor, with its curves."""
        looks = self._looks(tensors)
        units = {name: self._units(tensor, looks[name]) for name, tensor in tensors.items()}
        asked = [
            self._task(unit, "weigh", way)
            for name, tensor in tensors.items() if looks[name].is_matrix
            for unit in units[name] for way in self._ways(tensor)
        ]  # fmt: skip
        answers: dict[Unit, dict[int, Any]] = {unit: {} for some in units.values() for unit in some}
        for task, answer in zip(asked, self._done("weigh", asked), strict=True):
            answers[task.unit][task.way] = answer
        energies = {name: sum(map(_energy, map(answers.get, some))) for name, some in units.items()}
        return [
            self._piece(tensors[unit.name], looks[unit.name], unit, found, energies[unit.name])
            for unit, found in answers.items()
        ]

    def _looks(self, tensors: Model) -> dict[str, "_Look"]:
        """InputError names the first tensor with NaN or infinity, unless such ones are to be kept."""
        tasks = [self._task(Unit(name, 0, 0), "look") for name in tensors]
        answers = dict(zip(tensors, self._done("look", tasks), strict=True))
        found = next((name for name, answer in answers.items() if not answer["finite"]), None)
        if found is not None and not self.order.keep_nan:
            raise InputError(f"{found} has entries that are NaN or infinite: mend it, or keep it so with --keep-nan")
        return {name: _Look.of(tensors[name], **answer) for name, answer in answers.items()}

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

    def encode(self, wanted: Sequence[tuple[Piece, CodingOption, float]]) -> list[dict[str, Any]]:
        return self._done("encode", [self._encoding(piece, option, price) for piece, option, price in wanted])

    def task(self, piece: Piece, option: CodingOption, price: float) -> Task:
        """The encoding that was made at this comparable price."""
        return self._encoding(piece, option, piece.own(price))

    def _encoding(self, piece: Piece, option: CodingOption, price: float) -> Task:
        task = self._task(piece.unit, option.form, option.way)
        return task if option.form in (EXACT, HALF) else replace(task, k=option.k, price=price)

    def _task(self, unit: Unit, what: str, way: int = 0) -> Task:
        return Task(self.order.model, self.order.importance, str(self.parts), unit, what, way)

    def _done(self, what: str, tasks: Sequence[Task]) -> list[dict[str, Any]]:
        texts = [task.text() for task in tasks]
        return [json.loads(text) for text in self.hands.each(do, texts, lambda done, of: self.say(what, done, of))]

    def _units(self, tensor: Tensor, look: "_Look") -> list[Unit]:
        return units_of(tensor, self.order.block) if look.is_matrix else [Unit(tensor.name, 0, 0)]

    def _ways(self, tensor: Tensor) -> tuple[int, ...]:
        return (0,) if self.order.importance.kind_of(tensor) == INPUTS else ways(tensor.shape)

    def _piece(
        self, tensor: Tensor, look: "_Look", unit: Unit, answers: dict[int, dict[str, Any]], energy: float
    ) -> Piece:
        """A unit, with the forms that keep its numbers where it is all of its tensor."""
        scale = self.order.importance.sensitivity(tensor) / energy if energy > 0 else 0.0
        power = next((answer["power"] for answer in answers.values()), 0)
        curves = {way: curve_of(answer) for way, answer in answers.items()}
        piece = Piece(unit, scale * 4.0**power, (), curves)
        is_whole = not answers or unit.stop - unit.start == matrix_shape(tensor.shape, 0)[0]
        return replace(piece, kept=look.kept(tensor, piece.energy) if is_whole else ())


@dataclass(frozen=True)
class _Look:
    """What a first look at a tensor tells: what may become of it.

    Attributes:
        is_matrix: whether it may be approximated as one.
        halves: whether float16 is enough for it.
    """

    is_matrix: bool
    halves: bool

    @classmethod
    def of(cls, tensor: Tensor, finite: bool, largest: float) -> "_Look":
        fits = largest == 0 or LEAST_HALF <= largest <= MOST_HALF
        halves = finite and tensor.kind.name in ("F64", "F32") and fits
        return cls(finite and tensor.kind.lossy and is_matrix(tensor.shape), halves)

    def kept(self, tensor: Tensor, energy: float) -> tuple[CodingOption, ...]:
        """Exactly, and in half the bytes."""
        bits = 8 * DEFLATED * tensor.nbytes
        exact = CodingOption(EXACT, 0, 0, bits, 0.0)
        halved = CodingOption(HALF, 0, 0, 16 * DEFLATED * tensor.size, HALF_LOSS * energy)
        return (exact, halved) if self.halves else (exact,)


def _energy(answers: dict[int, dict[str, Any]] | None) -> float:
    """Of a unit; 1 for what is no matrix, whose losses are over its energy already."""
    return answers[0]["energy"] * 4.0 ** answers[0]["power"] if answers else 1.0


def _entries(
    model: Model, copies: dict[str, str], order: Order, pieces: Sequence[Piece], made: Sequence[Made]
) -> list[TensorEntry]:
    """What the index says of each tensor."""
    blocks: dict[str, list[tuple[Piece, Made]]] = {name: [] for name in model}
    for piece, each in zip(pieces, made, strict=False):
        blocks[piece.unit.name].append((piece, each))
    return [_entry(tensor, copies.get(name), order, blocks[name]) for name, tensor in model.items()]


def _entry(tensor: Tensor, same_as: str | None, order: Order, found: Sequence[tuple[Piece, Made]]) -> TensorEntry:
    scales = {piece.unit: piece.scale for piece, _ in found}
    whole = sum(piece.energy * piece.scale for piece, _ in found)
    losses = [each.loss * scales[piece.unit] for piece, each in found]
    bounds = [each.answer["bound"] for _, each in found]
    known = bool(bounds) and None not in bounds
    bound = sum(each.answer["bound"] * piece.scale for piece, each in found) if known else None
    return TensorEntry(
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
    return Block(
        made.option.form, answer["k"], piece.unit.stop - piece.unit.start, answer["nbytes"], answer["checksum"]
    )


def _digits(value: float) -> float:
    """Five digits, which is all that anybody reads."""
    return float(f"{value:.5g}")
