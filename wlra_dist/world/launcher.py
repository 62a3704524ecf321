"""What the environment says of who started this process, before any MPI is loaded.

It is asked first because loading MPI costs a lone process a tenth of a second to over one, and because an MPI
under another MPI's launcher does not fail: it plays N games of one rank each.
"""

from collections.abc import Mapping
from typing import NamedTuple

_SIZE_AND_RANK = (
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),  # Open MPI's mpiexec
    ("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),  # MVAPICH2
    ("PMI_SIZE", "PMI_RANK"),  # MPICH, Intel MPI, Cray; srun --mpi=pmi2
    (
        "SLURM_STEP_NUM_TASKS",
        "SLURM_PROCID",
    ),  # srun; a batch script has SLURM_NTASKS, but is one process
)


class Launch(NamedTuple):
    """How many processes the launcher started, and which of them this is."""

    size: int
    rank: int


def launched(environment: Mapping[str, str]) -> Launch:
    """The launcher's word, Launch(1, 0) if there is no launcher; the innermost of nested launchers counts."""
    for size, rank in _SIZE_AND_RANK:
        if size in environment:
            return Launch(int(environment[size]), int(environment.get(rank, 0)))
    return Launch(1, 0)
