"""The world of an MPI job.

Rule 1: waiting is soft, and sending does not wait (channel.py).
Rule 2: the game's communicator carries frames and nothing else, point to point, one frame a message (in
pieces beyond 1 GiB), so that an outside counter sees the ledger's bytes. All else goes over two others: what
ranks agree on, and signs of life.
Rule 3: nothing is pickled.
Rule 4: MPI starts and ends without the interpreter's lock. mpi4py keeps it, so that no thread could say or end
anything while MPI_Init or MPI_Finalize waits for a rank that never comes.

Importing this module loads MPI; `start` starts it, and `guard` is who calls that.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from ctypes import CDLL, byref, c_int
from pathlib import Path
from typing import Any, NoReturn

from wlra_dist.game.located import Party
from wlra_dist.world import segments
from wlra_dist.world.channel import MPI, PIECE, Channel
from wlra_dist.world.early import quit_job
from wlra_dist.world.mpi_wire import MpiWire

GAME = "wlra_dist game"
"""The name of the game's communicator, by which an outside counter knows it."""


class MpiWorld:
    """The ranks of a communicator (collective to make)."""

    def __init__(self, comm: MPI.Intracomm, *, piece: int = PIECE) -> None:
        MPI.pickle.__init__(dumps=_deny_pickle, loads=_deny_pickle)
        self.rank = comm.Get_rank()
        self.size = comm.Get_size()
        self._game = comm.Dup()
        self._game.Set_name(GAME)
        self._frames = Channel(self._game, piece)
        self._control = Channel(comm.Dup(), piece)
        self._signs = Signs(comm.Dup())
        self._leaving = False
        segments.forget_own()  # Dup returned, so every rank has started and mapped them

    def heed(self, lively: bool) -> bool:
        """Tells the other ranks whether work goes on here; whether it does elsewhere. Any thread may call it."""
        return self._signs.exchange(lively)

    def broadcast(self, data: bytes | None) -> bytes:
        """Rank 0's bytes, on every rank, down a binomial tree (collective)."""
        if self.rank:
            data = self._control.receive(self.rank & (self.rank - 1))
        assert data is not None, "rank 0 has something to say"
        for child in _children(self.rank, self.size):
            self._control.send(data, child)
        self._control.drain()
        return data

    def gather(self, data: bytes) -> list[bytes] | None:
        """Everyone's bytes in rank order on rank 0, None elsewhere (collective)."""
        if self.rank:
            self._control.send(data, 0)
            self._control.drain()
            return None
        return [data, *(self._control.receive(rank) for rank in range(1, self.size))]

    def scatter(self, parts: Iterable[bytes] | None) -> bytes:
        """The part of rank 0's that is this rank's, of one for each in rank order; made as they leave (collective)."""
        if self.rank:
            return self._control.receive(0)
        assert parts is not None, "rank 0 has something to say"
        remaining = iter(parts)
        own = next(remaining)
        for rank, part in enumerate(remaining, start=1):
            self._control.send(part, rank)
            self._control.drain()
        return own

    def wire(self, rank_of: Callable[[Party], int]) -> MpiWire:
        """The carrier of the game's messages, parties placed by `rank_of`."""
        last_tag = self._game.Get_attr(MPI.TAG_UB)
        assert isinstance(last_tag, int), "every MPI has this attribute"
        return MpiWire(self._frames, self.rank, rank_of, tags=last_tag + 1)

    def worst(self, code: int) -> int:
        """The largest of all ranks' exit codes: each one's last word, for which the others wait (collective)."""
        codes = self.gather(bytes([code]))
        worst = self.broadcast(bytes([max(codes)[0]]) if codes else None)[0]
        self._frames.drain()
        return worst

    def leave(self) -> None:
        """Ends MPI (collective)."""
        self._leaving = True
        self._signs.close()
        unlocked("MPI_Finalize")()

    def abort(self, code: int) -> NoReturn:
        """Ends the whole job now, without a word of MPI's own."""
        if self._leaving:  # in MPI_Finalize, where MPI_Abort may wait for it
            quit_job(code)
        _silence_stderr()
        MPI.COMM_WORLD.Abort(code)
        os._exit(code)


