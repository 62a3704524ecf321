"""Rows shared out among threads, each with a BLAS of its own, instead of a BLAS with threads of its own.

What is computed in pieces of the size of the cache makes thousands of products of some 10⁶ operations. BLAS splits each
of them and waits for the slower half: with another process on one of two cores that costs a time slice a product, and a
second thread made `em` 30 to 80 times slower. Threads that share the rows meet once in a sweep.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

LEAST = 2**19
"""Entries for which a thread is worth its start."""

_threads: ContextVar[int] = ContextVar("threads", default=0)
"""How many `shared` may use; 0 outside of `serial_blas`, where BLAS has its own."""


@contextmanager
def serial_blas() -> Iterator[None]:
    """Within, BLAS uses one thread, and `shared` as many as BLAS was allowed to; within another, nothing changes.

    The limit holds for the process: two threads of it may not be given BLAS threads and solve at the same time.
    """
    allowed = max((library["num_threads"] for library in _blas().info()), default=1)
    if _threads.get() or allowed == 1:
        yield
        return
    token = _threads.set(allowed)
    try:
        with _blas().limit(limits=1):
            yield
    finally:
        _threads.reset(token)


def shared(work: Callable[[slice], T], length: int, width: int) -> list[T]:
    """What `work` returns for consecutive runs of `length` rows of `width` entries, one run a thread, in order."""
    count = min(_threads.get(), length, length * width // LEAST)
    if count <= 1:
        return [work(slice(0, length))]
    runs = [slice(length * i // count, length * (i + 1) // count) for i in range(count)]
    with ThreadPoolExecutor(count) as pool:
        return [job.result() for job in [pool.submit(copy_context().run, _alone, work, run) for run in runs]]


def _alone(work: Callable[[slice], T], run: slice) -> T:
    """In a context of its own, with the caller's `errstate` but no threads to share."""
    _threads.set(1)
    return work(run)


@cache
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
