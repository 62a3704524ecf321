"""A few faults at the edges of a job; benchmarks/faults.py tries all of them, everywhere."""

import pytest

from tests.world.fault_cases import Case


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
