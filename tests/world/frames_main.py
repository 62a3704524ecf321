"""Frames of many sizes between five parties, and control traffic; test_mpi counts them from outside."""

import sys
from collections.abc import Callable, Iterator
from random import Random

from wlra_dist.game.located import Party
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World, place

PARTIES = [Party(f"party {i}", i) for i in range(5)]
LARGEST = 300_000


def frames() -> Iterator[tuple[int, Party, Party, bytes]]:
    """(step, sender, receiver, frame), the same on every rank."""
    random = Random(0)
    for step in range(100):
        sender, receiver = random.sample(PARTIES, 2)
        yield step, sender, receiver, random.randbytes(random.choice([0, 1, 31, 4096, LARGEST]))


def main(world: World, beat: Callable[[str], None]) -> int:
    wire = world.wire(place(len(PARTIES) - 1, world.size))
    for step, sender, receiver, frame in frames():
        beat(f"message {step}")
        if wire.hosts(sender):
            wire.push(sender, receiver, step, frame)
        if wire.hosts(receiver):
            assert wire.pull(sender, receiver, step, LARGEST) == frame
        world.broadcast(bytes(1000))
    world.gather(bytes(10_000))
    wire.finish()
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, stall_limit=30))
