"""Signals, and failures of threads other than the main one, end the job too."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from wlra_dist.world.ending import Ending, Job, ending_of


@contextmanager
def threads_end(job: Job) -> Iterator[None]:
    """An exception that a thread does not catch ends the job, as one in the main thread does."""

    def end(failure: threading.ExceptHookArgs) -> None:
        job.end(ending_of(failure.exc_value or failure.exc_type(), job.name))

    previous = threading.excepthook
    threading.excepthook = end
    try:
        yield
    finally:
        threading.excepthook = previous


@contextmanager
def signals_end(job: Job) -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP end the job, also while the main thread is inside MPI or BLAS.

    Python's own handlers wait until the main thread is back in Python. The one in C does not: it writes the
    signal's number to a socket, and a thread reads it there.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    thread = threading.Thread(target=_await_signal, args=(reader, job), name="signals", daemon=True)
    thread.start()
    previous_writer = signal.set_wakeup_fd(writer.fileno())
    previous = {number: signal.signal(number, lambda *_: None) for number in _deadly()}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler or signal.SIG_DFL)  # None: a library's, which cannot be put back
        signal.set_wakeup_fd(previous_writer)
        writer.close()
        thread.join()
        reader.close()


def _await_signal(reader: socket.socket, job: Job) -> None:
    if received := reader.recv(1):  # nothing: the writer was closed
        number = signal.Signals(received[0])
        job.end(Ending(128 + number, f"{job.name} ended by {number.name}".strip()))


def _deadly() -> list[signal.Signals]:
    """The signals that end the job, but for those that whoever started us wants ignored, as nohup does."""
    candidates = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    if "OMPI_COMM_WORLD_SIZE" in os.environ:
        candidates.remove(signal.SIGTERM)  # Open MPI's way to end the other ranks, of which one has spoken
    return [number for number in candidates if signal.getsignal(number) is not signal.SIG_IGN]
