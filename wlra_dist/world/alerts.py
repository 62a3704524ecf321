"""Signals, and failures of threads other than the main one, end the job too."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from wlra_dist.world.early import deadly_signals
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
    signal's number to a pipe, and a thread reads it there.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    thread = threading.Thread(target=_await_signal, args=(reader, job), name="signals", daemon=True)
    thread.start()
    previous_writer = signal.set_wakeup_fd(writer)
    previous = {number: signal.signal(number, lambda *_: None) for number in deadly_signals()}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler or signal.SIG_DFL)  # None: a library's, which cannot be put back
        signal.set_wakeup_fd(previous_writer)
        os.close(writer)
        thread.join()  # does not return where a signal has come: the job ends
        os.close(reader)


def _await_signal(reader: int, job: Job) -> None:
    if received := os.read(reader, 1):  # nothing: the writer was closed
        number = signal.Signals(received[0])
        job.end(Ending(128 + number, f"{job.name} ended by {number.name}".strip()))
