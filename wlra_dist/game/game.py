"""The communication game: one program for all parties, every bit counted.

A protocol is one function in the paper's order. Each process runs it whole, plays the parties that its wire
hosts and skips the rest; so one text serves one process, a thread for each party and any number of MPI ranks.

Rule 1, one mouth: `send` alone turns a located value into bits; all other ways to communicate are loops over it.
Rule 2: what is located is opaque (see located.py); a plain argument is public and belongs to the run's record.
Rule 3: the receiver gets decode(encode(x)), also when it lives in the same process.
Rule 4: nothing depends on the number of processes or on the order of arrival: seeds belong to parties, and
messages are numbered in the order of the program.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from wlra_dist.codecs.base.bits import BitWriter
from wlra_dist.codecs.base.codec import Codec, decode, encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.base.relayed import Words
from wlra_dist.game.frame import HEADER_BYTES, Frame, seal, unseal
from wlra_dist.game.ledger import Entry, Ledger
from wlra_dist.game.located import ABSENT, Faceted, Located, Party, PerParty
from wlra_dist.game.stopwatch import Stopwatch
from wlra_dist.game.wires import Wire
from wlra_dist.game.witness import Witness

T = TypeVar("T")
Coins = Literal["public", "private"]


class Announced(NamedTuple):
    """What is public of a message: its number, who sends it to whom, its causal depth, and its most bits."""

    step: int
    sender: Party
    receiver: Party
    round: int
    limit: int


_SEED_BITS = 64
"""Of a shared private coin, which is sent and counted."""
_PRIVATE, _PUBLIC = 0, 1


class Game:
    """One process's share of a game.

    Parameters
    ----------
    wire
        Carries frames, and says which parties are played here.
    seed
        Of all coins.
    coins
        Whether shared coins are free (public) or must be sent (private).
    stopwatch
        Books the seconds of each step; its `tick` is called whenever something is done.
    witness
        Is shown all that is public, and what is heard here.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        seed: int = 0,
        coins: Coins = "public",
        stopwatch: Stopwatch | None = None,
        witness: Witness | None = None,
    ) -> None:
        self.ledger = Ledger.empty()
        self.frames: dict[int, bytes] = {}
        """The frames that were received here, by step: together, the transcript."""
        self.public_coins: dict[str, int] = {}
        """The seeds of the public coins, by label: free, and listed."""
        self._wire = wire
        self.seed = seed
        self.coins: Coins = coins
        self.stopwatch = stopwatch or Stopwatch()
        self._witness = witness or Witness()
        self.messages: list[Announced] = []
        """What is public of every message, by step."""
        self._words: dict[int, Words] = {}
        self._flips = 0

    def __repr__(self) -> str:
        return f"<a game of {len(self.messages):,} messages so far>"

    # computing where a party is

    def deal(self, parties: Sequence[Party], make: Callable[[int], T]) -> Faceted[T]:
        """The parties' inputs: make(i) for the i-th of them, only where it is played."""
        return Faceted(
            [
                Located(party, self._timed("load", partial(make, i)) if self._hosts(party) else ABSENT, 0)
                for i, party in enumerate(parties)
            ]
        )

    def at(self, party: Party, compute: Callable[..., T], *arguments: Any, **public: Any) -> Located[T]:
        """``compute(*arguments, **public)`` at `party`; located arguments must be there, all others are public."""
        _require_public(party, public)
        depth = max((_depth_at(party, argument) for argument in arguments), default=0)
        self._witness.computes(party, compute, _public(arguments) | public)
        if not self._hosts(party):
            return Located(party, ABSENT, depth)
        held = [argument._held if isinstance(argument, Located) else argument for argument in arguments]
        return Located(party, self._timed(_name(compute), partial(compute, *held, **public)), depth)

    def each(self, parties: Sequence[Party], compute: Callable[..., T], *arguments: Any, **public: Any) -> Faceted[T]:
        """compute at each party: of a faceted or per-party argument it gets its own piece; keywords are public."""
        pieces = [_pieces(argument, len(parties)) for argument in arguments]
        own = [[piece[i] for piece in pieces] for i in range(len(parties))]
        return Faceted([self.at(party, compute, *mine, **public) for party, mine in zip(parties, own, strict=True)])

    # sending

    def send(self, value: Located[T], to: Party, codec: Codec[T], label: str, *, copy: int = 0) -> Located[T]:
        """Sends `value` to another party: the only way from one to the other."""
        return self._transmit(self._encoded(value, codec), to, codec, label, copy)

    def gather(
        self, values: Faceted[T], to: Party, codec: Codec[T] | PerParty[Codec[T]], label: str
    ) -> Located[list[T]]:
        """Each party sends its value to one; with a codec for each link, or one for all."""
        codecs = _codecs(codec, len(values))
        received = [self.send(value, to, code, label) for value, code in zip(values, codecs, strict=True)]
        return self.at(to, _listed, *received)

    def broadcast(self, value: Located[T], to: Sequence[Party], codec: Codec[T], label: str) -> Faceted[T]:
        """One party sends the same to each of several."""
        written = self._encoded(value, codec)
        return Faceted([self._transmit(written, party, codec, label, i) for i, party in enumerate(to)])

    def scatter(
        self, values: Located[list[T]], to: Sequence[Party], codec: Codec[T] | PerParty[Codec[T]], label: str
    ) -> Faceted[T]:
        """One party sends the i-th item of its list to the i-th of several."""
        codecs = _codecs(codec, len(to))
        items = [self.at(values.party, partial(_item, i), values) for i in range(len(to))]
        return Faceted([self.send(*each, label) for each in zip(items, to, codecs, strict=True)])

    def words(self, party: Party, steps: Sequence[int]) -> Located[dict[int, Words]]:
        """The payloads of these messages at `party`, who sent or received them, by step."""
        depth = 0
        for step in steps:
            message = self.messages[step]
            if party not in (message.sender, message.receiver):
                raise PermissionError(f"{party} neither sent nor received message {step}")
            depth = max(depth, message.round - (party == message.sender))
        held = {step: self._words[step] for step in steps} if self._hosts(party) else ABSENT
        return Located(party, held, depth)

    def output(self, value: Located[T]) -> T | None:
        """Shows a result to the audience: the value where its party is played, None elsewhere."""
        return value._held if self._hosts(value.party) else None

    # coins

    def private_coins(self, parties: Sequence[Party]) -> Faceted[np.random.Generator]:
        """Coins of each party's own, which nobody else sees."""
        flip = self._flip()
        seeds = PerParty([[self.seed, _PRIVATE, party.index, flip] for party in parties])
        return self.each(parties, _coins, seeds)

    def shared_coins(self, owner: Party, parties: Sequence[Party], label: str) -> Faceted[int]:
        """A seed that the parties have in common: free if coins are public, drawn and sent by `owner` if not."""
        if self.coins == "public":
            seed = int(np.random.default_rng([self.seed, _PUBLIC, self._flip()]).integers(1 << 63))
            if label in self.public_coins:
                raise ValueError(f"the public coins {label!r} were flipped before: give these a label of their own")
            self.public_coins[label] = seed
            return Faceted([Located(party, seed, 0) for party in parties])
        drawn = self.at(owner, _draw_seed, self.private_coins([owner]).facets[0])
        others = [party for party in parties if party != owner]
        copies = iter(self.broadcast(drawn, others, Count(2**_SEED_BITS - 1), label))
        return Faceted([drawn if party == owner else next(copies) for party in parties])

    def finish(self) -> None:
        """Waits until all that was sent has left this process."""
        self._wire.finish()

    # inside

    def _hosts(self, party: Party) -> bool:
        return self._wire.hosts(party)

    def _timed(self, name: str, work: Callable[[], T]) -> T:
        with self.stopwatch.measure(name):
            return work()

    def _flip(self) -> int:
        flip, self._flips = self._flips, self._flips + 1
        return flip

    def _encoded(self, value: Located[T], codec: Codec[T]) -> Located[BitWriter]:
        held = self._timed("encode", partial(encode, codec, value._held)) if self._hosts(value.party) else ABSENT
        return Located(value.party, held, value.depth)

    def _transmit(self, written: Located[BitWriter], to: Party, codec: Codec[T], label: str, copy: int) -> Located[T]:
        step, sender = len(self.messages), written.party
        self.messages.append(Announced(step, sender, to, written.depth + 1, codec.limit))
        entry = Entry(step, written.depth + 1, sender.name, to.name, label, copy, {}, 0, 0)
        if self._hosts(sender):
            self._timed("encode", partial(self._push, written._held, sender, to, codec.limit, entry))
        received = self._timed("decode", partial(self._pull, sender, to, codec, entry)) if self._hosts(to) else ABSENT
        return Located(to, received, entry.round)

    def _push(self, written: BitWriter, sender: Party, to: Party, limit: int, entry: Entry) -> None:
        assert written.bits <= limit, f"{entry.label}: a message longer than its codec allows"
        self._words[entry.step] = words = Words(written.bits, written.payload())
        frame = seal(Frame(entry.step, *words))
        self.ledger.book_sent(entry, written, frame)
        self._wire.push(sender, to, entry.step, frame)

    def _pull(self, sender: Party, to: Party, codec: Codec[T], entry: Entry) -> T:
        frame = self._wire.pull(sender, to, entry.step, HEADER_BYTES + -(-codec.limit // 8))
        message = unseal(frame, entry.step)
        value, read = decode(codec, message.payload, message.bits)
        self._words[entry.step] = words = Words(message.bits, message.payload)
        self._witness.hears(entry, codec, words, value)
        self.frames[entry.step] = frame
        self.ledger.book_received(entry, read, frame)
        return value


def _codecs(codec: Codec[T] | PerParty[Codec[T]], links: int) -> Sequence[Codec[T]]:
    return codec.pieces if isinstance(codec, PerParty) else [codec] * links


def _depth_at(party: Party, argument: Any) -> int:
    """The causal depth of an argument; raises, on every process alike, if it is at another party."""
    if isinstance(argument, Faceted):
        raise PermissionError(f"{party} cannot use the values of several parties: gather them first")
    if not isinstance(argument, Located):
        return 0
    if argument.party != party:
        raise PermissionError(f"{party} cannot use a value at {argument.party}: send it first")
    return argument.depth


def _require_public(party: Party, keywords: Mapping[str, Any]) -> None:
    """PermissionError, on every process alike, where a keyword is somebody's own."""
    for name, value in keywords.items():
        if isinstance(value, Located | Faceted):
            raise PermissionError(
                f"{party} cannot get {name}=… of a party: keywords are public, what is located comes first"
            )


def _public(arguments: Sequence[Any]) -> dict[str, Any]:
    """The arguments that are nobody's own, by place from 1."""
    places = {f"argument {place}": argument for place, argument in enumerate(arguments, 1)}
    return {place: argument for place, argument in places.items() if not isinstance(argument, Located)}


def _pieces(argument: Any, parties: int) -> Sequence[Any]:
    """What each party gets of an argument: its own piece, or the whole."""
    if not isinstance(argument, Faceted | PerParty):
        return [argument] * parties
    if len(argument) != parties:
        raise ValueError(f"{parties} parties expect as many pieces of an argument, {len(argument)} came")
    return argument.facets if isinstance(argument, Faceted) else argument.pieces


def _name(compute: Callable[..., Any]) -> str:
    inner = compute.func if isinstance(compute, partial) else compute
    return getattr(inner, "__name__", "compute").lstrip("_")


def _listed(*received: T) -> list[T]:
    return list(received)


def _item(i: int, values: list[T]) -> T:
    return values[i]


def _coins(seed: Sequence[int]) -> np.random.Generator:
    return np.random.default_rng(seed)


def _draw_seed(coins: np.random.Generator) -> int:
    return int.from_bytes(coins.bytes(_SEED_BITS // 8), "big")
