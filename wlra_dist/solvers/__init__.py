"""Solvers of weighted low rank approximation on one machine: a method a file, one `solve`."""

from wlra_dist.solvers.approximation import Approximation as Approximation
from wlra_dist.solvers.approximation import LowRank as LowRank
from wlra_dist.solvers.approximation import Solver as Solver
from wlra_dist.solvers.methods import SOLVERS as SOLVERS
from wlra_dist.solvers.solve import Solution as Solution
from wlra_dist.solvers.solve import solve as solve
