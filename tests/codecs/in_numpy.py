"""Playing where there is no kernel."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from wlra_dist.codecs.trellis import lattice, viterbi


@contextmanager
def in_numpy() -> Iterator[None]:
    """Within it, numpy plays, whatever was built."""
    with patch.object(lattice, "kernel", lambda: None), patch.object(viterbi, "kernel", lambda: None):
        yield
