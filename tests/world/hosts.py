"""Two hosts on one machine: network namespaces, and a link between them that can be made slow or fail."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wlra_dist.commands.doctor import mpiexec

ADDRESSES = "10.198.51.1", "10.198.51.2"

PATIENCE = 5.0
"""Seconds that `ip` and `tc` may take, and a new link until it carries."""

PACKET, BUCKET, QUEUE = 600, 700, 20_000_000
"""Bytes of a slow link: of its packets, of what it passes at once after a rest, and of what may wait for it."""

LOGIN = """#!/bin/sh
# in place of ssh: [-x …] ADDRESS COMMAND…
while [ "${1#-}" != "$1" ]; do shift; done
case $1 in %s) host=%s ;; *) host=%s ;; esac
shift
exec ip netns exec $host sh -c "$*"
"""


def ip(*words: str) -> str:
    return _run("ip", *words)


@dataclass(frozen=True)
class Hosts:
    """Two network namespaces by their names, which are also those of the link's ends, and a directory for files."""

    names: tuple[str, str]
    place: Path

    def launch(self, ranks: int) -> list[str]:
        """A command line's beginning: MPICH's launcher, rank 0 on the first host and all others on the second."""
        launcher = "-launcher", "ssh", "-launcher-exec", str(self.place / "login"), "-iface", self.names[0]
        hosts = "-hosts", f"{ADDRESSES[0]}:1,{ADDRESSES[1]}:{ranks - 1}", "-n", str(ranks)
        return ["ip", "netns", "exec", self.names[0], str(mpiexec()), *launcher, *hosts]

    @property
    def environment(self) -> dict[str, str]:
        """For MPICH, which would find that the two hosts share memory, as they do."""
        devices = {"UCX_NET_DEVICES": ",".join(self.names), "UCX_LOG_LEVEL": "error"}  # none has both
        return os.environ | devices | {"UCX_TLS": "tcp,self", "MPIR_CVAR_NOLOCAL": "1"}

    def set_link(self, state: str) -> None:
        ip("-n", self.names[0], "link", "set", self.names[0], state)

    def slow(self, speed: float) -> None:
        """Lets so many bytes a second pass each way; packets are small, so that few pass unpaid."""
        for name in self.names:
            ip("-n", name, "link", "set", name, "mtu", str(PACKET))
            bucket = "tbf", "rate", f"{speed:.0f}bps", "burst", str(BUCKET), "limit", str(QUEUE)
            _run("tc", "-n", name, "qdisc", "replace", "dev", name, "root", *bucket)


@contextmanager
def two_hosts(place: Path) -> Iterator[Hosts]:
    """Both namespaces until the block ends; raises OSError or CalledProcessError where they are not allowed."""
    hosts = Hosts((f"wlra{os.getpid()}a", f"wlra{os.getpid()}b"), place)
    (place / "login").write_text(LOGIN % (ADDRESSES[0], *hosts.names))
    (place / "login").chmod(0o755)
    try:
        _join(hosts.names)
        yield hosts
    finally:
        for name in hosts.names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def _join(names: tuple[str, str]) -> None:
    for name in names:
        ip("netns", "add", name)
    ip("link", "add", names[0], "netns", names[0], "type", "veth", "peer", "name", names[1], "netns", names[1])
    for name, address in zip(names, ADDRESSES, strict=True):
        ip("-n", name, "addr", "add", f"{address}/24", "dev", name)
        ip("-n", name, "link", "set", name, "up")
        ip("-n", name, "link", "set", "lo", "up")
    deadline = time.monotonic() + PATIENCE
    while any("LOWER_UP" not in ip("-n", name, "link", "show", name, "up") for name in names):
        assert time.monotonic() < deadline, "the link does not carry"
        time.sleep(0.05)


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout
