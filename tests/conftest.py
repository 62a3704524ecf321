"""Tests under MPI: `@pytest.mark.mpi(n=[1, 2, 4], timeout=60)` runs a test on so many ranks, one job each.

The job is `mpiexec -n N python -m pytest file::test[npN]`. Its ranks play the body and report to files; here
the test passes if all of them passed. So a rank that fails or hangs can neither stall pytest nor go unseen.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from wlra_dist.world.launcher import launched

if TYPE_CHECKING:
    from wlra_dist.world.mpi import MpiWorld

REPORTS = "WLRA_DIST_TEST_REPORTS"
"""The environment variable that tells a rank that it is one, and the directory for its report."""

MERCY = 2.0
"""Seconds between SIGTERM and SIGKILL."""

OPEN_MPI = {  # what Open MPI wants to hear before it runs in a container with few cores
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Several processes test at a time: there BLAS threads that wait for work only take the cores from others."""

os.environ |= ONE_THREAD  # before numpy is imported, here and in all that tests start

# derandomised everywhere: all ranks must draw the same examples, and a failure must come back
hypothesis.settings.register_profile("wlra_dist", deadline=None, derandomize=True, database=None, max_examples=30)
hypothesis.settings.register_profile("thorough", hypothesis.settings.get_profile("wlra_dist"), max_examples=500)
hypothesis.settings.load_profile("wlra_dist")


@contextmanager
def started(n: int, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`mpiexec -n N python arguments…` in a process group of its own, which does not outlive the context."""
    beside_python = Path(sys.executable).with_name("mpiexec")
    launcher = str(beside_python) if beside_python.exists() else shutil.which("mpiexec")
    if launcher is None:
        pytest.skip("no mpiexec beside python or on PATH: pip install 'wlra-dist[mpich]'")
    with subprocess.Popen(
        [launcher, "-n", str(n), sys.executable, *arguments],
        env=os.environ | OPEN_MPI | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as job:
        try:
            yield job
        finally:
            end_group(job)


def end_group(job: subprocess.Popen[str]) -> None:
    """SIGTERM, a moment to obey, SIGKILL: for mpiexec and all that it started."""
    for number, patience in ((signal.SIGTERM, MERCY), (signal.SIGKILL, None)):
        try:
            os.killpg(job.pid, number)
            job.wait(patience)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def run(n: int, *arguments: str, timeout: float, **environment: str) -> subprocess.CompletedProcess[str]:
    """`mpiexec -n N python arguments…` to its end; raises subprocess.TimeoutExpired at the limit."""
    with started(n, *arguments, **environment) as job:
        output, errors = job.communicate(timeout=timeout)
        return subprocess.CompletedProcess(job.args, job.returncode, output, errors)


@pytest.fixture(scope="session")
def mpiexec() -> Callable[..., subprocess.CompletedProcess[str]]:
    """mpiexec(n, *arguments, timeout=…, **environment): `mpiexec -n N python arguments…`, completed."""
    return run


@pytest.fixture(scope="session")
def mpi_job() -> Callable[..., object]:
    """mpi_job(n, *arguments, **environment): a context that holds the running job."""
    return started


@pytest.fixture(scope="session")
def world() -> "MpiWorld | None":
    """In a test marked mpi, the ranks that run it."""
    if REPORTS not in os.environ:
        return None  # pytest's own process, which waits for the job
    from wlra_dist.world.mpi import all_ranks

    return all_ranks()


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """recorded(name): the place of a small run of tests.record.recorded_runs, which is played once for all tests."""
    from tests.record.recorded_runs import record_small

    return cache(lambda name: record_small(name, tmp_path_factory.mktemp(name)).parent)


@pytest.fixture
def users_place(recorded: Callable[[str], Path]) -> Iterator[Path]:
    """The place of the run `files`, where a test may move and change the user's files: they are put back."""
    from tests.record.recorded_runs import put_users_files

    yield recorded("files")
    put_users_files(recorded("files"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if marker := metafunc.definition.get_closest_marker("mpi"):
        metafunc.fixturenames.append("_ranks")
        metafunc.parametrize("_ranks", marker.kwargs["n"], ids=[f"np{n}" for n in marker.kwargs["n"]])


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    marker = pyfuncitem.get_closest_marker("mpi")
    if marker is None or REPORTS in os.environ:
        return None
    n = pyfuncitem.callspec.params["_ranks"]
    assert isinstance(n, int), "pytest_generate_tests put it there"
    play_in_job(pyfuncitem, n, marker.kwargs.get("timeout", 60))
    return True


def play_in_job(item: pytest.Function, n: int, timeout: float) -> None:
    """Runs one test on n ranks; fails, or is skipped, with what the ranks report."""
    test = f"{item.path}::{item.nodeid.split('::', 1)[1]}"
    here = str(item.config.rootpath)
    # ranks that hang end a little before the job does, so that they can say where
    again = ("-m", "pytest", test, "--rootdir", here, "-p", "no:cacheprovider", f"--timeout={0.8 * timeout}")
    with tempfile.TemporaryDirectory() as reports:
        try:
            job = run(n, *again, timeout=timeout, **{REPORTS: reports})
            end = f"mpiexec ended with {job.returncode}\n{job.stdout}{job.stderr}"
        except subprocess.TimeoutExpired:
            end = f"no end within {timeout} s"
        judge([(path.stem, path.suffix, path.read_text()) for path in sorted(Path(reports).iterdir())], n, end)


def judge(reports: Sequence[tuple[str, str, str]], n: int, end: str) -> None:
    """The outcome of a job, from its ranks' (rank, outcome, text) and the end of mpiexec."""
    for rank, outcome, text in reports:
        if outcome == ".skipped":
            pytest.skip(f"rank {rank}: {text}")
    passed = [rank for rank, outcome, _ in reports if outcome == ".passed"]
    if len(passed) < n:
        failed = [f"rank {rank} of {n}:\n{text}" for rank, outcome, text in reports if outcome == ".failed"]
        pytest.fail("\n".join(failed) or f"passed on ranks {passed} of {n} only; {end}", pytrace=False)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if REPORTS in os.environ and (report.when == "call" or report.outcome != "passed"):
        rank = launched(os.environ).rank
        Path(os.environ[REPORTS], f"{rank}.{report.outcome}").write_text(report.longreprtext)
        if report.failed:
            time.sleep(0.3)  # others that fail too have a moment to say so
            os.kill(os.getpid(), signal.SIGKILL)  # those that wait for us end with us
