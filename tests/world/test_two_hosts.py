"""Ranks on two hosts, which here are network namespaces, with a link between them that fails."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import end_group
from tests.world.fault_cases import MARK, SCENARIO, SOON, alive, end_all
from tests.world.faulty_cli import GO
from tests.world.hosts import Hosts, two_hosts
from wlra_dist.commands.doctor import mpiexec
from wlra_dist.commands.main import main

PROGRAM = Path(__file__).with_name("faulty_cli.py")
STALL_LIMIT = 4.0


@dataclass(frozen=True)
class Jobs:
    """Jobs of 3 ranks on two hosts, which wait in some phase until all of them may go on."""

    hosts: Hosts

    @property
    def place(self) -> Path:
        return self.hosts.place

    def start(self, phase: str) -> subprocess.Popen[str]:
        fault = phase, "wait", "all", str(self.place / phase)
        run = "run", str(self.place / "fault.toml"), "--json", "--stall-limit", str(STALL_LIMIT)
        return subprocess.Popen(
            [*self.hosts.launch(3), sys.executable, str(PROGRAM), *fault, *run],
            env=self.hosts.environment | {MARK: str(self.place), GO: str(self.place / "go")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def waiting(self, phase: str) -> int:
        """How many ranks of the job wait."""
        return len(list(self.place.glob(f"{phase}.*")))

    def let_go(self) -> None:
        (self.place / "go").touch()


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Jobs]:
    launcher = mpiexec()
    if (
        launcher is None
        or "HYDRA" not in subprocess.run([launcher, "--version"], capture_output=True, text=True).stdout
    ):
        pytest.skip("two hosts are known to MPICH's mpiexec by -hosts")
    (tmp_path / "fault.toml").write_text(SCENARIO)
    with ExitStack() as stack:
        try:
            hosts = stack.enter_context(two_hosts(tmp_path))
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("network namespaces are not allowed here")
        stack.callback(end_all, tmp_path)
        yield Jobs(hosts)


@pytest.mark.timeout(240)
def test_a_link_that_fails_ends_both_sides_in_the_game_and_in_finalize(apart: Jobs, capfd: pytest.CaptureFixture[str]):
    jobs = {phase: apart.start(phase) for phase in ("play", "Finalize")}
    try:
        until(lambda: all(apart.waiting(phase) == 3 for phase in jobs), 60)
        apart.hosts.set_link("down")
        apart.let_go()
        down = time.monotonic()
        until(lambda: not alive(apart.place), STALL_LIMIT + SOON)
        assert time.monotonic() - down <= STALL_LIMIT + SOON
        outputs = {phase: job.communicate(timeout=SOON) for phase, job in jobs.items()}
    finally:
        for job in jobs.values():
            end_group(job)
    assert [job.returncode for job in jobs.values()] == [124, 124]
    assert all("stalled" in errors for _, errors in outputs.values())
    assert main(["run", str(apart.place / "fault.toml"), "--json"]) == 0
    played, alone = json.loads(outputs["Finalize"][0].splitlines()[0]), json.loads(capfd.readouterr().out)
    assert (played["ranks"], played["digest"]) == (3, alone["digest"])


def until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)
