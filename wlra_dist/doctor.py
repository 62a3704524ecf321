"""Is this machine fit to play? Each finding that is bad comes with what to do about it.

Whatever loads or starts MPI runs in a child with a time limit: a broken MPI hangs or kills its process.
"""

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from wlra_dist.errors import Exit
from wlra_dist.game import segments
from wlra_dist.game.blas import blas_threads

PATIENCE = 30.0
"""Seconds that a child may take; Open MPI needs 1.3 to start, a busy machine several times that."""

BYTES_PER_RANK = 1_100_000
"""What MPICH takes of /dev/shm."""

INSTALL_MPI = "pip install 'wlra-dist[mpich]', or load your cluster's MPI"

OPTIONAL = {"sklearn": "pip install 'wlra-dist[data]'", "safetensors": "pip install 'wlra-dist[data]'"}

_LOAD = "from wlra_dist.game import mpi; print(mpi.library()); print(mpi.origin())"
_COUNT = "from wlra_dist.game import mpi; print('ranks:', mpi.all_ranks().size)"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `cure` says what to do where it is not well."""

    subject: str
    seen: str
    well: bool = True
    cure: str = ""


def examine() -> list[Finding]:
    """Looks at Python, cores, BLAS, MPI, its launcher, shared memory and optional packages."""
    return [_python(), _cores(), _blas(), _mpi(), _launcher(), *_shared_memory(), *_optional()]


def render(findings: list[Finding]) -> str:
    """One line a finding, and one below it with the cure of each that is not well."""
    width = max(len(finding.subject) for finding in findings)
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
    child = _child(sys.executable, "-c", _LOAD)
    if child.returncode:
        return Finding("mpi", _last_words(child), False, INSTALL_MPI)
    library, origin = child.stdout.splitlines()
    kind = "a wheel's" if origin.startswith(sys.prefix) else "the system's"
    return Finding("mpi", f"{library}, {kind}: {origin}")


def _launcher() -> Finding:
    launcher = mpiexec()
    if launcher is None:
        return Finding("mpiexec", "none beside python or on PATH", False, INSTALL_MPI)
    child = _child(str(launcher), "-n", "2", sys.executable, "-c", _COUNT)
    if child.stdout.count("ranks: 2") == 2:
        return Finding("mpiexec", f"{launcher}, starts 2 ranks")
    if child.returncode == 0:
        cure = "this mpiexec belongs to another MPI: put the one of the MPI above first on PATH"
        return Finding("mpiexec", f"{launcher}, starts 2 processes that do not find each other", False, cure)
    cure = "see its words; Open MPI as root wants OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"
    return Finding("mpiexec", f"{launcher}: {_last_words(child)}", False, cure)


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


def _child(*command: str) -> subprocess.CompletedProcess[str]:
    """The command in an environment without a launcher's traces, so that a doctor may run in a job."""
    traces = ("PMI_", "PMIX_", "OMPI_COMM_", "MV2_COMM_", "HYDI_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(traces)}
    try:
        return subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {PATIENCE:g} s")


def _last_words(child: subprocess.CompletedProcess[str]) -> str:
    words = child.stderr.strip() or child.stdout.strip() or f"ended with {child.returncode}, without a word"
    return words.splitlines()[-1]
