"""The doctor names what is wrong and what to do, and nothing that is broken can take it along."""

import _ctypes
import mmap
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wlra_dist.commands import doctor
from wlra_dist.commands.doctor import Finding
from wlra_dist.errors import Exit
from wlra_dist.world import segments


def only(subject: str, findings: list[Finding]) -> Finding:
    (finding,) = (finding for finding in findings if finding.subject == subject)
    return finding


@pytest.fixture
def shared_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(segments, "SHARED_MEMORY", tmp_path)
    return tmp_path


def test_everything_is_looked_at() -> None:
    subjects = [finding.subject for finding in doctor.examine()]
    assert subjects[:5] == ["python", "cores", "blas", "mpi", "mpiexec"]
    assert only("python", doctor.examine()).well
    if segments.SHARED_MEMORY.is_dir():
        assert str(segments.SHARED_MEMORY) in subjects


def test_what_is_bad_comes_with_a_cure() -> None:
    findings = [Finding("python", "3.11"), Finding("mpiexec", "none", False, "install one")]
    text = doctor.render(findings)
    assert text.splitlines() == ["ok   python   3.11", "BAD  mpiexec  none", "              -> install one"]
    assert doctor.verdict(findings) is Exit.ENVIRONMENT
    assert doctor.verdict(findings[:1]) is Exit.OK


@pytest.mark.parametrize(
    "broken", ["import os; os.abort()", "import time; time.sleep(60)", "raise ImportError('no libmpi')"]
)
def test_a_broken_mpi_cannot_take_the_doctor_along(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LOAD", broken)
    monkeypatch.setattr(doctor, "PATIENCE", 0.5)
    finding = only("mpi", doctor.examine())
    assert not finding.well
    assert "pip install" in finding.cure


def test_a_launcher_of_another_mpi_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = script(tmp_path / "mpiexec", 'shift 2\n"$@"\n"$@"')  # -n 2: two processes that know nothing of each other
    monkeypatch.setattr(doctor, "mpiexec", lambda: foreign)
    monkeypatch.setattr(doctor, "_COUNT", "print('ranks: 1')")
    finding = only("mpiexec", doctor.examine())
    assert not finding.well
    assert "do not find each other" in finding.seen


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_what_no_process_said_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = script(tmp_path / "mpiexec", "echo ranks: 2ranks: 2; echo; echo --; echo one of these days")
    monkeypatch.setattr(doctor, "mpiexec", lambda: odd)
    finding = only("mpiexec", doctor.examine())
    assert not finding.well
    assert finding.seen == f"{odd}: one of these days"


@pytest.mark.skipif(doctor.mpiexec() is None, reason="starts ranks")
def test_ranks_that_speak_at_the_same_time_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")  # print then writes a line and its end apart, and ranks interleave
    assert all(only("mpiexec", doctor.examine()).well for _ in range(2))


def test_a_launcher_is_tried_as_if_no_other_had_started_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hydra calls srun where it sees Slurm's variables, and srun waits within a step until it is stopped."""
    strict = script(tmp_path / "mpiexec", "env | grep -E '^(SLURM|PMI|PMIX)_' && exit 1; echo ranks: 2; echo ranks: 2")
    monkeypatch.setattr(doctor, "mpiexec", lambda: strict)
    for name in ("SLURM_STEP_NUM_TASKS", "SLURM_JOB_ID", "PMI_SIZE", "PMIX_RANK"):
        monkeypatch.setenv(name, "1")
    assert only("mpiexec", doctor.examine()).well


@pytest.mark.parametrize(
    ("traces", "version", "ranks", "well", "words"),
    [
        ({"PMI_SIZE": "2"}, "MPICH Version: 5", 2, True, "srun --mpi=pmi2 started 2 processes, one job of 2 ranks"),
        ({}, "MPICH Version: 5", 1, False, "srun --mpi=none started 2 processes that do not find each other"),
        ({"PMI_SIZE": "2"}, "Open MPI v5.0.11", 2, False, "srun --mpi=pmi2 does not speak PMIx"),
        ({"OMPI_COMM_WORLD_SIZE": "2", "PMIX_NAMESPACE": "x"}, "MPICH Version: 5", 2, False, "Open MPI's mpiexec"),
    ],
)
def test_in_a_job_its_own_launcher_is_looked_at(
    traces: dict[str, str], version: str, ranks: int, well: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_LOAD", f"print('/opt/libmpi.so'); print({version!r})")
    monkeypatch.setattr(doctor, "_COUNT", f"import os; assert os.environ['SLURM_PROCID']; print('ranks: {ranks}')")
    for name, value in {"SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0", **traces}.items():
        monkeypatch.setenv(name, value)
    finding = only("launcher", doctor.examine())
    assert finding.well == well
    assert words in finding.seen
    assert well or "use " in finding.cure
    monkeypatch.setenv("SLURM_PROCID", "1")
    monkeypatch.setenv("PMI_RANK" if "PMI_SIZE" in traces else "OMPI_COMM_WORLD_RANK", "1")
    assert doctor.verdict(doctor.examine()) is Exit.OK  # rank 0 speaks for all


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc what is loaded")
def test_an_mpich_under_debians_name_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "libmpich.so.12"
    library.write_bytes(Path(_ctypes.__file__).read_bytes())  # any library will do
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    monkeypatch.setattr(doctor, "_LOAD", "raise ImportError('libmpi.so.12: cannot open shared object file')")
    finding = only("mpi", doctor.examine())
    assert not finding.well
    assert "libmpi.so.12" in finding.seen
    assert f"ln -s {library} ~/.local/lib/libmpi.so.12" in finding.cure


def test_what_an_mpi_says_of_itself_is_printable() -> None:
    says = "MPI.Get_library_version = lambda: 'Open MPI v4.1.4,  package: Debian\\nmore, 2022\\0'"
    program = f"from mpi4py import MPI; {says}; from wlra_dist.world import mpi; print(mpi.version())"
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert child.stdout == "Open MPI v4.1.4, package: Debian\nmore, 2022\n"


def test_no_launcher_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "mpiexec", lambda: None)
    assert not only("mpiexec", doctor.examine()).well


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc who maps what")
def test_clean_removes_what_no_process_maps(shared_memory: Path, mapped_segment: Path) -> None:
    stale = shared_memory / f"{segments.PREFIX}dead_0"
    stale.write_bytes(bytes(100))
    (shared_memory / "of_somebody_else").write_bytes(bytes(100))
    assert not only("dead jobs", doctor.examine()).well
    assert doctor.clean() == [stale]
    assert sorted(shared_memory.iterdir()) == sorted([mapped_segment, shared_memory / "of_somebody_else"])
    segments.forget_own()
    assert not mapped_segment.exists()


@pytest.fixture
def mapped_segment(shared_memory: Path) -> Iterator[Path]:
    path = shared_memory / f"{segments.PREFIX}alive_0"
    path.write_bytes(bytes(mmap.PAGESIZE))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0):
        yield path
