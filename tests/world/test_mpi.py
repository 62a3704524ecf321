"""The wire between ranks: every frame arrives, whole, in order and counted; nothing else is on it."""

import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world.frames_main import PARTIES, frames
from wlra_dist.errors import WlraDistError
from wlra_dist.game.located import Party
from wlra_dist.world.world import place

if TYPE_CHECKING:
    from wlra_dist.world.mpi import MpiWorld

HERE = Path(__file__).parent
COORDINATOR, *SERVERS = (Party(f"party {i}", i) for i in range(4))


@pytest.mark.mpi(n=[2, 5])
def test_frames_arrive_in_order_however_parties_are_placed_and_control_reaches_everyone(world: "MpiWorld") -> None:
    assert_control_reaches_everyone(world)

    @settings(max_examples=20)
    @given(st.integers(0, 2**32))
    def check(seed: int) -> None:
        random = Random(seed)
        wire = world.wire(place(len(SERVERS), world.size))
        for start in range(0, 30, 10):
            talk = [(step, *random.sample([COORDINATOR, *SERVERS], 2)) for step in range(start, start + 10)]
            sent = [random.randbytes(random.choice([0, 1, 100, 70_000])) for _ in talk]
            for (step, sender, receiver), frame in zip(talk, sent, strict=True):
                if wire.hosts(sender):
                    wire.push(sender, receiver, step, frame)
            for (step, sender, receiver), frame in zip(talk, sent, strict=True):
                if wire.hosts(receiver):
                    assert wire.pull(sender, receiver, step, limit=70_000) == frame
        wire.finish()

    check()


def assert_control_reaches_everyone(world: "MpiWorld") -> None:
    for size in (0, 1, 100_000):
        news = bytes(size)
        assert world.broadcast(news if world.rank == 0 else None) == news
        gathered = world.gather(bytes([world.rank]) * size)
        expected = [bytes([rank]) * size for rank in range(world.size)]
        assert gathered == (expected if world.rank == 0 else None)


@pytest.mark.mpi(n=[2])
def test_a_long_frame_goes_in_pieces_one_beyond_the_limit_is_refused_and_nothing_is_pickled(world: "MpiWorld") -> None:
    assert_pieces_arrive(world)
    assert_the_limit_holds(world)
    assert_nobody_can_pickle()


def assert_pieces_arrive(world: "MpiWorld") -> None:
    from wlra_dist.world.mpi import all_ranks

    in_pieces = all_ranks(piece=8)
    wire = in_pieces.wire(lambda party: party.index % world.size)
    for size in range(34):
        frame = bytes(range(size))
        if wire.hosts(COORDINATOR):
            wire.push(COORDINATOR, SERVERS[0], size, frame)
        else:
            assert wire.pull(COORDINATOR, SERVERS[0], size, limit=size) == frame
        assert in_pieces.broadcast(frame) == frame
        assert in_pieces.gather(frame) in ([frame] * world.size, None)
        parts = None if world.rank else [frame[:rank] for rank in range(world.size)]
        assert in_pieces.scatter(parts) == frame[: world.rank]
    if wire.hosts(COORDINATOR):
        wire.push(COORDINATOR, SERVERS[0], 0, bytes(20))
    else:
        with pytest.raises(WlraDistError, match="at most 15 bytes, got 16"):
            wire.pull(COORDINATOR, SERVERS[0], 0, limit=15)


def assert_the_limit_holds(world: "MpiWorld") -> None:
    wire = world.wire(place(1, world.size))
    step = 1 << 40  # beyond the largest tag
    alice = SERVERS[0]
    for size in (100, 101):
        if wire.hosts(alice):
            wire.push(alice, COORDINATOR, step, bytes(size))
    if wire.hosts(COORDINATOR):
        assert wire.pull(alice, COORDINATOR, step, limit=100) == bytes(100)
        with pytest.raises(
            WlraDistError, match=rf"message {step} from party 1 .* to party 0 .*at most 100 bytes, got 101"
        ):
            wire.pull(alice, COORDINATOR, step, limit=100)


def assert_nobody_can_pickle() -> None:
    from wlra_dist.world.mpi import MPI

    with pytest.raises(TypeError, match="pickle is switched off"):
        MPI.COMM_SELF.bcast({"a": 1})


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled outside counter."""
    beside = Path(sys.executable).with_name("mpicc")
    compiler = str(beside) if beside.exists() else shutil.which("mpicc")
    if not sys.platform.startswith("linux") or compiler is None or shutil.which("cc") is None:
        pytest.skip("the outside counter wants Linux, mpicc and a C compiler")
    library = tmp_path_factory.mktemp("counter") / "count_sends.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, HERE / "count_sends.c"], check=True, timeout=60)
    return library


@pytest.mark.parametrize("n", [3, 5])
def test_an_outside_counter_sees_the_frames_and_nothing_else(
    n: int, counter: Path, mpiexec: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    environment = {"LD_PRELOAD": str(counter), "COUNT_SENDS": str(tmp_path / "sends")}
    job = mpiexec(n, str(HERE / "frames_main.py"), timeout=30, **environment)
    assert job.returncode == 0, job.stderr

    rank_of = place(len(PARTIES) - 1, n)
    bytes_of, messages_of = Counter(), Counter()
    for _, sender, receiver, frame in frames():
        link = rank_of(sender), rank_of(receiver)
        if link[0] != link[1]:
            bytes_of[link] += len(frame)
            messages_of[link] += 1

    seen = [
        (int(path.suffix[1:]), *line.split(","))
        for path in tmp_path.glob("sends.*")
        for line in path.read_text().splitlines()
    ]
    game = {
        (rank, int(to)): (int(size), int(count)) for rank, name, to, size, count in seen if name == "wlra_dist game"
    }
    assert game == {link: (bytes_of[link], messages_of[link]) for link in messages_of}
    control = sum(int(size) for _, name, _, size, _ in seen if name != "wlra_dist game")
    assert control >= (n - 1) * (100 * 1000 + 10_000), "the control traffic went past the counter"


@pytest.mark.mpi(n=[2])
def test_who_waits_while_its_own_messages_leave_hands_them_over_at_once(world: "MpiWorld") -> None:
    """A rank that slept as long as for a distant answer sent a thousand of them in seconds: MPI takes one at a call."""
    from wlra_dist.world.channel import softly

    polls, moves = iter([False] * 120 + [True]), iter([False] * 60 + [True] + [False] * 59)
    begun = time.perf_counter()
    with pytest.MonkeyPatch.context() as patch:
        slept: list[float] = []
        patch.setattr("time.sleep", slept.append)
        assert softly(lambda: next(polls), lambda: next(moves))
    assert slept[:50] == slept[60:110] == [0.0] * 50
    assert min(slept[50:60] + slept[110:]) > 0
    assert time.perf_counter() - begun < 10, world.rank


@pytest.mark.mpi(n=[3])
def test_messages_that_nobody_asked_for_yet_are_put_by(world: "MpiWorld") -> None:
    wire = world.wire(lambda party: party.index)
    steps = range(200)
    for step in steps if world.rank else ():
        wire.push(SERVERS[world.rank - 1], COORDINATOR, step, f"{world.rank} {step}".encode())
    for server in reversed(SERVERS[:2]) if world.rank == 0 else ():
        for step in reversed(steps):
            assert wire.pull(server, COORDINATOR, step, limit=10) == f"{server.index} {step}".encode()
    wire.finish()
