"""Who does the work: this process, several of this machine, or all ranks of a job.

A task is a text and so is its answer, so that nothing else has to travel. Tasks are done in any order by anybody,
answers come in the order of the tasks, and an answer depends on its task alone: hence the same file from any hands.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Protocol

from wlra_dist.linalg.threads import serial_blas
from wlra_dist.world.world import World, together

Work = Callable[[str], str]
"""A function of a module, that other processes can find."""

Done = Callable[[int, int], None]
"""Told how many tasks of how many are done."""


class Workers(Protocol):
    """Those who work."""

    def each(self, work: Work, tasks: Sequence[str], done: Done) -> list[str]:
        """The answers, in order; on every rank alike."""
        ...


class OneHand:
    """This process."""

    def each(self, work: Work, tasks: Sequence[str], done: Done) -> list[str]:
        return _in_turn(map(work, tasks), len(tasks), done)


@dataclass(frozen=True)
class Processes:
    """Several processes of this machine."""

    pool: ProcessPoolExecutor

    def each(self, work: Work, tasks: Sequence[str], done: Done) -> list[str]:
        return _in_turn(self.pool.map(work, tasks), len(tasks), done)


@dataclass(frozen=True)
class Ranks:
    """All ranks of a job, each with a share of the tasks."""

    world: World

    def each(self, work: Work, tasks: Sequence[str], done: Done) -> list[str]:
        own = tasks[self.world.rank :: self.world.size]
        answers = together(self.world, lambda: OneHand().each(work, own, done))
        gathered = self.world.gather(json.dumps(answers).encode())
        merged = None if gathered is None else json.dumps(_interleaved(gathered, len(tasks))).encode()
        return json.loads(self.world.broadcast(merged))


def _in_turn(answers: Iterable[str], size: int, done: Done) -> list[str]:
    given: list[str] = []
    for answer in answers:
        given.append(answer)
        done(len(given), size)
    return given


def _interleaved(gathered: Sequence[bytes], size: int) -> list[str]:
    answers = [""] * size
    for rank, own in enumerate(gathered):
        answers[rank :: len(gathered)] = json.loads(own)
    return answers


@contextmanager
def hands(world: World, processes: int) -> Iterator[Workers]:
    """As many as there are: ranks of a job, else so many processes, else this one; each with one thread of BLAS."""
    if world.size > 1:
        with serial_blas():
            yield Ranks(world)
    elif processes > 1:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_alone) as pool:
            try:
                yield Processes(pool)
            finally:
                pool.shutdown(cancel_futures=True)
    else:
        with serial_blas():
            yield OneHand()


def _alone() -> None:
    """A process of several: one thread, and Ctrl-C is the first one's to hear."""
    import signal

    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(1, user_api="blas")
