"""A process beside each rank that ends the job where the rank cannot: it was killed, left by os._exit, or is stopped.

The launchers do not do so. To Hydra a rank that leaves with 0 is none that failed: the line between them closes, Hydra
kills all others and reports 0, with nothing printed. The sentry holds that line open, notices that the rank is
gone without a last word, and reports the failure. A stopped process is nobody's business but the sentry's.
"""

import json
import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from wlra_dist.errors import Exit
from wlra_dist.world import leftovers, segments
from wlra_dist.world.early import deadly_signals, tell_launcher
from wlra_dist.world.ending import Ending, Job
from wlra_dist.world.neighbours import launcher, local_size, started_by, state_of

RESERVE = 3.0
"""Seconds beyond the stall limit: the others, who wait for a rank that is stopped, have noticed by then."""

AFTERMATH = 0.3
"""Seconds after which a launcher that ends the job has ended all of it, so that there is nothing left to report."""


class Sentry:
    """The rank's end of the pipe to its sentry."""

    def __init__(self, limit: float, job: Job) -> None:
        reader, self._writer = os.pipe()
        rank, above = os.getpid(), launcher()
        self._process = os.fork()
        if self._process == 0:
            try:
                _keep_only(reader)
                _stand(reader, limit + RESERVE, rank, above, job)
            finally:
                os._exit(0)
        os.close(reader)
        os.set_blocking(self._writer, False)

    def sign(self, _: bool) -> bool:
        """Tells that the rank is not stopped, in the watchdog's way; hears of nobody else's work."""
        self._tell(b"\n")
        return False

    def inherit(self, paths: list[Path]) -> None:
        """Tells what to remove if the rank cannot."""
        self._tell(json.dumps([str(path) for path in paths]).encode() + b"\n")

    def dismiss(self) -> None:
        """The rank's last word: it ends in order, or has said itself why not."""
        process, self._process = self._process, 0
        if process:
            with suppress(ChildProcessError):  # whoever collects all children of this process was faster
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)

    def _tell(self, line: bytes) -> None:
        with suppress(OSError):  # it is gone, or stopped: the rank plays on
            os.write(self._writer, line)


@contextmanager
def posted(limit: float, job: Job) -> Iterator[Sentry]:
    """A sentry for this rank, until it leaves the context or speaks for itself."""
    sentry = Sentry(limit, job)
    job.hush = sentry.dismiss
    with leftovers.inherited(sentry.inherit):
        try:
            yield sentry
        finally:
            sentry.dismiss()


def _keep_only(reader: int) -> None:
    """Leaves the rank's session, signals and files, but for the pipe and all by which Hydra would notice its end.

    So Hydra, which would forget how the rank ended, asks the system for that only when the sentry has.
    """
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in deadly_signals():
        signal.signal(number, signal.SIG_IGN)
    kept = {1, 2, reader, int(os.environ.get("PMI_FD", 2))}
    for below, above in pairwise([-1, *sorted(kept), os.sysconf("SC_OPEN_MAX")]):
        os.closerange(below + 1, above)


def _stand(reader: int, limit: float, rank: int, above: int, job: Job) -> None:
    def abort(code: int) -> NoReturn:
        tell_launcher(code)
        with suppress(ProcessLookupError):
            os.kill(rank, signal.SIGKILL)
        os._exit(code)

    job.abort = abort
    inherited: list[str] = []
    begun = time.time()
    try:
        for line in _lines(reader, limit, rank):
            inherited = json.loads(line)
    except TimeoutError:
        job.end(Ending(Exit.STALL, f"{job.name} stalled: its process is stopped"))
    ending = _without_a_word(rank, job.name)
    leftovers.remove(map(Path, inherited))
    time.sleep(AFTERMATH)
    segments.forget_stale(begun)
    if local_size() == 1 or started_by(above):
        job.end(ending)


def _lines(reader: int, limit: float, rank: int) -> Iterator[bytes]:
    """What the rank says that is not just a sign of life, until it is gone; TimeoutError if it stops before."""
    text = b""
    while True:
        if select.select([reader], [], [], limit)[0]:
            if not (read := os.read(reader, 1 << 16)):
                return
            *lines, text = (text + read).split(b"\n")
            yield from filter(None, lines)
        elif not _runs(rank):
            raise TimeoutError


def _without_a_word(rank: int, name: str) -> Ending:
    """How the rank ended: the system tells until the launcher has asked for it."""
    status = int(state[-1]) if (state := state_of(rank)) else 0
    if number := os.WTERMSIG(status):
        return Ending(128 + number, f"{name} was killed by {signal.Signals(number).name}")
    return Ending(os.WEXITSTATUS(status) or Exit.FAILURE, f"{name} left without a word, while the others played on")


def _runs(process: int) -> bool:
    """Whether the process is on a core now; one that computes outside Python cannot give signs."""
    return state_of(process)[:1] == ["R"]
