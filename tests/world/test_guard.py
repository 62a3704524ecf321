"""Whatever goes wrong on one rank, the job ends soon, with its code, one line and nothing left behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

import pytest

from wlra_dist.commands import doctor
from wlra_dist.world import segments

FAULTY = str(Path(__file__).with_name("faulty_main.py"))
SOON = 15
"""Seconds after which a job counts as hanging; on an idle machine each of these takes under 3."""

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., AbstractContextManager[subprocess.Popen[str]]]


def lines(errors: str) -> list[str]:
    """What we said, apart from tracebacks, stacks and the launcher's words."""
    return [line for line in errors.splitlines() if line.startswith("wlra-dist: ")]


@cache
def is_open_mpi(launcher: str) -> bool:
    version = subprocess.run([launcher, "--version"], capture_output=True, text=True, timeout=SOON)
    return "Open MPI" in version.stdout


@pytest.fixture(autouse=True)
def _nothing_left_in_shared_memory() -> Iterator[None]:
    before = set(segments.stale())
    yield
    deadline = time.monotonic() + 1  # the last rank may still be dying
    while (left := set(segments.stale()) - before) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


TABLE = Path(__file__).parents[2] / "docs" / "faults.md"
ROW = re.compile(r"\| `([\w-]+)`: .* \| (\d+) \| (\d+) \| (.*) \|")

OPEN_MPI_SPEAKS = ("os-exit-0", "os-exit-3", "kill", "segv", "terminate")


@pytest.mark.parametrize(("fault", "code", "of_open_mpi", "line"), ROW.findall(TABLE.read_text()))
def test_the_table_of_faults_is_true(mpiexec: Run, fault: str, code: str, of_open_mpi: str, line: str) -> None:
    limit = "3" if fault in ("hang", "stop") else "30"
    job = mpiexec(3, FAULTY, fault, limit, timeout=SOON)
    open_mpi = is_open_mpi(job.args[0])
    assert job.returncode == int(of_open_mpi if open_mpi else code)
    printed = lines(job.stderr)
    assert len(printed) == 1 or (open_mpi and fault in OPEN_MPI_SPEAKS)
    assert all(line in sentence for sentence in printed)
    assert ("Traceback" in job.stderr) == ("failed" in line)
    assert "faulty_main.py" in job.stderr or not ("failed" in line or "stalled" in line)
    assert "BAD TERMINATION" not in job.stderr


def test_the_table_has_all_faults() -> None:
    assert len(ROW.findall(TABLE.read_text())) == TABLE.read_text().count("\n| `")


def test_a_rank_that_computes_is_slow_and_waited_for(mpiexec: Run) -> None:
    job = mpiexec(3, FAULTY, "slow", "1", timeout=2 * SOON)
    assert job.returncode == 0
    why = "no message and no new phase within the stall limit after 'fault', but it computes"
    assert lines(job.stderr) == [f"wlra-dist: rank 1 is slow: {why}; it gets 10 times the limit"]


def test_a_good_end_is_quiet(mpiexec: Run) -> None:
    job = mpiexec(3, FAULTY, "none", timeout=SOON)
    assert (job.returncode, job.stderr) == (0, "")
    assert all(f"rank {rank} of 3" in job.stdout for rank in range(3))


def test_the_largest_exit_code_is_the_jobs(mpiexec: Run) -> None:
    job = mpiexec(3, FAULTY, "code-3", timeout=SOON)
    assert (job.returncode, lines(job.stderr)) == (3, [])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_work_while_all_ranks_wait(mpi_job: Start, number: signal.Signals, code: int) -> None:
    with mpi_job(3, FAULTY, "wait") as job:
        assert job.stdout is not None
        waiting = ""
        while waiting.count("waiting") < 3:
            waiting += job.stdout.read(1)
        job.send_signal(number)
        _, errors = job.communicate(timeout=SOON)
    assert isinstance(job.args, list)
    if is_open_mpi(os.fsdecode(job.args[0])):
        assert job.returncode == 1  # whatever its ranks say
        return
    assert job.returncode == code
    assert lines(errors) == [f"wlra-dist: rank 0 ended by {number.name}"]


@pytest.mark.parametrize(("rank", "printed"), [("0", 1), ("1", 0)])
def test_a_launcher_of_another_mpi_is_noticed(rank: str, printed: int) -> None:
    job = alone("none", PMI_SIZE="4", PMI_RANK=rank)
    assert (job.returncode, job.stdout) == (78, "")
    assert len(lines(job.stderr)) == printed
    assert all("started 4 processes, but each finds itself alone" in line for line in lines(job.stderr))


@pytest.mark.parametrize("rank", ["0", "1"])
def test_a_launcher_that_the_mpi_cannot_work_under_is_told_before_it_starts(rank: str) -> None:
    """MPICH would abort with its own words and code 16, Open MPI with a page from every rank."""
    mpiexec = doctor.mpiexec()
    if mpiexec and is_open_mpi(str(mpiexec)):
        job = alone("none", SLURM_STEP_NUM_TASKS="4", SLURM_PROCID=rank)
        expected = ["srun --mpi=none does not speak PMIx", "use `srun --mpi=pmix`"]
    else:
        traces = {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": rank, "PMIX_NAMESPACE": "prterun-1@1"}
        job = alone("none", **traces)
        expected = ["Open MPI's mpiexec speaks PMIx", "the one that `wlra-dist doctor` names"]
    assert (job.returncode, job.stdout) == (78, "")
    assert len(lines(job.stderr)) == (rank == "0")
    assert all(words in line for line in lines(job.stderr) for words in expected)


def test_a_launcher_without_any_mpi_is_noticed() -> None:
    without_mpi = "import sys, runpy; sys.modules['mpi4py'] = None; runpy.run_path(sys.argv[1], run_name='__main__')"
    job = subprocess.run(
        [sys.executable, "-c", without_mpi, FAULTY],
        env=os.environ | {"PMI_SIZE": "4"},
        capture_output=True,
        text=True,
        timeout=SOON,
    )
    assert job.returncode == 78
    assert "MPI cannot be loaded" in lines(job.stderr)[0]


@pytest.mark.parametrize(
    ("fault", "code", "printed"),
    [
        ("none", 0, []),
        ("raise", 1, []),
        ("thread", 1, ["wlra-dist: failed: ValueError: in a thread"]),
        ("verification", 3, ["wlra-dist: the loss is above its bound"]),
        ("bad-input", 2, ["wlra-dist: expected k >= 1, got 0: try k = 1"]),
        ("exit-0", 0, []),
        ("exit-3", 3, []),
        ("interrupt", 130, []),
    ],
)
def test_alone_the_codes_are_the_same(fault: str, code: int, printed: list[str]) -> None:
    job = alone(fault)
    assert (job.returncode, lines(job.stderr)) == (code, printed)
    assert ("Traceback" in job.stderr) == (code == 1)


def test_alone_mpi_is_not_loaded() -> None:
    job = alone("imports")
    assert job.stdout == "no MPI\n"


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, FAULTY, "print"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as job:
        assert job.stdout is not None
        job.stdout.readline()
        job.stdout.close()
        assert job.wait(SOON) == 128 + signal.SIGPIPE
        assert job.stderr is not None
        assert job.stderr.read() == ""


def alone(fault: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """faulty_main without a launcher."""
    return subprocess.run(
        [sys.executable, FAULTY, fault],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=SOON,
    )
