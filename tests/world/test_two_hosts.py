"""Ranks on two hosts, which here are network namespaces, with a link between them that fails."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import end_group
from tests.world.fault_cases import MARK, SCENARIO, SOON, alive, end_all
from tests.world.faulty_cli import GO
from wlra_dist.commands.doctor import mpiexec
from wlra_dist.commands.main import main

PROGRAM = Path(__file__).with_name("faulty_cli.py")
ADDRESSES = "10.198.51.1", "10.198.51.2"
STALL_LIMIT = 4.0

TCP = {"UCX_TLS": "tcp,self", "MPIR_CVAR_NOLOCAL": "1"}
"""For MPICH, which would find that the two hosts share memory, as they do."""

LOGIN = """#!/bin/sh
# in place of ssh: [-x …] ADDRESS COMMAND…
while [ "${1#-}" != "$1" ]; do shift; done
case $1 in %s) host=%s ;; *) host=%s ;; esac
shift
exec ip netns exec $host sh -c "$*"
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=SOON)


@dataclass(frozen=True)
class Hosts:
    """Two network namespaces, and what is kept of the jobs on them."""

    names: tuple[str, str]
    place: Path

    def set_link(self, state: str) -> None:
        ip("-n", self.names[0], "link", "set", self.names[0], state)

    def start(self, phase: str) -> subprocess.Popen[str]:
        """A job of 3 ranks, all of which wait in that phase until they may go on."""
        launcher = "-launcher", "ssh", "-launcher-exec", str(self.place / "login"), "-iface", self.names[0]
        launcher += "-hosts", f"{ADDRESSES[0]}:1,{ADDRESSES[1]}:2", "-n", "3"
        fault = phase, "wait", "all", str(self.place / phase)
        run = "run", str(self.place / "fault.toml"), "--json", "--stall-limit", str(STALL_LIMIT)
        return subprocess.Popen(
            [
                "ip",
                "netns",
                "exec",
                self.names[0],
                str(mpiexec()),
                *launcher,
                sys.executable,
                str(PROGRAM),
                *fault,
                *run,
            ],
            env=os.environ | TCP | {MARK: str(self.place), GO: str(self.place / "go")},
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
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    launcher = mpiexec()
    if (
        launcher is None
        or "HYDRA" not in subprocess.run([launcher, "--version"], capture_output=True, text=True).stdout
    ):
        pytest.skip("two hosts are known to MPICH's mpiexec by -hosts")
    names = f"wlra{os.getpid()}a", f"wlra{os.getpid()}b"
    (tmp_path / "fault.toml").write_text(SCENARIO)
    (tmp_path / "login").write_text(LOGIN % (ADDRESSES[0], *names))
    (tmp_path / "login").chmod(0o755)
    try:
        try:
            join(names)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("network namespaces are not allowed here")
        yield Hosts(names, tmp_path)
    finally:
        end_all(tmp_path)
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def join(names: tuple[str, str]) -> None:
    """Makes the namespaces, and between them the link whose ends have their names."""
    for name in names:
        ip("netns", "add", name)
    ip("link", "add", names[0], "netns", names[0], "type", "veth", "peer", "name", names[1], "netns", names[1])
    for name, address in zip(names, ADDRESSES, strict=True):
        ip("-n", name, "addr", "add", f"{address}/24", "dev", name)
        ip("-n", name, "link", "set", name, "up")
        ip("-n", name, "link", "set", "lo", "up")


@pytest.mark.timeout(240)
def test_a_link_that_fails_ends_both_sides_in_the_game_and_in_finalize(hosts: Hosts, capfd: pytest.CaptureFixture[str]):
    jobs = {phase: hosts.start(phase) for phase in ("play", "Finalize")}
    try:
        until(lambda: all(hosts.waiting(phase) == 3 for phase in jobs), 60)
        hosts.set_link("down")
        hosts.let_go()
        down = time.monotonic()
        until(lambda: not alive(hosts.place), STALL_LIMIT + SOON)
        assert time.monotonic() - down <= STALL_LIMIT + SOON
        outputs = {phase: job.communicate(timeout=SOON) for phase, job in jobs.items()}
    finally:
        for job in jobs.values():
            end_group(job)
    assert [job.returncode for job in jobs.values()] == [124, 124]
    assert all("stalled" in errors for _, errors in outputs.values())
    assert main(["run", str(hosts.place / "fault.toml"), "--json"]) == 0
    played, alone = json.loads(outputs["Finalize"][0].splitlines()[0]), json.loads(capfd.readouterr().out)
    assert (played["ranks"], played["digest"]) == (3, alone["digest"])


def until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)
