"""The end of a game: the processes' ledgers and transcripts meet on rank 0, and must agree."""

import json
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from wlra_dist.errors import VerificationError
from wlra_dist.game.book import Book, Booked
from wlra_dist.game.frame import checksum, split
from wlra_dist.game.game import Game
from wlra_dist.game.ledger import settled
from wlra_dist.world.world import World


@dataclass(frozen=True, eq=False)
class Account:
    """What was said in a game, and how much: the settled ledger, the frames, and by process the seconds."""

    entries: Booked
    frames: list[bytes]
    seconds: list[dict[str, float]]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the transcript: all frames, in the order of the protocol."""
        transcript = sha256()
        for frame in self.frames:
            transcript.update(frame)
        return transcript.hexdigest()

    def slowest(self) -> dict[str, float]:
        """Seconds by phase, those of the process that took longest."""
        phases = dict.fromkeys(phase for process in self.seconds for phase in process)
        return {phase: max(process.get(phase, 0.0) for process in self.seconds) for phase in phases}


def settle(world: World, game: Game) -> Account | None:
    """The account on rank 0, None elsewhere (collective); VerificationError where two books disagree."""
    number: dict[str, int] = {}
    sent, received = (_gathered(world, book, number) for book in (game.ledger.sent, game.ledger.received))
    seconds = world.gather(json.dumps(game.stopwatch.seconds).encode())
    transcripts = world.gather(b"" if world.rank == 0 else b"".join(game.frames.values()))
    if sent is None or received is None or seconds is None or transcripts is None:
        return None
    entries = settled(sent, received)
    elsewhere = {frame.step: sealed for data in transcripts for frame, sealed in split(data)}
    frames = _checked(entries, ChainMap(game.frames, elsewhere))
    return Account(entries, frames, [json.loads(phases) for phases in seconds])


def _gathered(world: World, book: Book, number: dict[str, int]) -> Booked | None:
    """What all processes have booked of one side, on rank 0, words by these numbers; None elsewhere (collective)."""
    parcels = world.gather(b"" if world.rank == 0 else book.rows().to_bytes())
    if parcels is None:
        return None
    return Booked.together([book.rows(), *map(Booked.from_bytes, parcels[1:])], number)


def _checked(entries: Booked, frames: Mapping[int, bytes]) -> list[bytes]:
    """The frames in order, each of the length and the checksum that the ledger states."""
    for step, (nbytes, due) in enumerate(zip(entries.wire_bytes, entries.rows["checksum"], strict=True)):
        frame = frames.get(step)
        if frame is None or len(frame) != nbytes or checksum(frame) != due:
            raise VerificationError(f"message {step}: the transcript is not what the ledger says")
    return [frames[step] for step in range(len(entries))]
