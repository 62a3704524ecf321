"""One price of a bit for all tensors: the forms and steps at which another bit would gain as little everywhere.

Losses of tensors are made comparable first: each is taken over the energy of its tensor's outputs, times its
sensitivity where that is known. Without it a budget does harm: what is large would be kept, what is small thrown away.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.models.forms import EXACT, HALF
from wlra_dist.models.rates import Curve
from wlra_dist.models.work import Unit

CLOSE = 0.99
"""A budget is met when this part of it is used."""

AIM = 0.997
"""The part of a budget, or of a loss, that the model of sizes is asked for: what it foresees is a little off."""

ROUNDS = 8
"""Encodings of everything, at most; two or three are the rule."""

FREE = 1
"""Turns after which forms stay as they are: a form that comes and goes makes bytes jump, and steps do not."""

TRIED = 2
"""Forms of each piece that are encoded at first."""

REFINED = 3
"""Turns in which pieces that lose less than they may are tried again."""

WASTEFUL = 0.9
"""Who loses less than this part of what is allowed."""

EASED = 0.9
"""By how much less is aimed at after a form that lost too much."""

NOISE = 0.1
"""Of what a rank loses, what rounding may add, where the rank is given."""

FAINT = 1e-6
"""Of the energy, what rounding may lose, where the rank loses nothing."""

CHEAPEST, DEAREST = 1e-18, 1e3
"""Prices of a bit that are thought of, in parts of a tensor's energy, over its size."""


class CodingOption(NamedTuple):
    """A form that a piece may take, what it is thought to take and to lose (of its own energy's unit)."""

    form: str
    way: int
    k: int
    bits: float
    loss: float


class Made(NamedTuple):
    """A piece in a form."""

    option: CodingOption
    price: float
    answer: dict[str, Any]

    @property
    def bits(self) -> int:
        return 8 * self.answer["nbytes"]

    @property
    def loss(self) -> float:
        return self.answer["loss"]


@dataclass(frozen=True, eq=False)
class Piece:
    """A unit of work and what it may become.

    Attributes:
        unit: which.
        scale: what a loss is multiplied by to be comparable.
        kept: forms of known bits and losses.
        curves: of its ways as a matrix.
        settled: the only form that is left, if one is.
    """

    unit: Unit
    scale: float
    kept: tuple[CodingOption, ...]
    curves: dict[int, Curve]
    settled: CodingOption | None = None

    @property
    def energy(self) -> float:
        return next((curve.energy for curve in self.curves.values()), 1.0)

    def options(self, price: float, k: int | None = None) -> list[CodingOption]:
        """The most promising first, where a bit is worth this much comparable loss."""
        if self.settled is not None:
            return [self._again(self.settled, price)]
        found = [
            CodingOption(rated.form, way, rated.k, rated.bits, rated.loss)
            for way, curve in self.curves.items()
            for rated in curve.rated(self.own(price), k)
        ]
        if k is None or not found:
            found += self.kept
        return sorted(found, key=lambda option: option.loss * self.scale + price * option.bits)

    def settling(self, option: CodingOption) -> "Piece":
        """With this form alone."""
        known = next((each for each in self.kept if (each.form, each.way) == (option.form, option.way)), option)
        return replace(self, settled=known)

    def _again(self, option: CodingOption, price: float) -> CodingOption:
        """The same form at another price."""
        if option in self.kept:
            return option
        rated = self.curves[option.way].at(option.form, option.k, self.own(price))
        return option._replace(bits=rated.bits, loss=rated.loss)

    def own(self, price: float) -> float:
        """The price in the piece's own loss; at that of its energy nothing of it is left."""
        most = self.energy or 1.0
        return min(price / self.scale, most) if self.scale > 0 else most

    def worth(self, made: Made, price: float) -> float:
        return made.loss * self.scale + price * made.bits

    def learned(self, made: Iterable[Made]) -> "Piece":
        """With what its forms really took."""
        curves, kept = dict(self.curves), dict.fromkeys(self.kept)
        for option, _, answer in made:
            bits, loss = 8 * answer["nbytes"], answer["loss"]
            if option in kept:
                kept[option] = option._replace(bits=bits, loss=loss)
            else:
                over = _over(bits, option.bits), _over(loss, option.loss)
                curves[option.way] = curves[option.way].corrected(option.form, *over)
        return replace(self, curves=curves, kept=tuple(known or option for option, known in kept.items()))


def _over(real: float, thought: float) -> float:
    """By how much a thought was wrong; 1 where that makes no sense."""
    return real / thought if real > 0 and thought > 0 else 1.0


Encode = Callable[[Sequence[tuple[Piece, CodingOption, float]]], list[dict[str, Any]]]
"""Encodes pieces in forms at prices in their own loss."""


