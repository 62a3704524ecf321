"""The carrier of the game's messages between ranks; it counts nothing and knows no codec."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from wlra_dist.errors import WlraDistError
from wlra_dist.game.located import Party
from wlra_dist.game.wires import places_on

if TYPE_CHECKING:  # which loads MPI
    from wlra_dist.world.channel import Channel


class MpiWire:
    """Frames between parties on several ranks; those between parties on one rank never meet MPI."""

    def __init__(self, frames: "Channel", rank: int, rank_of: Callable[[Party], int], *, tags: int) -> None:
        self._frames = frames
        self._rank = rank
        self._rank_of = rank_of
        self._tags = tags
        self._local: dict[int, bytes] = {}

    def hosts(self, party: Party) -> bool:
        return self._rank_of(party) == self._rank

    def hosted(self, parties: Sequence[Party]) -> Collection[int]:
        return places_on(self._rank, self._rank_of, parties)

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:  # noqa: ARG002
        """Hands over the frame of message number `step`; does not wait for the receiver."""
        if self.hosts(receiver):
            self._local[step] = frame
        else:
            self._frames.send(frame, self._rank_of(receiver), step % self._tags)

    def pull(self, sender: Party, receiver: Party, step: int, limit: int) -> bytes:
        """The frame of message number `step`; raises WlraDistError if it has more than `limit` bytes."""
        try:
            return self._next(sender, step, limit)
        except OverflowError as error:
            raise WlraDistError(
                f"message {step} from {sender} (rank {self._rank_of(sender)}) to {receiver} "
                f"(rank {self._rank}): expected a frame of at most {limit} bytes, got {error}"
            ) from error

    def _next(self, sender: Party, step: int, limit: int) -> bytes:
        if not self.hosts(sender):
            return self._frames.receive(self._rank_of(sender), step % self._tags, limit)
        frame = self._local.pop(step)
        if len(frame) > limit:
            raise OverflowError(f"{len(frame)}")
        return frame

    def finish(self) -> None:
        """Returns when every frame that was pushed has left."""
        assert not self._local, "a frame was sent that nobody read"
        self._frames.drain()
