"""An MPI under a launcher that is not its own: what to start it with instead.

A misfit that the environment gives away is told before MPI starts, since MPI would do worse: MPICH aborts under Open
MPI's mpiexec, and Open MPI under srun without PMIx, each rank with a page of its own. Other misfits do not fail: each
process is a world of one rank, and plays alone.
"""

from collections.abc import Mapping
from pathlib import Path


def launcher_name(environment: Mapping[str, str]) -> str:
    """Who started this process, as a user would write it."""
    if "OMPI_COMM_WORLD_SIZE" in environment:
        return "Open MPI's mpiexec"
    if "MPI_LOCALNRANKS" in environment:  # Hydra's word, also where it has srun start its proxies
        return "MPICH's mpiexec"
    if "SLURM_STEP_NUM_TASKS" in environment:
        kinds = {"PMIX_NAMESPACE": "pmix", "PMI_SIZE": "pmi2"}
        return "srun --mpi=" + next((kind for sign, kind in kinds.items() if sign in environment), "none")
    return "a launcher"


def misfit(environment: Mapping[str, str], version: str, origin: str) -> str | None:
    """Why the MPI of this version, loaded from this file, cannot start here; None if it may. `cure` ends the sentence.

    Args:
        environment: this process's.
        version: all that MPI_Get_library_version says.
        origin: of libmpi.
    """
    pmix, pmi = "PMIX_NAMESPACE" in environment, "PMI_SIZE" in environment
    started, used = launcher_name(environment), f"the MPI in use ({name(version)}: {origin})"
    if version.startswith("MPICH") and pmix and not pmi and "pmix" not in version.lower():
        return f"{started} speaks PMIx, which {used} does not"
    if version.startswith("Open MPI") and started.startswith("srun") and not pmix and not _knows_slurm(version, origin):
        return f"{started} does not speak PMIx, which {used} needs"
    return None


def name(version: str) -> str:
    """An MPI's name and number: "MPICH Version: 5.0.2", "Open MPI v5.0.11"."""
    return version.split("\n")[0].split(",")[0]


def cure(environment: Mapping[str, str], version: str, mpiexec: str = "the one that `wlra-dist doctor` names") -> str:
    """What starts this MPI as one job, to end a sentence with."""
    if launcher_name(environment).startswith("srun"):
        kind = "pmix" if version.startswith("Open MPI") else "pmi2"
        return f"use `srun --mpi={kind}` (`srun --mpi=list` shows what there is), or mpiexec in a batch script"
    return f"use the mpiexec of that MPI, {mpiexec}"


def _knows_slurm(version: str, origin: str) -> bool:
    """Whether this Open MPI may have been built with Slurm's own PMI, which it had until version 4."""
    if not version.startswith(("Open MPI v1.", "Open MPI v2.", "Open MPI v3.", "Open MPI v4.")):
        return False
    components = {path.name for path in Path(origin).parent.glob("openmpi*/**/mca_pmix_*.so")}
    return not components or bool(components & {"mca_pmix_s1.so", "mca_pmix_s2.so"})  # none: they are in the library
