"""`check_protocol` under mpiexec: what only real ranks can see."""

from functools import partial
from importlib import import_module
from pathlib import Path

import pytest

from wlra_dist.testing import check_protocol, ranks
from wlra_dist.testing.ranks import named_in_file

PLUGIN = '''
import sys
from wlra_dist.codecs.base.integers import Count
from wlra_dist.protocols.raw import raw

def size():
    """How many ranks there are, from where only a job has it."""
    mpi = sys.modules.get("mpi4py.MPI")
    return mpi.COMM_WORLD.size if mpi and mpi.Is_initialized() else 1

def counts(game, servers, coordinator, A, W, terms, *, honest: bool = False):
    known = 1 if honest else size()
    game.gather(game.each(servers, lambda: known), coordinator, Count(9), "ranks")
    return raw(game, servers, coordinator, A, W, terms)

PROTOCOLS = {"counts": counts}
'''


@pytest.mark.skipif(ranks.mpiexec() is None, reason="no mpiexec")
def test_a_story_that_real_ranks_change_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "counts_ranks.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    counts = import_module("counts_ranks").counts
    assert named_in_file(counts) == (str(tmp_path / "counts_ranks.py"), "counts")
    with pytest.raises(AssertionError, match="breaks law 5: under mpiexec with 2 ranks it tells another story"):
        check_protocol(counts, m=1)


def test_what_no_file_names_is_played_by_parts_alone() -> None:
    assert named_in_file(lambda *_: None) is None
    assert named_in_file(partial(print)) is None
