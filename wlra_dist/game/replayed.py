"""The wire of a game that was played: the coordinator alone hears the recorded frames again.

Nobody else is hosted, so no step of another party is computed and no input of theirs is needed.
"""

from collections.abc import Collection, Iterable, Sequence

from wlra_dist.codecs.base.bits import DecodeError
from wlra_dist.errors import VerificationError
from wlra_dist.game.located import Party
from wlra_dist.game.wires import places_of


class Replayed:
    """Gives `party` what it heard, and holds it to what it said.

    Args:
        party: who is played; every message of the game is said to it or by it.
        frames: the transcript: the frame of message number i at place i.
        strict: whether it must say, bit for bit, what was recorded; on another machine it may round otherwise.
    """

    def __init__(self, party: Party, frames: Iterable[bytes], *, strict: bool = True) -> None:
        self._party, self._strict = party, strict
        self._left = dict(enumerate(frames))
        self.step = 0
        """The message that was last asked for."""
        self.otherwise: list[int] = []
        """The messages in which it says something else than was recorded."""

    def hosts(self, party: Party) -> bool:
        return party == self._party

    def hosted(self, parties: Sequence[Party]) -> Collection[int]:
        return places_of(self._party, parties)

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:
        """VerificationError unless the frame is, bit for bit, the one that was recorded, where that is asked for."""
        if self._take(step) == frame:
            return
        self.otherwise.append(step)
        if self._strict:
            raise VerificationError(f"message {step}: {sender} tells {receiver} something else than in the transcript")

    def pull(self, sender: Party, receiver: Party, step: int, limit: int) -> bytes:
        frame = self._take(step)
        if len(frame) > limit:
            raise DecodeError(f"{sender} may tell {receiver} at most {limit} bytes, the transcript has {len(frame)}")
        return frame

    def finish(self) -> None:
        """VerificationError if the transcript goes on after the last message."""
        if self._left:
            raise VerificationError(f"message {min(self._left)} of the transcript is none of this protocol's")

    def _take(self, step: int) -> bytes:
        self.step = step
        if step not in self._left:
            raise VerificationError(f"the transcript ends before message {step}")
        return self._left.pop(step)
