"""The wire of a game that was played: the coordinator alone hears the recorded frames again.

Nobody else is hosted, so no step of another party is computed and no input of theirs is needed.
"""

from collections.abc import Iterable

from wlra_dist.codecs.base.bits import DecodeError
from wlra_dist.errors import VerificationError
from wlra_dist.game.located import Party


class Replayed:
    """Gives `party` what it heard, and holds it to what it said.

    Args:
        party: who is played; every message of the game is said to it or by it.
        frames: the transcript: the frame of message number i at place i.
    """

    def __init__(self, party: Party, frames: Iterable[bytes]) -> None:
        self._party = party
        self._left = dict(enumerate(frames))
        self.step = 0
        """The message that was last asked for."""

    def hosts(self, party: Party) -> bool:
        return party == self._party

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:
        """VerificationError unless the frame is, bit for bit, the one that was recorded."""
        if self._take(step) != frame:
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
