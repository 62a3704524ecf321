"""The doctor names what is wrong and what to do, and nothing that is broken can take it along."""

import mmap
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wlra_dist import doctor
from wlra_dist.doctor import Finding
from wlra_dist.errors import Exit
from wlra_dist.game import segments


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
    foreign = tmp_path / "mpiexec"
    foreign.write_text('#!/bin/sh\nshift 2\n"$@"\n"$@"\n')  # -n 2: two processes that know nothing of each other
    foreign.chmod(0o755)
    monkeypatch.setattr(doctor, "mpiexec", lambda: foreign)
    monkeypatch.setattr(doctor, "_COUNT", "print('ranks: 1')")
    finding = only("mpiexec", doctor.examine())
    assert not finding.well
    assert "do not find each other" in finding.seen


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