class Signs:
    """Empty messages that tell that work goes on: from lively ranks to rank 0, and from there to all.

    They are a thread's, beside whatever the main thread does in MPI; an MPI that cannot have that sends none.
    """

    LAST = b"."
    """The sign after which no other comes from that rank."""

    def __init__(self, comm: MPI.Intracomm) -> None:
        self._comm = comm
        self._channel = Channel(comm)
        self._peers = set(range(1) if comm.rank else range(1, comm.size))
        self._open = MPI.Query_thread() == MPI.THREAD_MULTIPLE
        self._turn = threading.Lock()

    def exchange(self, lively: bool) -> bool:
        """Sends signs, if there is anything to tell, and returns whether any came."""
        with self._turn:
            received, status = False, MPI.Status()
            while self._open and self._comm.Iprobe(status=status):
                received = True
                self._receive(status.source)
            if self._open and (lively or (received and self._comm.rank == 0)):
                self._send(b"")
            return received

    def close(self) -> None:
        """No more of them: says so, and hears so, as MPI must not end with one on its way (collective)."""
        with self._turn:
            self._open = False
            self._send(self.LAST)
            while self._peers:
                self._receive(min(self._peers))
            self._channel.drain()

    def _send(self, sign: bytes) -> None:
        for peer in range(1) if self._comm.rank else range(1, self._comm.size):
            self._channel.send(sign, peer)

    def _receive(self, peer: int) -> None:
        if self._channel.receive(peer) == self.LAST:
            self._peers.discard(peer)


def start() -> None:
    """Starts MPI, if it is not (collective)."""
    if not MPI.Is_initialized():
        unlocked("MPI_Init_thread")(None, None, MPI.THREAD_MULTIPLE, byref(c_int()))
        MPI.COMM_WORLD.Set_errhandler(MPI.ERRORS_RETURN)


def unlocked(name: str) -> Any:
    """A function of MPI's that ctypes calls, which lets go of the interpreter meanwhile."""
    for library in (None, MPI.__file__):  # None first: profilers and counters that were put before MPI by LD_PRELOAD
        if function := getattr(CDLL(library), name, None):
            return function
    raise ImportError(f"the MPI that mpi4py loads has no {name}")


def all_ranks(*, piece: int = PIECE) -> MpiWorld:
    """The world of every process that the launcher started (collective)."""
    start()
    return MpiWorld(MPI.COMM_WORLD, piece=piece)


def version() -> str:
    """All that the MPI in use says of itself, from "MPICH Version: 5.0.2" on."""
    lines = MPI.Get_library_version().replace("\0", "").splitlines()  # Open MPI counts the NUL that ends its words
    return "\n".join(" ".join(line.split()) for line in lines)


def origin() -> str:
    """The file that the MPI in use was loaded from; mpi4py's own where the system does not tell (macOS)."""
    maps = Path("/proc/self/maps")
    mapped = maps.read_text().split() if maps.exists() else []
    return next((name for name in mapped if "/libmpi" in name), MPI.__file__)


def _children(rank: int, size: int) -> Iterator[int]:
    """Those whose parent in the binomial tree is `rank`: rank plus a power of two below rank's lowest bit."""
    bit = 1
    while rank + bit < size and not rank & bit:
        yield rank + bit
        bit <<= 1


def _deny_pickle(*_: object) -> NoReturn:
    raise TypeError("pickle is switched off: send bytes")


def _silence_stderr() -> None:
    # MPICH says "Abort(1) on node 2" whatever MPIR_CVAR_SUPPRESS_ABORT_MESSAGE is; we have spoken already
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
