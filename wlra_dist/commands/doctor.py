"""Is this machine fit to play? Each finding that is bad comes with what to do about it.

Whatever loads or starts MPI runs in a child with a time limit: a broken MPI hangs or kills its process. Alone, the
doctor tries the mpiexec that it finds; in a job it looks at what started that job, and tries no other.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from wlra_dist.errors import Exit
from wlra_dist.report.screen import fitted
from wlra_dist.world import segments
from wlra_dist.world.blas import blas_threads
from wlra_dist.world.launcher import Launch, launched
from wlra_dist.world.misfit import cure, launcher_name, misfit, name

PATIENCE = 30.0
"""Seconds that a child may take; Open MPI needs 1.3 to start, a busy machine several times that."""

BYTES_PER_RANK = 1_100_000
"""What MPICH takes of /dev/shm."""

INSTALL_MPI = "pip install 'wlra-dist[mpich]', or load your cluster's MPI"

OPTIONAL = {"sklearn": "pip install 'wlra-dist[data]'", "safetensors": "pip install 'wlra-dist[data]'"}

_LOAD = "from wlra_dist.world import mpi; print(mpi.origin()); print(mpi.version())"
_COUNT = "import os; from wlra_dist.world import mpi; os.write(1, b'ranks: %d\\n' % mpi.all_ranks().size)"
"""The line is one write, since nobody keeps apart what two ranks write at the same time."""

_OTHER_NAME = """
from ctypes import CDLL
CDLL("libmpich.so.12")
print(next(line.split()[-1] for line in open("/proc/self/maps") if "/libmpich.so" in line))
"""

TRACES = ("PMI_", "PMIX_", "PRTE_", "OMPI_COMM_", "MV2_COMM_", "HYDI_", "MPI_LOCAL", "SLURM_")
"""What a launcher leaves in the environment; with Slurm's an mpiexec would call srun, which waits within a step."""


EXAMPLE = "mpiexec -n 2 wlra-dist doctor"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clean", action="store_true", help="remove shared memory that aborted jobs left behind")


