"""The protocols, one file each; a new one is a file, a line here, and lines in `bounds.UPPER_BOUNDS` and `SOURCES`."""

from collections.abc import Mapping

from wlra_dist.inputs.tables import Names
from wlra_dist.protocols.protocol import Protocol as Protocol
from wlra_dist.protocols.terms import Terms as Terms

PROTOCOLS: Mapping[str, Protocol] = Names(
    {
        "local_budget": "wlra_dist.protocols.one_round.local_budget:local_budget",
        "one_way": "wlra_dist.protocols.one_round.one_way:one_way",
        "one_round": "wlra_dist.protocols.one_round.one_round:one_round",
        "bwz": "wlra_dist.protocols.common_columns.bwz:bwz",
        "svd_factors": "wlra_dist.protocols.common_basis.svd_factors:svd_factors",
        "frequent_directions": "wlra_dist.protocols.common_basis.frequent_directions:frequent_directions",
        "distinct": "wlra_dist.protocols.distinct.distinct:distinct",
        "block_qrcp": "wlra_dist.protocols.common_columns.block_qrcp:block_qrcp",
        "sketch_qrcp": "wlra_dist.protocols.sketched.sketch_qrcp:sketch_qrcp",
        "rounded": "wlra_dist.protocols.rounded.rounded:rounded",
        "cross": "wlra_dist.protocols.cross.cross:cross",
        "als": "wlra_dist.protocols.als.als:als",
        "raw": "wlra_dist.protocols.raw:raw",
        "two_thirds": "wlra_dist.protocols.one_round.two_thirds:two_thirds",
        "auto": "wlra_dist.protocols.auto:auto",
    }
)

NO_PROMISE = frozenset({"als"})
"""Protocols that promise no accuracy, as (1+ε)·LB may be out of reach for what they output; the ratio is certified."""

BY_ESTIMATE = frozenset({"sketch_qrcp", "cross"})
"""Protocols that look at random sketches, and keep their promise unless these mislead; others keep it for certain."""

TWO_IN_THREE = frozenset({"two_thirds"})
"""Protocols that keep their promise with probability 2/3, as Def 1.4 asks, and no more often."""
