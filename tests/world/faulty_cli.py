"""`wlra-dist` with a fault: python faulty_cli.py PHASE FAULT RANK FILE ARGUMENT… goes wrong on that rank in that phase.

RANK may be "all". The moment of the fault is the modification time of FILE.rank.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

Strike: TypeAlias = Callable[[], object]

GO = "WLRA_DIST_TEST_GO"
"""The environment variable that names the file which the fault "wait" awaits."""

FAULTS: dict[str, Strike] = {
    "raise": lambda: int("no number"),
    "exit 0": lambda: sys.exit(0),
    "exit 3": lambda: sys.exit(3),
    "os._exit(0)": lambda: os._exit(0),
    "wait": lambda: await_file(Path(os.environ[GO])),
    **{
        f"SIG{name}": partial(lambda number: os.kill(os.getpid(), number), signal.Signals[f"SIG{name}"])
        for name in ("KILL", "STOP", "INT", "TERM", "SEGV")
    },
}

RAISING = ("raise", "exit 0", "exit 3", "wait")
"""Those that only the main thread can commit."""

PHASES = ("start", "before Init", "Init", "open", "load", "play", "settle", "write", "Finalize")

IN_MPI = 0.3
"""Seconds from the call into MPI to a fault inside, and from there to the other ranks' arrival."""


def await_file(file: Path) -> None:
    while not file.exists():
        time.sleep(0.05)


def main() -> int:
    phase, fault, rank, file = sys.argv[1:5]
    del sys.argv[1:5]
    from wlra_dist.__main__ import main as wlra_dist
    from wlra_dist.world.launcher import launched

    here = launched(os.environ).rank

    def strike() -> None:
        Path(f"{file}.{here}").touch()
        FAULTS[fault]()

    patch(phase, fault, strike if rank in ("all", str(here)) else None)
    return wlra_dist()


def patch(phase: str, fault: str, strike: Strike | None) -> None:
    """Has the phase begin with the strike, where there is one."""
    match phase:
        case "start":
            from wlra_dist.commands import main as cli

            cli.main = preceded(strike, cli.main)
        case "before Init":
            from wlra_dist.commands import entry

            entry.guarded = preceded(strike, entry.guarded)
        case "Init":
            patch_mpi("MPI_Init_thread", strike, fault in RAISING)
        case "Finalize":
            patch_mpi("MPI_Finalize", strike, fault in RAISING)
        case "write":
            patch_write(strike)
        case _:
            patch_stopwatch(phase, strike)


def preceded(strike: Strike | None, function: Callable[..., Any]) -> Callable[..., Any]:
    def struck(*arguments: Any, **options: Any) -> Any:
        if strike:
            strike()
        return function(*arguments, **options)

    return struck


def patch_mpi(call: str, strike: Strike | None, in_main_thread: bool) -> None:
    """Strikes before the call into MPI, if the main thread has to, and else while it waits there for the others."""
    from wlra_dist.world import mpi

    unlocked = mpi.unlocked

    def patched(name: str) -> Any:
        if name == call and not strike:
            time.sleep(2 * IN_MPI)
        elif name == call and in_main_thread and strike:
            strike()
        elif name == call and strike:
            threading.Timer(IN_MPI, strike).start()
        return unlocked(name)

    mpi.unlocked = patched


def patch_write(strike: Strike | None) -> None:
    """Strikes while rank 0 writes the record: there in the middle of it, elsewhere while the others wait."""
    from wlra_dist.report.pictures import run
    from wlra_dist.world.launcher import launched
    from wlra_dist.world.mpi import MpiWorld

    if launched(os.environ).rank:
        MpiWorld.worst = preceded(strike, MpiWorld.worst)
    else:
        run.draw = preceded(strike or (lambda: time.sleep(4 * IN_MPI)), run.draw)


def patch_stopwatch(phase: str, strike: Strike | None) -> None:
    """Strikes where the phase begins."""
    from wlra_dist.game.stopwatch import Stopwatch

    measure = Stopwatch.measure

    @contextmanager
    def striking(self: Stopwatch, name: str) -> Iterator[None]:
        if name == phase and strike:
            strike()
        with measure(self, name):
            yield

    Stopwatch.measure = striking


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # under nohup, or behind &, it would be ignored
    sys.exit(main())
