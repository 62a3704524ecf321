"""The protocols, one file each; a new one is a file, a line here, and lines in `bounds.UPPER_BOUNDS` and `SOURCES`."""

from wlra_dist.protocols.als.als import als
from wlra_dist.protocols.auto import auto
from wlra_dist.protocols.common_basis.frequent_directions import frequent_directions
from wlra_dist.protocols.common_basis.svd_factors import svd_factors
from wlra_dist.protocols.common_columns.block_qrcp import block_qrcp
from wlra_dist.protocols.common_columns.bwz import bwz
from wlra_dist.protocols.cross.cross import cross
from wlra_dist.protocols.distinct.distinct import distinct
from wlra_dist.protocols.everyone_outputs import everyone_outputs as everyone_outputs
from wlra_dist.protocols.one_round.local_budget import local_budget
from wlra_dist.protocols.one_round.one_round import one_round
from wlra_dist.protocols.one_round.one_way import one_way
from wlra_dist.protocols.one_round.two_thirds import two_thirds
from wlra_dist.protocols.protocol import Protocol as Protocol
from wlra_dist.protocols.raw import raw
from wlra_dist.protocols.rounded.rounded import rounded
from wlra_dist.protocols.sketched.sketch_qrcp import sketch_qrcp
from wlra_dist.protocols.terms import Terms as Terms

PROTOCOLS: dict[str, Protocol] = {
    "local_budget": local_budget,
    "one_way": one_way,
    "one_round": one_round,
    "bwz": bwz,
    "svd_factors": svd_factors,
    "frequent_directions": frequent_directions,
    "distinct": distinct,
    "block_qrcp": block_qrcp,
    "sketch_qrcp": sketch_qrcp,
    "rounded": rounded,
    "cross": cross,
    "als": als,
    "raw": raw,
    "two_thirds": two_thirds,
    "auto": auto,
}

NO_PROMISE = frozenset({"als"})
"""Protocols that promise no accuracy, as (1+ε)·LB may be out of reach for what they output; the ratio is certified."""

BY_ESTIMATE = frozenset({"sketch_qrcp", "cross"})
"""Protocols that look at random sketches, and keep their promise unless these mislead; others keep it for certain."""

TWO_IN_THREE = frozenset({"two_thirds"})
"""Protocols that keep their promise with probability 2/3, as Def 1.4 asks, and no more often."""