def run(options: argparse.Namespace) -> int:
    """Prints what is found, a line each; its exit code."""
    if options.clean:
        print(f"removed {len(clean())} segments of shared memory that no process used")
    findings = examine()
    print(fitted(render(findings)))
    return verdict(findings)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `cure` says what to do where it is not well."""

    subject: str
    seen: str
    well: bool = True
    cure: str = ""


def examine() -> list[Finding]:
    """Looks at Python, cores, BLAS, MPI, its launcher, shared memory and optional packages.

    Collective in a job, where rank 0 has the findings: another's exit code might end the job before they are told.
    """
    launch = launched(os.environ)
    if launch.rank > 0:
        _job(launch)
        return []
    started = _launcher() if launch.size == 1 else _job(launch)
    return [_python(), _cores(), _blas(), _mpi(), started, *_shared_memory(), *_optional()]


def render(findings: list[Finding]) -> str:
    """One line a finding, and one below it with the cure of each that is not well."""
    width = max((len(finding.subject) for finding in findings), default=0)
    lines = []
    for finding in findings:
        lines.append(f"{'ok ' if finding.well else 'BAD'}  {finding.subject:{width}}  {finding.seen}")
        if finding.cure:
            lines.append(f"     {'':{width}}  -> {finding.cure}")
    return "\n".join(lines)


def verdict(findings: list[Finding]) -> Exit:
    """OK if all is well, else ENVIRONMENT."""
    return Exit.OK if all(finding.well for finding in findings) else Exit.ENVIRONMENT


def clean() -> list[Path]:
    """Removes the shared memory that dead jobs left, and returns what it removed."""
    removed = segments.stale()
    for segment in removed:
        segment.unlink(missing_ok=True)
    return removed


def _python() -> Finding:
    well = sys.version_info >= (3, 11)
    return Finding(
        "python", f"{platform.python_version()}, {sys.executable}", well, "" if well else "use 3.11 or newer"
    )


def _cores() -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding("cores", f"{cores}; more ranks than that work, one after the other")


def _blas() -> Finding:
    pools = blas_threads()
    seen = ", ".join(f"{library} with {threads} threads" for library, threads in pools.items())
    return Finding("blas", f"{seen or 'one that threadpoolctl does not know'}; a game sets its own number")


def _mpi() -> Finding:
    child = _loaded()
    if child.returncode:
        return Finding("mpi", _last_words(child), False, _other_name() or INSTALL_MPI)
    origin, version, *_ = child.stdout.splitlines()
    kind = "a wheel's" if origin.startswith(sys.prefix) else "the system's"
    return Finding("mpi", f"{name(version)}, {kind}: {origin}")


def _other_name() -> str:
    """What makes mpi4py find an MPICH that Debian named otherwise; nothing if there is none."""
    child = _child(sys.executable, "-c", _OTHER_NAME)
    if child.returncode:
        return ""
    library = child.stdout.strip()
    link = f"mkdir -p ~/.local/lib && ln -s {library} ~/.local/lib/libmpi.so.12"
    return f"{library} is an MPICH under Debian's name: {link}, then export LD_LIBRARY_PATH=~/.local/lib"


def _launcher() -> Finding:
    launcher = mpiexec()
    if launcher is None:
        return Finding("mpiexec", "none beside python or on PATH", False, INSTALL_MPI)
    child = _child(str(launcher), "-n", "2", sys.executable, "-c", _COUNT)
    sizes = _sizes(child)
    if sizes == [2, 2]:
        return Finding("mpiexec", f"{launcher}, starts 2 ranks")
    if sizes == [1, 1]:
        hint = "this mpiexec belongs to another MPI: put the one of the MPI above first on PATH"
        return Finding("mpiexec", f"{launcher}, starts 2 processes that do not find each other", False, hint)
    hint = "see its words; Open MPI as root wants OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"
    return Finding("mpiexec", f"{launcher}: {_last_words(child)}", False, hint)


def _job(launch: Launch) -> Finding:
    """Whether the processes of this job find each other (collective)."""
    started = f"{launcher_name(os.environ)} started {launch.size} processes"
    loaded = _loaded()
    if loaded.returncode:
        return Finding("launcher", f"{started}, which is all that can be said without MPI", False, INSTALL_MPI)
    origin, version = loaded.stdout.split("\n", 1)
    suited = cure(os.environ, version, str(mpiexec() or "which is not here"))
    if why := misfit(os.environ, version, origin):
        return Finding("launcher", why, False, suited)
    child = _child(sys.executable, "-c", _COUNT, environment=os.environ)
    match _sizes(child):
        case [launch.size]:
            return Finding("launcher", f"{started}, one job of {launch.size} ranks")
        case [1]:
            return Finding("launcher", f"{started} that do not find each other", False, suited)
    return Finding("launcher", f"{started}: {_last_words(child)}", False, suited)


def _sizes(child: subprocess.CompletedProcess[str]) -> list[int]:
    """How many ranks each process said that there are, if all came to their ends."""
    return [] if child.returncode else [int(size) for size in re.findall(r"^ranks: (\d+)$", child.stdout, re.MULTILINE)]


def mpiexec() -> Path | None:
    """The launcher beside this Python, also where its environment is not activated; else the one on PATH."""
    found = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")
    return Path(found) if found else None


def _shared_memory() -> list[Finding]:
    if not segments.SHARED_MEMORY.is_dir():  # macOS
        return []
    ranks = shutil.disk_usage(segments.SHARED_MEMORY).free // BYTES_PER_RANK
    wanted = max(8, os.cpu_count() or 1)
    room = Finding(
        str(segments.SHARED_MEMORY),
        f"room for {ranks} ranks",
        ranks >= wanted,
        "" if ranks >= wanted else f"want room for {wanted}: --clean, or docker run --shm-size=1g",
    )
    stale = segments.stale()
    left = Finding("dead jobs", f"left {len(stale)} segments", not stale, "wlra-dist doctor --clean" if stale else "")
    return [room, left]


def _optional() -> list[Finding]:
    return [
        Finding(package, "present") if find_spec(package) else Finding(package, "absent (optional)", cure=cure)
        for package, cure in OPTIONAL.items()
    ]


def _loaded() -> subprocess.CompletedProcess[str]:
    """A child that loads MPI and says from where, and then its version, in lines."""
    return _child(sys.executable, "-c", _LOAD)


def _child(*command: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command as of no job; with an environment it takes this process's place in a job, open files and all."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith(TRACES)}
    try:
        return subprocess.run(
            command,
            env=alone if environment is None else environment,
            close_fds=environment is None,  # a launcher's word comes through one
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {PATIENCE:g} s")


def _last_words(child: subprocess.CompletedProcess[str]) -> str:
    """The last line with a word in it."""
    lines = [line for line in [*child.stdout.splitlines(), *child.stderr.splitlines()] if any(map(str.isalpha, line))]
    return lines[-1] if lines else f"ended with {child.returncode}, without a word"