def within_bytes(
    pieces: Sequence[Piece], budget: int, beside: Callable[[Sequence[Made]], int], encode: Encode
) -> list[Made]:
    """All pieces in the forms of one price that take at most `budget` bytes and hardly fewer.

    `beside` tells what the file has beside payloads. InputError where nothing is as small.
    """
    best: tuple[float, list[Made]] | None = None
    least, extra = float("inf"), beside([])
    for turn in range(ROUNDS):
        price = _price(pieces, AIM * budget - extra)
        pieces, made = _made(pieces, price, encode, TRIED if turn == 0 else 1)
        extra = beside(made)
        total = extra + sum(each.answer["nbytes"] for each in made)
        least = min(least, total)
        loss = sum(each.loss * piece.scale for piece, each in zip(pieces, made, strict=True))
        if total <= budget and (best is None or loss < best[0]):
            best = loss, made
        if CLOSE * budget <= total <= budget:
            break
        if turn >= FREE:
            pieces = [piece.settling(each.option) for piece, each in zip(pieces, made, strict=True)]
    if best is None:
        raise InputError(f"--bytes {budget}: expected at least about {least} for this model; allow more")
    return best[1]


def thought_of(pieces: Sequence[Piece], nbytes: float) -> list[CodingOption]:
    """What each piece would become within so many bytes, as far as its curves tell: nothing is encoded."""
    price = _price(pieces, nbytes)
    return [piece.options(price)[0] for piece in pieces]


def within_loss(pieces: Sequence[Piece], loss: float, encode: Encode) -> list[Made]:
    """Each piece in the fewest bytes found that lose at most this part of its energy."""
    best: list[Made | None] = [None] * len(pieces)
    state, goals = list(pieces), [AIM * loss] * len(pieces)
    for turn in range(ROUNDS):
        due = [i for i, piece in enumerate(pieces) if _is_unsettled(best[i], loss * piece.energy, turn)]
        prices = [_price_of_loss(state[i], goals[i]) for i in due]
        found = _each([state[i] for i in due], prices, encode, TRIED if turn == 0 else 1)
        for i, (state[i], made) in zip(due, found, strict=True):
            before = best[i]
            if made.loss > loss * pieces[i].energy:
                goals[i] *= EASED
            elif before is None or made.bits < before.bits:
                best[i] = made
    exactly = [replace(piece, curves={}) for piece, made in zip(pieces, best, strict=True) if made is None]
    rest = iter(made for _, made in _each(exactly, [0.0] * len(exactly), encode, 1))
    return [next(rest) if made is None else made for made in best]


def _is_unsettled(made: Made | None, goal: float, turn: int) -> bool:
    """Whether another try may find a form, or one that uses more of the loss that is allowed."""
    if made is None:
        return True
    return turn < REFINED and made.option.form not in (EXACT, HALF) and made.loss < WASTEFUL * goal


def of_rank(pieces: Sequence[Piece], k: int, encode: Encode) -> list[Made]:
    """Each piece at rank k, rounded so that it loses little more than the rank does."""
    prices = []
    for piece in pieces:
        tail = min((float(curve.spectrum[k:].sum()) for curve in piece.curves.values()), default=0.0)
        goal = tail + max(NOISE * tail, FAINT * piece.energy)
        prices.append(_price_of_loss(piece, goal / piece.energy if piece.energy > 0 else 1.0, k))
    return [made for _, made in _each(pieces, prices, encode, 1, k)]


def _made(pieces: Sequence[Piece], price: float, encode: Encode, tried: int) -> tuple[list[Piece], list[Made]]:
    found = _each(pieces, [price] * len(pieces), encode, tried)
    return [piece for piece, _ in found], [made for _, made in found]


def _each(
    pieces: Sequence[Piece], prices: Sequence[float], encode: Encode, tried: int, k: int | None = None
) -> list[tuple[Piece, Made]]:
    """Each piece in the best of its `tried` most promising forms, and what that taught."""
    wanted = [
        (at, option)
        for at, (piece, price) in enumerate(zip(pieces, prices, strict=True))
        for option in piece.options(price, k)[:tried]
    ]
    answers = encode([(pieces[at], option, pieces[at].own(prices[at])) for at, option in wanted])
    by_piece: list[list[Made]] = [[] for _ in pieces]
    for (at, option), answer in zip(wanted, answers, strict=True):
        by_piece[at].append(Made(option, prices[at], answer))
    return [
        (piece.learned(made), min(made, key=lambda each: piece.worth(each, price)))
        for piece, price, made in zip(pieces, prices, by_piece, strict=True)
    ]


def _price(pieces: Sequence[Piece], nbytes: float) -> float:
    """The price at which all pieces are thought to take so many bytes."""
    return _bisected(lambda price: sum(piece.options(price)[0].bits for piece in pieces) <= 8 * nbytes)


def _price_of_loss(piece: Piece, goal: float, k: int | None = None) -> float:
    """The price at which a piece is thought to lose this part of its energy."""
    return _bisected(lambda price: piece.options(price, k)[0].loss > goal * piece.energy)


def _bisected(enough: Callable[[float], bool]) -> float:
    """The least price that is enough, of those that are thought of."""
    low, high = np.log(CHEAPEST), np.log(DEAREST)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(float(np.exp(middle))) else (middle, high)
    return float(np.exp(high))
