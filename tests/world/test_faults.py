"""A few faults at the edges of a job; benchmarks/faults.py tries all of them, everywhere."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.world.fault_cases import PROGRAM, Case


@pytest.mark.parametrize(
    "case",
    [
        Case("start", "os._exit(0)", 2),
        Case("Init", "SIGTERM", 0),
        Case("write", "SIGKILL", 0),
        Case("Finalize", "SIGSTOP", 2, stall_limit=3.0),
    ],
    ids=lambda case: f"{case.phase}-{case.fault}",
)
def test_a_fault_at_an_edge_ends_the_job_and_leaves_nothing(case: Case):
    assert case.complaints() == []


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_right_after_the_start_of_a_lone_process_is_one_sentence(tmp_path: Path, name: str, code: int):
    fault = "start", name, "0", str(tmp_path / "struck")
    job = subprocess.run(
        [sys.executable, str(PROGRAM), *fault, "scenarios"], capture_output=True, text=True, timeout=60
    )
    assert (job.returncode, job.stdout, job.stderr) == (code, "", f"wlra-dist: ended by {name}\n")
