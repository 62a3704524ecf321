"""One fault in one job of the command line, and all that must be seen of its end."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import OPEN_MPI, end_group
from wlra_dist.commands.doctor import mpiexec
from wlra_dist.world import segments

PROGRAM = Path(__file__).with_name("faulty_cli.py")

MARK = "WLRA_DIST_FAULT"
"""The environment variable by which the processes of a job are known."""

SCENARIO = """
about = "small, so that all is start and end"
[instance]
kind = "synthetic"
n = 20
d = 30
k = 2
[game]
servers = 4
"""

SOON = 5.0
"""Seconds from a death that can be known to the end of the job, and from the stall limit to that of a stalled one."""

CODES = {
    "raise": {1},
    "exit 0": {1},
    "exit 3": {3},
    "os._exit(0)": {1},
    "SIGKILL": {137, 9},  # the second where Hydra notices first
    "SIGSTOP": {124, 137},  # the second where Open MPI sees its sentry kill the rank first
    "SIGINT": {130},
    "SIGTERM": {143},
    "SIGSEGV": {139, 11},
}


@dataclass(frozen=True)
class Case:
    """A fault on a rank in a phase."""

    phase: str
    fault: str
    rank: int
    ranks: int = 3
    stall_limit: float = 5.0

    def codes(self) -> set[int]:
        """A rank that is gone before it joined is gone, whatever code it left with."""
        return CODES[self.fault] | ({1} if self.phase in ("start", "before Init") else set())

    def complaints(self) -> list[str]:
        """What is not as it must be; nothing if all is well."""
        with tempfile.TemporaryDirectory() as place:
            return self._complaints(Path(place))

    def _complaints(self, place: Path) -> list[str]:
        struck, scenario, runs = place / f"struck.{self.rank}", place / "fault.toml", place / "runs"
        runs.mkdir()
        scenario.write_text(SCENARIO)
        stale = set(segments.stale())
        fault = self.phase, self.fault, str(self.rank), str(place / "struck")
        command = "run", str(scenario), "--out", str(runs / "run"), "--stall-limit", str(self.stall_limit)
        job = subprocess.Popen(
            [str(mpiexec()), "-n", str(self.ranks), sys.executable, str(PROGRAM), *fault, *command],
            env=os.environ | OPEN_MPI | {MARK: str(place), "TMPDIR": str(place)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = job.communicate(timeout=20 * SOON + self.stall_limit)
        except subprocess.TimeoutExpired:
            end_group(job)
            end_all(place)
            return ["no end"]
        seconds = time.time() - struck.stat().st_mtime if struck.exists() else 0.0
        most = SOON + (self.stall_limit if self.fault == "SIGSTOP" else 0.0)
        seen = {
            "no fault": not struck.exists(),
            f"code {job.returncode}": job.returncode not in self.codes(),
            f"{seconds:.1f} s": seconds > most,
            f"orphans {alive(place)}": bool(end_all(place)),
            f"left {left(place)}": bool(left(place)),
            "shared memory left": bool(lasting(stale)),
            "a whole run": (runs / "run").exists() and self.phase not in ("write", "Finalize"),
            f"said {output}": "Traceback" in output and self.fault not in ("raise", "SIGSTOP"),
        }
        return [complaint for complaint, true in seen.items() if true]


def left(place: Path) -> list[str]:
    """Names of temporaries: all that is not ours, and not the run."""
    found = {path.name for path in (*place.iterdir(), *(place / "runs").iterdir())}
    return sorted(found - {"fault.toml", "runs", "run", *(f"struck.{rank}" for rank in range(8))})


def lasting(before: set[Path]) -> set[Path]:
    """Segments of dead jobs that stay; those of other tests' jobs that end at this moment do not."""
    deadline = time.monotonic() + SOON
    while (found := set(segments.stale()) - before) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def alive(place: Path) -> list[int]:
    """The processes of the job that still run; a dead one that is not yet buried has no environment."""
    mark = f"{MARK}={place}".encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
        except OSError:  # it has just ended
            continue
    return found


def end_all(place: Path) -> list[int]:
    """Kills and returns the processes of the job that have not ended a second after it."""
    deadline = time.monotonic() + 1.0
    while alive(place) and time.monotonic() < deadline:
        time.sleep(0.05)
    orphans = alive(place)
    for process in orphans:
        os.kill(process, signal.SIGKILL)
    return orphans
