"""A game that goes wrong the way its first argument says, mostly on rank 1; test_guard looks on."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from wlra_dist.errors import InputError, VerificationError
from wlra_dist.game.located import Party
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World, place, together

FOR_EVER = 3600


def wait_in_pull(world: World) -> None:
    """What the innocent ranks do: each waits for a frame that nobody sends."""
    here, elsewhere = (Party("server", (world.rank + shift) % world.size) for shift in (0, 1))
    world.wire(place(world.size, world.size + 1)).pull(elsewhere, here, step=1, limit=100)


def fail(text: str) -> None:
    raise ValueError(text)


def bad_input() -> None:
    raise InputError("expected k >= 1, got 0: try k = 1")


def verification() -> None:
    raise VerificationError("the loss is above its bound")


def compute(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(1000))


def in_a_thread() -> None:
    threading.Thread(target=fail, args=("in a thread",)).start()
    time.sleep(FOR_EVER)


FAULTS: dict[str, Callable[[], object]] = {
    "raise": lambda: fail("no such column"),
    "thread": in_a_thread,
    "verification": verification,
    "bad-input-of-one": bad_input,
    "exit-0": lambda: sys.exit(0),
    "exit-3": lambda: sys.exit(3),
    "os-exit-0": lambda: os._exit(0),
    "os-exit-3": lambda: os._exit(3),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segv": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "interrupt": lambda: os.kill(os.getpid(), signal.SIGINT),
    "terminate": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "hang": lambda: time.sleep(FOR_EVER),
}


def main(world: World, beat: Callable[[str], None]) -> int:
    fault = sys.argv[1]
    beat("fault")
    match fault:
        case "none":
            print(f"rank {world.rank} of {world.size}", flush=True)
            return 0
        case "code-3":
            return 3 if world.rank == 1 else 0
        case "raise-everywhere":
            fail("no such column")
        case "bad-input":
            together(world, lambda: bad_input() if world.rank == min(1, world.size - 1) else None)
        case "slow":
            if world.rank == 1:
                compute(2.3)
            world.gather(b"")
            return 0
        case "wait":
            print("waiting", flush=True)
            wait_in_pull(world)
        case "imports":
            print("MPI" if "mpi4py" in sys.modules else "no MPI")
            return 0
        case "print":
            while True:
                print("y" * 1000)
    if world.rank == 1 or world.size == 1:
        FAULTS[fault]()
    wait_in_pull(world)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # under nohup, or behind &, it would be ignored
    sys.exit(guarded(main, stall_limit=float(sys.argv[2]) if len(sys.argv) > 2 else 30))
