"""How a machine rounds is named alike, whatever else is loaded."""

import pytest
import scipy.linalg  # noqa: F401  brings a BLAS of its own
import threadpoolctl

from wlra_dist.world.fingerprint import fingerprint


def test_the_order_in_which_libraries_are_listed_changes_no_fingerprint(monkeypatch: pytest.MonkeyPatch):
    pools, whole = threadpoolctl.threadpool_info(), fingerprint()
    for some in (pools, pools[::-1]):
        monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda some=some: some)
        assert fingerprint() == whole
