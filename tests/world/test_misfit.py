"""Which MPI suits which launcher, by what each says of itself."""

from pathlib import Path

import pytest

from wlra_dist.world.misfit import cure, launcher_name, misfit

MPICH = "MPICH Version: 5.0.2\nMPICH configure: --with-device=ch4:ucx,ofi --with-pm=hydra:gforker"
MPICH_PMIX = MPICH + " --with-pmix=/usr"
OPEN_MPI = "Open MPI v5.0.11, package: Open MPI, ident: 5.0.11"
OPEN_MPI_4 = "Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4"
INTEL = "Intel(R) MPI Library 2021.9 for Linux* OS"

STEP = {"SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0"}
NONE, PMI2 = STEP, STEP | {"PMI_SIZE": "2", "PMI_RANK": "0"}
PMIX = STEP | {"PMIX_NAMESPACE": "slurm.pmix.7.0", "PMIX_RANK": "0"}
HYDRA = {"PMI_SIZE": "2", "PMI_RANK": "0", "MPI_LOCALNRANKS": "2"}
PRTE = {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0", "PMIX_NAMESPACE": "prterun-1@1"}


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        (NONE, "srun --mpi=none"),
        (PMI2, "srun --mpi=pmi2"),
        (PMIX, "srun --mpi=pmix"),
        (HYDRA, "MPICH's mpiexec"),
        (STEP | HYDRA, "MPICH's mpiexec"),  # Hydra in a batch script
        (PRTE, "Open MPI's mpiexec"),
        (STEP | PRTE, "Open MPI's mpiexec"),
        ({"PMI_SIZE": "2"}, "a launcher"),
    ],
)
def test_a_launcher_is_known_by_its_traces(environment: dict[str, str], name: str) -> None:
    assert launcher_name(environment) == name


@pytest.mark.parametrize(
    ("environment", "version", "words"),
    [
        (
            PRTE,
            MPICH,
            ["Open MPI's mpiexec speaks PMIx", "MPICH Version: 5.0.2", "the one that `wlra-dist doctor` names"],
        ),
        (PMIX, MPICH, ["srun --mpi=pmix speaks PMIx", "use `srun --mpi=pmi2`"]),
        (PMI2, OPEN_MPI, ["srun --mpi=pmi2 does not speak PMIx", "use `srun --mpi=pmix`"]),
        (NONE, OPEN_MPI, ["srun --mpi=none does not speak PMIx", "use `srun --mpi=pmix`"]),
    ],
)
def test_a_misfit_is_told_with_what_to_use(environment: dict[str, str], version: str, words: list[str]) -> None:
    sentence = f"{misfit(environment, version, '/opt/lib/libmpi.so')}: {cure(environment, version)}"
    assert "\n" not in sentence
    assert all(word in sentence for word in [*words, "/opt/lib/libmpi.so"])


@pytest.mark.parametrize(
    ("environment", "version"),
    [
        ({}, MPICH), (HYDRA, MPICH), (PMI2, MPICH), (NONE, MPICH), (PMIX, MPICH_PMIX), (PRTE | HYDRA, MPICH),
        ({}, OPEN_MPI), (PRTE, OPEN_MPI), (PMIX, OPEN_MPI), (STEP | PRTE, OPEN_MPI), (HYDRA, OPEN_MPI),
        (PRTE, INTEL), (PMI2, INTEL), (PMIX, INTEL),
    ],
)  # fmt: skip
def test_what_may_work_is_tried(environment: dict[str, str], version: str) -> None:
    """Worlds of one rank are found out afterwards."""
    assert misfit(environment, version, "/opt/lib/libmpi.so") is None


def test_an_open_mpi_of_version_4_knows_pmi2_if_it_was_built_so(tmp_path: Path) -> None:
    library, components = str(tmp_path / "libmpi.so.40"), tmp_path / "openmpi" / "lib" / "openmpi3"
    assert misfit(PMI2, OPEN_MPI_4, library) is None  # built without loadable components, perhaps with Slurm's PMI
    components.mkdir(parents=True)
    (components / "mca_pmix_ext3x.so").touch()
    assert "does not speak PMIx" in (misfit(PMI2, OPEN_MPI_4, library) or "")
    (components / "mca_pmix_s2.so").touch()
    assert misfit(PMI2, OPEN_MPI_4, library) is None


def test_the_cure_is_the_launchers_that_suits_the_mpi() -> None:
    assert "--mpi=pmi2" in cure(NONE, MPICH)
    assert "--mpi=pmix" in cure(PMI2, OPEN_MPI)
    assert "wlra-dist doctor" in cure(PRTE, MPICH)
    assert "of that MPI, bin/mpiexec" in cure(PRTE, MPICH, "bin/mpiexec")
