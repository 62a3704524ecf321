"""The launcher's word, as each launcher puts it."""

import pytest

from wlra_dist.world.launcher import Launch, launched


@pytest.mark.parametrize(
    ("environment", "launch"),
    [
        ({}, Launch(1, 0)),
        ({"PMI_SIZE": "4", "PMI_RANK": "3"}, Launch(4, 3)),
        ({"OMPI_COMM_WORLD_SIZE": "8", "OMPI_COMM_WORLD_RANK": "2"}, Launch(8, 2)),
        ({"SLURM_STEP_NUM_TASKS": "16", "SLURM_PROCID": "5"}, Launch(16, 5)),
        (
            {"SLURM_NTASKS": "16", "SLURM_PROCID": "0"},
            Launch(1, 0),
        ),  # a batch script, which srun did not start
        ({"SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "1", "PMI_SIZE": "4", "PMI_RANK": "3"}, Launch(4, 3)),
    ],
)
def test_the_environment_tells_size_and_rank(environment: dict[str, str], launch: Launch) -> None:
    assert launched(environment) == launch
