"""Work in a process of its own, made by fork: it knows what this process knew before the first game, and no more.

Whoever checks a protocol plays nothing itself. So nothing that one player left in memory is there for another.
"""

import os
import random
import warnings
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np

PATIENCE = 120.0
"""Seconds that a small game may take on a machine that is busy."""

_DONE, _FAILED = b"\0", b"\1"


class ApartError(Exception):
    """What went wrong there, in words."""


def apart(work: Callable[[], bytes], environment: Mapping[str, str] | None = None) -> bytes:
    """What work() returns, in another process with these variables; ApartError where it raises or dies."""
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(work, there, environment or {}), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # BLAS has threads; it knows how to fork
        child.start()
    there.close()
    try:
        return _answer(here)
    finally:
        child.kill()
        child.join()
        here.close()


def _answer(here: Connection) -> bytes:
    try:
        if not here.poll(PATIENCE):
            raise ApartError(f"does not end within {PATIENCE:g} seconds")
        kind, answer = here.recv_bytes(), here.recv_bytes()
    except EOFError:
        raise ApartError("ends its process") from None
    if kind == _FAILED:
        raise ApartError(answer.decode())
    return answer


def _work(work: Callable[[], bytes], there: Connection, environment: Mapping[str, str]) -> None:
    os.environ.update(environment)
    random.seed()  # coins that are the game's own do not come from there
    np.random.seed()  # noqa: NPY002
    try:
        kind, answer = _DONE, work()
    except ApartError as error:
        kind, answer = _FAILED, str(error).encode()
    except BaseException as error:
        kind, answer = _FAILED, f"raises {type(error).__name__}: {error}".encode()
    there.send_bytes(kind)
    there.send_bytes(answer)
