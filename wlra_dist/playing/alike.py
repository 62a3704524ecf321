"""What the ranks of a job have in common before they play: the same W, and if possible the same arithmetic.

W is public, so each rank has it from its own disk. One that reads another W plays on with other messages, which decode,
to other numbers: no checksum of a frame can notice.
"""

import json
import platform
from collections import defaultdict
from typing import Any

from wlra_dist import __version__
from wlra_dist.errors import InputError
from wlra_dist.instances import Instance
from wlra_dist.instances.kept_weights import digest_of
from wlra_dist.scenario.catalogue import Catalogue
from wlra_dist.scenario.options import InstanceOptions
from wlra_dist.world.ending import Ending, say
from wlra_dist.world.fingerprint import fingerprint
from wlra_dist.world.world import World, agree, together


def require_one_W(world: World, instance: Instance, options: InstanceOptions) -> None:
    """InputError on every rank alike, unless all have the same W (collective); structured W is never formed."""
    if world.size == 1:
        return
    reports = world.gather(together(world, lambda: digest_of(instance.weights, options)).encode())
    if reports is None or len(set(reports)) == 1:
        agree(world, None)
        return
    other = next(rank for rank, digest in enumerate(reports) if digest != reports[0])
    sums = f"SHA-256 {reports[other].decode()[:12]}… there, {reports[0].decode()[:12]}… on rank 0"
    agree(world, InputError(f"W on rank {other} is not the one on rank 0 ({sums}): give all hosts the same W"))


def require_one_catalogue(world: World, catalogue: Catalogue) -> None:
    """InputError on every rank alike, unless all have loaded the same plugins (collective)."""
    loaded = world.gather(json.dumps([plugin.facts for plugin in catalogue.plugins]).encode()) or [b""]
    other = next((rank for rank, theirs in enumerate(loaded) if theirs != loaded[0]), None)
    if other is None:
        agree(world, None)
        return
    here, there = (", ".join(_plugin_words(facts)) or "none" for facts in (loaded[0], loaded[other]))
    agree(world, InputError(f"all ranks expect the same plugins: on rank 0 {here}; on rank {other} {there}"))


def _plugin_words(loaded: bytes) -> list[str]:
    return [f"{facts['name']} (SHA-256 {facts['sha256'][:12]}…)" for facts in json.loads(loaded)]


def tell_unlike_ranks(world: World) -> None:
    """A line on standard error where ranks may compute otherwise (collective)."""
    reports = world.gather(json.dumps(_arithmetic()).encode()) if world.size > 1 else None
    if reports and (found := differences([json.loads(facts) for facts in reports])):
        say(Ending(0, f"ranks may round otherwise, and so say other words than on equal hosts: {'; '.join(found)}"))


def differences(reports: list[dict[str, Any]]) -> list[str]:
    """For each fact in which ranks differ, who has what: "numpy 2.3.1 on ranks 0 2, 2.4.0 on ranks 1"."""
    found: list[str] = []
    for fact in reports[0]:
        ranks: dict[str, list[int]] = defaultdict(list)
        for rank, facts in enumerate(reports):
            ranks[str(facts.get(fact))].append(rank)
        if len(ranks) > 1:
            found.append(f"{fact} " + ", ".join(f"{value} on rank {_few(who)}" for value, who in ranks.items()))
    return found


def _few(ranks: list[int]) -> str:
    """ "3", or "3 and 62 others"."""
    return str(ranks[0]) if len(ranks) == 1 else f"{ranks[0]} and {len(ranks) - 1} more"


def _arithmetic() -> dict[str, str]:
    """What can change the last bit of a number or the first of a message; BLAS threads are fixed by the scenario."""
    return {"wlra_dist": __version__, "python": platform.python_version()} | fingerprint()
