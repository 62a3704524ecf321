"""launch/run and launch/test: what they accept and start, and when they install; with a pip of straw."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
SCRIPTS = ["launch/prepare", "launch/run", "launch/test", "launch/slurm.sbatch", ".ci/run", ".ci/checks", ".ci/openmpi"]

STRAW = """#!/bin/sh
# stands for python and mpiexec: writes down how it was called
echo "$(basename "$0") $*" >>"$LOG"
case "$*" in
-c*) exit "${PYTHON_IS_OLD:-0}" ;;
"-m venv "*)
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    cp "$0" "$3/bin/mpiexec" ;;
"-m pip install "*) exit "${PIP_FAILS:-0}" ;;
*wlra_dist*) exit "${GAME_ENDS_WITH:-0}" ;;
esac
"""


class Sandbox:
    """A copy of launch/ in a checkout of its own, where nothing real can be started."""

    def __init__(self, home: Path) -> None:
        self.checkout = home / "a checkout"
        self.elsewhere = home / "elsewhere"
        self.log = home / "log"
        self.elsewhere.mkdir()
        shutil.copytree(CHECKOUT / "launch", self.checkout / "launch")
        shutil.copy(CHECKOUT / "pyproject.toml", self.checkout)
        self.kernel.parent.mkdir(parents=True)
        shutil.copy(CHECKOUT / self.kernel.relative_to(self.checkout), self.kernel)
        self.pythons = home / "pythons"
        self.pythons.mkdir()
        # of everything else only what the scripts need: a python of the machine's must not be found
        for tool in ("bash", "sh", "basename", "cat", "cksum", "cp", "dirname", "mkdir", "rm"):
            found = shutil.which(tool)
            assert found, f"the tests need {tool}"
            (self.pythons / tool).symlink_to(found)
        python = self.pythons / "python3"
        python.write_text(STRAW)
        python.chmod(0o755)

    def start(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        self.log.write_text("")
        return subprocess.run(
            [self.checkout / "launch" / script, *arguments],
            cwd=self.elsewhere,
            env={"PATH": str(self.pythons), "LOG": str(self.log)} | environment,
            capture_output=True,
            text=True,
            timeout=30,
        )

    @property
    def kernel(self) -> Path:
        """What is compiled where the package is installed."""
        return self.checkout / "wlra_dist/codecs/trellis/kernel.c"

    @property
    def calls(self) -> list[str]:
        """What was called since the last start, with the paths cut short."""
        return self.log.read_text().replace(f"{self.checkout.resolve()}/", "").splitlines()

    @property
    def installs(self) -> list[str]:
        return [call.split()[-1] for call in self.calls if " -m pip install " in call]


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path)


def game(ranks: int, *arguments: str) -> str:
    return " ".join([f"mpiexec -n {ranks} .venv/bin/python -m wlra_dist run", *arguments])


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_parses(script: str) -> None:
    assert subprocess.run(["bash", "-n", CHECKOUT / script], check=False).returncode == 0


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_can_be_started(script: str) -> None:
    assert os.access(CHECKOUT / script, os.X_OK)


@pytest.mark.parametrize("script", ["run", "test"])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_installs_nothing(sandbox: Sandbox, script: str, flag: str) -> None:
    started = sandbox.start(script, flag)
    assert started.returncode == 0
    assert started.stdout.startswith(f"launch/{script} [")
    assert sandbox.calls == []


@pytest.mark.parametrize(
    "arguments", [["-n"], ["-n", "0"], ["-n", "four"], ["-n", "-3"], ["-n", ""], ["s", "-n", "1.5"]]
)
def test_a_count_that_is_none_is_refused_in_one_sentence(sandbox: Sandbox, arguments: list[str]) -> None:
    refused = sandbox.start("run", *arguments)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "expects a number of ranks" in refused.stderr
    assert sandbox.calls == []


@pytest.mark.parametrize(
    ("arguments", "started"),
    [
        ([], game(4, "quickstart --out runs/quickstart")),
        (["lower_bound"], game(4, "lower_bound --out runs/lower_bound")),
        (["../of mine.toml", "-n", "2"], game(2, "../of mine.toml --out runs/of mine")),
        (["-n", "8", "servers"], game(8, "servers --out runs/servers")),
        (["--set", "k=3", "-n", "2"], game(2, "quickstart --set k=3 --out runs/quickstart")),
        (["mnist", "--out", "there"], game(4, "mnist --out there")),
        (["mnist", "--out=there"], game(4, "mnist --out=there")),
        (["--json", "-n", "3"], game(3, "quickstart --json")),
    ],
)
def test_run_starts_the_game(sandbox: Sandbox, arguments: list[str], started: str) -> None:
    sandbox.start("run", *arguments)
    assert sandbox.calls[-1] == started


@pytest.mark.parametrize("code", [1, 2, 3, 78, 124, 143])
def test_run_ends_as_the_game_did(sandbox: Sandbox, code: int) -> None:
    assert sandbox.start("run", GAME_ENDS_WITH=str(code)).returncode == code


def test_nothing_but_the_game_writes_to_stdout(sandbox: Sandbox) -> None:
    assert sandbox.start("run", "--json").stdout == ""


def test_second_start_installs_nothing(sandbox: Sandbox) -> None:
    sandbox.start("run")
    assert sandbox.installs == [".[mpich,data]"]
    sandbox.start("run")
    assert sandbox.calls == [game(4, "quickstart --out runs/quickstart")]


def test_tests_need_more_than_a_game(sandbox: Sandbox) -> None:
    sandbox.start("run")
    sandbox.start("test", "-k", "ledger")
    assert sandbox.installs == [".[mpich,data,dev]"]
    assert sandbox.calls[-1] == "python -m pytest --numprocesses 3 --dist worksteal -k ledger"
    sandbox.start("run")
    assert sandbox.installs == []


@pytest.mark.parametrize("changed", ["pyproject.toml", "wlra_dist/codecs/trellis/kernel.c"])
def test_change_of_what_is_installed_installs_again(sandbox: Sandbox, changed: str) -> None:
    sandbox.start("test")
    with (sandbox.checkout / changed).open("a") as file:
        file.write("\n")
    sandbox.start("run")
    assert sandbox.installs == [".[mpich,data]"]
    sandbox.start("test")
    assert sandbox.installs == [".[mpich,data,dev]"]


def test_checkout_that_moved_installs_again(sandbox: Sandbox) -> None:
    sandbox.start("run")
    sandbox.checkout = sandbox.checkout.rename(sandbox.elsewhere / "moved")
    sandbox.start("run")
    assert sandbox.installs == [".[mpich,data]"]


def test_failed_install_is_not_taken_for_a_finished_one(sandbox: Sandbox) -> None:
    failed = sandbox.start("run", PIP_FAILS="1")
    assert failed.returncode == 78
    assert "pip could not install everything" in failed.stderr
    assert not any(call.startswith("mpiexec") for call in sandbox.calls)
    sandbox.start("run")
    assert sandbox.installs == [".[mpich,data]"]


def test_venv_that_was_left_half_made_is_completed(sandbox: Sandbox) -> None:
    (sandbox.checkout / ".venv" / "bin").mkdir(parents=True)
    assert sandbox.start("run").returncode == 0
    assert f"python3 -m venv {sandbox.checkout.resolve()}/.venv" in sandbox.log.read_text()


def test_update_that_failed_halfway_withdraws_the_old_stamps(sandbox: Sandbox) -> None:
    sandbox.start("run")
    sandbox.start("test", PIP_FAILS="1")
    sandbox.start("run")
    assert sandbox.installs == [".[mpich,data]"]


def test_old_python_ends_in_one_sentence(sandbox: Sandbox) -> None:
    refused = sandbox.start("run", PYTHON_IS_OLD="1")
    assert refused.returncode == 78
    assert "expected Python 3.11 or newer" in refused.stderr.splitlines()[-1]
    assert not (sandbox.checkout / ".venv").exists()


def test_hosts_example_names_no_machine() -> None:
    lines = (CHECKOUT / "launch" / "hosts.example").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["node1:4", "node2:4"]


SRUN = """#!/usr/bin/env bash
# stands for srun: lists what it has, or runs the command as ranks 0, 1 and 2 in turn and ends with the largest code
if [ "$1" = --mpi=list ]; then printf 'MPI plugin types are...\\n\\tnone\\n\\t%s\\n' "$HAS" && exit; fi
echo "srun $1" >>"$LOG"
while [ "${1#--}" != "$1" ]; do shift; done
worst=0
for SLURM_PROCID in 1 0 2; do
    export SLURM_PROCID
    "$@" || { code=$?; [ $code -le $worst ] || worst=$code; }
done
exit $worst
"""


@pytest.fixture
def cluster(tmp_path: Path) -> dict[str, str]:
    """What a job finds in its environment: an srun of straw, and a game whose ranks end with the codes of $CODES."""
    tools, venv = tmp_path / "tools", tmp_path / "venv" / "bin"
    tools.mkdir()
    venv.mkdir(parents=True)
    scripts = {
        tools / "srun": SRUN,
        venv / "python": '#!/bin/sh\necho "$LIBRARY"\n',
        venv / "wlra-dist": '#!/usr/bin/env bash\ncodes=($CODES)\nexit "${codes[$SLURM_PROCID]}"\n',
    }
    for script, text in scripts.items():
        script.write_text(text)
        script.chmod(0o755)
    places = {"WLRA_DIST_VENV": str(venv.parent), "WLRA_DIST_OUT": str(tmp_path / "out" / "run")}
    slurm = {"SLURM_JOB_ID": "7", "SLURM_SUBMIT_DIR": str(tmp_path), "LOG": str(tmp_path / "log")}
    return {"PATH": f"{tools}:{os.environ['PATH']}", "LIBRARY": "MPICH", "HAS": "pmi2"} | places | slurm


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ("0 0 0", 0),
        ("143 2 143", 2),
        ("134 78 78", 78),
        ("137 124 143", 124),
        ("143 130 143", 130),
        ("143 143 143", 143),
    ],
)
def test_a_job_of_slurm_ends_as_the_game_did(cluster: dict[str, str], codes: str, code: int) -> None:
    """Ranks that Slurm stops end with signals, whose numbers are larger, some before the one that knows why."""
    script = CHECKOUT / "launch" / "slurm.sbatch"
    job = subprocess.run([script], env=cluster | {"CODES": codes}, capture_output=True, text=True, check=False)
    assert (job.returncode, job.stderr) == (code, "")
    assert ("recorded in" in job.stdout) == (code == 0)
    assert not list(Path(cluster["WLRA_DIST_OUT"]).parent.glob("run.ends*"))


@pytest.mark.parametrize(
    ("library", "has", "chosen"),
    [
        ("MPICH Version: 4.0", "pmi2", "pmi2"),
        ("MPICH Version: 4.0", "pmix, pmi2", "pmi2"),
        ("Open MPI v5.0", "pmi2, pmix", "pmix"),
        ("Open MPI v5.0", "cray_shasta", "none"),
    ],
)
def test_a_job_of_slurm_starts_the_mpi_that_both_know(cluster: dict[str, str], library: str, has: str, chosen: str):
    script = CHECKOUT / "launch" / "slurm.sbatch"
    subprocess.run([script], env=cluster | {"CODES": "0 0 0", "LIBRARY": library, "HAS": has}, check=True)
    assert Path(cluster["LOG"]).read_text() == f"srun --mpi={chosen}\n"
