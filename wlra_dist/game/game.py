"""The communication game: one program for all parties, every bit counted.

A protocol is one function in the paper's order. Each process runs it whole, plays the parties that its wire
hosts and skips the rest; so one text serves one process, a thread for each party and any number of MPI ranks.

Rule 1, one mouth: `send` alone turns a located value into bits; all other ways to communicate are loops over it.
Rule 2: what is located is opaque (see located.py); a plain argument is public and belongs to the run's record.
Rule 3: the receiver gets decode(encode(x)), also when it lives in the same process.
Rule 4: nothing depends on the number of processes or on the order of arrival: seeds belong to parties, and
messages are numbered in the order of the program.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, Literal, TypeVar

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec, decode, encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.base.relayed import Words
from wlra_dist.game.book import Entry
from wlra_dist.game.frame import HEADER_BYTES, Frame, checksum, seal, unseal
from wlra_dist.game.given import deepest, given_to, public_pieces, require_public
from wlra_dist.game.ledger import Ledger
from wlra_dist.game.located import ABSENT, Depths, Faceted, Facets, Located, Party, PerParty
from wlra_dist.game.messages import Messages, Run
from wlra_dist.game.runs import Pieces, Same
from wlra_dist.game.stopwatch import Stopwatch
from wlra_dist.game.wires import Wire
from wlra_dist.game.witness import Witness

T = TypeVar("T")
Coins = Literal["public", "private"]


_SEED_BITS = 64
"""Of a shared private coin, which is sent and counted."""
_PRIVATE, _PUBLIC = 0, 1  # kinds of coins, told apart in their seeds


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
        self.messages = Messages()
        """What is public of every message, by step."""
        self._sent: dict[int, bytes] = {}
        self._flips = 0

    def __repr__(self) -> str:
        return f"<a game of {len(self.messages):,} messages so far>"

    # computing where a party is

    def deal(self, parties: Sequence[Party], make: Callable[[int], T]) -> Faceted[T]:
        """The parties' inputs: make(i) for the i-th of them, only where it is played."""
        held = {i: self._timed("load", partial(make, i)) for i in self._here(parties)}
        return Faceted(Facets(parties, held, 0))

    def at(self, party: Party, compute: Callable[..., T], *arguments: Any, **public: Any) -> Located[T]:
        """``compute(*arguments, **public)`` at `party`; located arguments must be there, all others are public."""
        for argument in arguments:
            if isinstance(argument, Faceted):
                raise PermissionError(f"{party} cannot use the values of several parties: gather them first")
        whole = [PerParty([argument]) if isinstance(argument, PerParty) else argument for argument in arguments]
        return self.each([party], compute, *whole, **public).facets[0]

    def each(self, parties: Sequence[Party], compute: Callable[..., T], *arguments: Any, **public: Any) -> Faceted[T]:
        """What each party computes, from its own piece of a faceted or per-party argument; keywords are public."""
        given = [given_to(parties, argument) for argument in arguments]
        require_public(parties, public)
        here, held, onlooker = self._here(parties), {}, self._witness.computes
        for i in range(len(parties)) if onlooker else here:
            if onlooker:
                onlooker(parties[i], compute, public_pieces(given, i) | public)
            if i in here:
                work = partial(compute, *(argument.piece(i) for argument in given), **public)
                held[i] = self._timed(_name(compute), work)
        return Faceted(Facets(parties, held, deepest(argument.depths for argument in given)))

    # sending

    def send(self, value: Located[T], to: Party, codec: Codec[T], label: str, *, copy: int = 0) -> Located[T]:
        """Sends `value` to another party: the only way from one to the other."""
        run = self._announced([value.party], [to], value.depth, [codec], label, [copy])
        return Faceted(self._transmit(run, lambda _: self._encoded(value._held, codec))).facets[0]

    def gather(
        self, values: Faceted[T], to: Party, codec: Codec[T] | PerParty[Codec[T]], label: str
    ) -> Located[list[T]]:
        """Each party sends its value to one; with a codec for each link, or one for all."""
        own, m, codecs = Facets.of(values.facets), len(values), _codecs(codec, len(values))
        run = self._announced(own.parties, Same(m, to), own.depths, codecs, label, Same(m, 0))
        received = self._transmit(run, lambda i: self._encoded(own._held[i], codecs[i]))
        listed = [received._held[i] for i in range(m)] if self._hosts(to) else ABSENT
        return Located(to, listed, int(np.max(received.depths, initial=0)) if m else 0)

    def broadcast(self, value: Located[T], to: Sequence[Party], codec: Codec[T], label: str) -> Faceted[T]:
        """One party sends the same to each of several."""
        m = len(to)
        run = self._announced(Same(m, value.party), to, value.depth, Same(m, codec), label, range(m))
        written = self._encoded(value._held, codec) if self._hosts(value.party) else ABSENT
        return Faceted(self._transmit(run, lambda _: written))

    def scatter(
        self, values: Located[list[T]], to: Sequence[Party], codec: Codec[T] | PerParty[Codec[T]], label: str
    ) -> Faceted[T]:
        """One party sends the i-th item of its list to the i-th of several."""
        m, codecs = len(to), _codecs(codec, len(to))
        run = self._announced(Same(m, values.party), to, values.depth, codecs, label, Same(m, 0))
        return Faceted(self._transmit(run, lambda i: self._encoded(values._held[i], codecs[i])))

    def words(self, party: Party, steps: Sequence[int]) -> Located[dict[int, Words]]:
        """The payloads of these messages at `party`, who sent or received them, by step."""
        depth = 0
        for step in steps:
            run, i = self.messages.place(step)
            if party not in (run.senders[i], run.receivers[i]):
                raise PermissionError(f"{party} neither sent nor received message {step}")
            depth = max(depth, run.round(i) - (party == run.senders[i]))
        return Located(party, {step: self._words(step) for step in steps} if self._hosts(party) else ABSENT, depth)

    def output(self, value: Located[T]) -> T | None:
        """Shows a result to the audience: the value where its party is played, None elsewhere."""
        return value._held if self._hosts(value.party) else None

    # coins

    def private_coins(self, parties: Sequence[Party]) -> Faceted[np.random.Generator]:
        """Coins of each party's own, which nobody else sees."""
        flip = self._flip()
        seeds = Pieces(len(parties), lambda i: [self.seed, _PRIVATE, parties[i].index, flip])
        return self.each(parties, _coins, PerParty(seeds))

    def shared_coins(self, owner: Party, parties: Sequence[Party], label: str) -> Faceted[int]:
        """A seed that the parties have in common: free if coins are public, drawn and sent by `owner` if not."""
        if self.coins == "public":
            seed = int(np.random.default_rng([self.seed, _PUBLIC, self._flip()]).integers(1 << 63))
            if label in self.public_coins:
                raise ValueError(f"the public coins {label!r} were flipped before: give these a label of their own")
            self.public_coins[label] = seed
            return Faceted(Facets(parties, dict.fromkeys(self._here(parties), seed), 0))
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

    def _here(self, parties: Sequence[Party]) -> Collection[int]:
        """The places of those who are played here."""
        if isinstance(parties, Same):
            return range(len(parties)) if len(parties) and self._hosts(parties.value) else range(0)
        return self._wire.hosted(parties)

    def _encoded(self, held: T, codec: Codec[T]) -> BitWriter:
        return self._timed("encode", partial(encode, codec, held))

    def _announced(
        self, senders: Sequence[Party], receivers: Sequence[Party], depths: Depths, codecs: Sequence[Codec[Any]],
        label: str, copies: Sequence[int],
    ) -> Run:  # fmt: skip
        run = Run(len(self.messages), senders, receivers, codecs, depths + 1, label, copies)
        self.messages.append(run)
        return run

    def _transmit(self, run: Run, written: Callable[[int], BitWriter]) -> Facets[Any]:
        """What those receive who are played here, of what those send; written(i): the i-th message of the run."""
        sends, hears = self._here(run.senders), self._here(run.receivers)
        received: dict[int, Any] = {}
        for i in _either(sends, hears, len(run.senders)):
            if i in sends:
                self._timed("encode", partial(self._push, run, i, written(i)))
            if i in hears:
                received[i] = self._timed("decode", partial(self._pull, run, i))
        return Facets(run.receivers, received, run.rounds)

    def _push(self, run: Run, i: int, written: BitWriter) -> None:
        assert written.bits <= run.codecs[i].limit, f"{run.label}: a message longer than its codec allows"
        step, sender, receiver = run.step + i, run.senders[i], run.receivers[i]
        frame = seal(Frame(step, written.bits, written.payload()))
        if not self._hosts(receiver):
            self._sent[step] = frame
        self.ledger.sent.append(_entry(run, i, written, frame))
        self._wire.push(sender, receiver, step, frame)

    def _pull(self, run: Run, i: int) -> Any:
        step, codec = run.step + i, run.codecs[i]
        frame = self._wire.pull(run.senders[i], run.receivers[i], step, HEADER_BYTES + -(-codec.limit // 8))
        message = unseal(frame, step)
        value, read = decode(codec, message.payload, message.bits)
        self.frames[step] = frame
        entry = _entry(run, i, read, frame)
        self.ledger.received.append(entry)
        if self._witness.hears:
            self._witness.hears(entry, codec, Words(message.bits, message.payload), value)
        return value

    def _words(self, step: int) -> Words:
        frame = unseal(self.frames[step] if step in self.frames else self._sent[step], step)
        return Words(frame.bits, frame.payload)


def _entry(run: Run, i: int, counted: BitWriter | BitReader, frame: bytes) -> Entry:
    """The row of a message: who and when are public, the figures are those of who counts here."""
    sender, receiver, step = run.senders[i].name, run.receivers[i].name, run.step + i
    parts, numbers, copy = counted.parts, counted.numbers, run.copies[i]
    return Entry(step, run.round(i), sender, receiver, run.label, copy, parts, numbers, checksum(frame))


def _either(one: Collection[int], other: Collection[int], size: int) -> Collection[int]:
    """The places below `size` that are in one or the other, in order."""
    return next((places for places in (one, other) if len(places) == size), None) or sorted({*one, *other})


def _codecs(codec: Codec[T] | PerParty[Codec[T]], links: int) -> Sequence[Codec[T]]:
    return codec.pieces if isinstance(codec, PerParty) else Same(links, codec)


def _name(compute: Callable[..., Any]) -> str:
    inner = compute.func if isinstance(compute, partial) else compute
    return getattr(inner, "__name__", "compute").lstrip("_")


def _coins(seed: Sequence[int]) -> np.random.Generator:
    return np.random.default_rng(seed)


def _draw_seed(coins: np.random.Generator) -> int:
    return int.from_bytes(coins.bytes(_SEED_BITS // 8), "big")
