"""What a protocol, selector, instance kind, solver or weight type of one's own is held to: one check for each.

A check raises AssertionError with one sentence that names the law that is broken. It needs no test runner.
"""

from wlra_dist.testing.instances import check_instance as check_instance
from wlra_dist.testing.protocols import check_protocol as check_protocol
from wlra_dist.testing.selectors import check_selector as check_selector
from wlra_dist.testing.solvers import check_solver as check_solver
from wlra_dist.testing.weights import check_weights as check_weights
