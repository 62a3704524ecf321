"""Byte strings between the ranks of a communicator: no call waits for a receiver, and waiting for a sender is soft.

A rank that blocks in MPI spins; with more ranks than cores it steals the time of the one that all wait for. Here it
polls, and sleeps longer and longer between the polls, but not while its own messages are leaving: MPI takes little more
than one of them at a call.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import NamedTuple, TypeVar

import mpi4py

mpi4py.rc.initialize = False  # mpi.start() does
mpi4py.rc.finalize = True  # at the exit of a process that did not leave()

from mpi4py import MPI  # noqa: E402  it reads rc

T = TypeVar("T")

PIECE = 1 << 30
"""Bytes of the largest single message: Open MPI refuses 2 GiB."""

SMALL = 1 << 12
"""Bytes up to which a message is received when it arrives, whatever its receiver allows."""

ROOM = 256
"""Messages to a rank that MPI has at a time: each takes it kilobytes. They are asked for in their order."""


def naps() -> Iterator[float]:
    """Seconds of sleep between polls: a close answer is met at once, a long wait costs next to nothing."""
    return chain(repeat(0.0, 50), repeat(50e-6, 50), repeat(1e-3, 1000), repeat(5e-3))


def softly(poll: Callable[[], T], moves: Callable[[], bool] = lambda: False) -> T:
    """The first true answer of poll(); where moves() says that something else goes on meanwhile, it is close again."""
    waits = naps()
    while not (answer := poll()):
        if moves():
            waits = naps()
        time.sleep(next(waits))
    return answer


class Line(NamedTuple):
    """What is to go to a rank, and what MPI has of it; mpi4py's requests keep their buffers alive."""

    due: deque[tuple[memoryview, int]]
    leaving: deque[MPI.Request]


class Channel:
    """Byte strings between ranks over one communicator; two with the same ends and tag keep their order.

    A piece of full size says that another follows, so a string needs no header; one whose length is a
    multiple of the piece ends with an empty piece.
    """

    def __init__(self, comm: MPI.Comm, piece: int = PIECE) -> None:
        self._comm = comm
        self._piece = piece
        self._lines: dict[int, Line] = {}
        self._arrived: dict[tuple[int, int], list[tuple[int, MPI.Message | bytearray]]] = {}

    def send(self, data: bytes, receiver: int, tag: int = 0) -> None:
        """Hands data over without waiting for the receiver."""
        line, view = self._lines.setdefault(receiver, Line(deque(), deque())), memoryview(data)
        line.due.extend((view[start : start + self._piece], tag) for start in range(0, len(data) + 1, self._piece))
        self._go_on(receiver)

    def receive(self, sender: int, tag: int = 0, limit: int | None = None) -> bytes:
        """The next string from `sender`; raises OverflowError before it allocates more than `limit` bytes."""
        pieces, size = [], 0
        while size == len(pieces) * self._piece:
            piece = self._receive_piece(sender, tag, size, limit)
            pieces.append(piece)
            size += len(piece)
        return bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)

    def drain(self) -> None:
        """Returns when all that was sent has left."""
        softly(lambda: not self._lines, self._all_go_on)

    def _all_go_on(self) -> bool:
        """Whether anything has left: MPI hands over little more than one at a call."""
        return any([self._go_on(receiver) for receiver in list(self._lines)])

    def _go_on(self, receiver: int) -> bool:
        """Forgets what has left for a rank, and says whether anything has; what there is room for is next."""
        due, leaving = self._lines[receiver]
        before = len(leaving)
        while leaving and leaving[0].Test():
            leaving.popleft()
        left = len(leaving) < before
        while due and len(leaving) < ROOM:
            piece, tag = due.popleft()
            leaving.append(self._comm.Isend([piece, MPI.BYTE], receiver, tag))
        if not leaving:
            del self._lines[receiver]
        return left

    def _matched(self, sender: int, tag: int) -> tuple[int, MPI.Message | bytearray] | None:
        """The size of the next of these and what it is, if it is there.

        Others are put by, as MPI would search all of them each time, and the small ones taken over, of which each
        takes it kilobytes.
        """
        status = MPI.Status()
        while not (found := self._arrived.get((sender, tag))) and (message := self._comm.Improbe(status=status)):
            size = status.Get_count(MPI.BYTE)
            what = _taken(message, size) if size <= SMALL else message
            self._arrived.setdefault((status.source, status.tag), []).append((size, what))
        if not found:
            return None
        if len(found) == 1:
            del self._arrived[sender, tag]
        return found.pop(0)

    def _receive_piece(self, sender: int, tag: int, before: int, limit: int | None) -> bytearray:
        found = softly(lambda: self._matched(sender, tag), self._all_go_on)
        assert found is not None, "softly waited for it"
        size, what = found
        if limit is not None and before + size > limit:
            raise OverflowError(f"{before + size}")
        return what if isinstance(what, bytearray) else _taken(what, size)


def _taken(message: MPI.Message, size: int) -> bytearray:
    piece = bytearray(size)
    request = message.Irecv([piece, MPI.BYTE])
    softly(request.Test)
    return piece
