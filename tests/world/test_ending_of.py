"""What is no fault of the program's ends in a sentence, and what is one in a traceback."""

import errno
import os

import numpy as np
import pytest

from wlra_dist.errors import Exit
from wlra_dist.world.ending import ending_of


def raised_by_numpy() -> MemoryError:
    with pytest.raises(MemoryError) as caught:
        np.empty(2**59)
    return caught.value


@pytest.mark.parametrize("rank", ["", "rank 2"])
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "memory ran out; try"),
        (raised_by_numpy(), "Unable to allocate 4.00 EiB"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "no space left on device"),
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/gone"), "/gone: no such file or directory"),
    ],
)
def test_the_system_s_refusals_are_a_sentence(error: Exception, words: str, rank: str):
    ending = ending_of(error, rank)
    assert ending.code == Exit.FAILURE
    assert words in ending.sentence
    assert ending.sentence.startswith(f"{rank}: " if rank else "")
    assert ending.details == ""


def test_another_error_shows_where_it_came_from():
    assert "ZeroDivisionError" in ending_of(ZeroDivisionError("by 0")).details
