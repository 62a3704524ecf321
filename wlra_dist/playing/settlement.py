"""The end of a game: the processes' ledgers and transcripts meet on rank 0, and must agree."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from wlra_dist.errors import VerificationError
from wlra_dist.game.frame import checksum, split
from wlra_dist.game.game import Game
from wlra_dist.game.ledger import Entry, Ledger
from wlra_dist.world.world import World


@dataclass(frozen=True, eq=False)
class Account:
    """What was said in a game, and how much: the settled ledger, the frames, and by process the seconds."""

    entries: list[Entry]
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
    parcels = world.gather(_books(game, with_frames=world.rank != 0))
    if parcels is None:
        return None
    books = [_opened(data) for data in parcels]
    entries = _settled([ledger for ledger, _, _ in books])
    frames = dict(game.frames)
    for _, _, theirs in books[1:]:
        frames |= theirs
    return Account(entries, [_checked(entry, frames) for entry in entries], [seconds for _, seconds, _ in books])


def _settled(ledgers: Iterable[Ledger]) -> list[Entry]:
    merged = Ledger.empty()
    merged.merge(ledgers)
    return merged.settle()


def _checked(entry: Entry, frames: dict[int, bytes]) -> bytes:
    frame = frames.get(entry.step)
    if frame is None or len(frame) != entry.wire_bytes or checksum(frame) != entry.checksum:
        raise VerificationError(f"message {entry.step}: the transcript is not what the ledger says")
    return frame


def _books(game: Game, *, with_frames: bool) -> bytes:
    """A line of JSON, then the frames that were heard here."""
    rows = {
        "sent": [vars(entry) for entry in game.ledger.sent.values()],
        "received": [vars(entry) for entry in game.ledger.received.values()],
        "seconds": game.stopwatch.seconds,
    }
    frames = game.frames.values() if with_frames else ()
    return b"".join([json.dumps(rows).encode(), b"\n", *frames])


def _opened(data: bytes) -> tuple[Ledger, dict[str, float], dict[int, bytes]]:
    head, _, tail = data.partition(b"\n")
    rows = json.loads(head)
    sent, received = ({row["step"]: Entry(**row) for row in rows[side]} for side in ("sent", "received"))
    return Ledger(sent, received), rows["seconds"], {frame.step: sealed for frame, sealed in split(tail)}
