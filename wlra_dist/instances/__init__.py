"""Problem instances: each kind is a dataclass of options whose `open` gives W, and A by column blocks.

A new kind is one file, one line in `INSTANCES` and one in the tests' list.
"""

from typing import TYPE_CHECKING, Any

from wlra_dist.inputs.tables import Names
from wlra_dist.instances.instance import Columns as Columns
from wlra_dist.instances.instance import Entries as Entries
from wlra_dist.instances.instance import Instance as Instance
from wlra_dist.instances.instance import Share as Share
from wlra_dist.instances.instance import alone as alone
from wlra_dist.instances.instance import indices as indices

if TYPE_CHECKING:
    from wlra_dist.instances.digits import DigitsPixels as DigitsPixels
    from wlra_dist.instances.fisher import DigitsFisher as DigitsFisher
    from wlra_dist.instances.fisher import IdxFisher as IdxFisher
    from wlra_dist.instances.fisher_layer import FisherLayer as FisherLayer
    from wlra_dist.instances.fisher_like import FisherLike as FisherLike
    from wlra_dist.instances.from_files import Files as Files
    from wlra_dist.instances.hard.lower_bound import LowerBound as LowerBound
    from wlra_dist.instances.hard.matching import Matching as Matching
    from wlra_dist.instances.hard.shared_row import SharedRow as SharedRow
    from wlra_dist.instances.images.layer import ImagesFisher as ImagesFisher
    from wlra_dist.instances.synthetic import Synthetic as Synthetic

INSTANCES: Names[type] = Names(
    {
        "lower_bound": "wlra_dist.instances.hard.lower_bound:LowerBound",
        "matching": "wlra_dist.instances.hard.matching:Matching",
        "shared_row": "wlra_dist.instances.hard.shared_row:SharedRow",
        "synthetic": "wlra_dist.instances.synthetic:Synthetic",
        "digits_pixels": "wlra_dist.instances.digits:DigitsPixels",
        "digits_fisher": "wlra_dist.instances.fisher:DigitsFisher",
        "idx_fisher": "wlra_dist.instances.fisher:IdxFisher",
        "fisher": "wlra_dist.instances.fisher_layer:FisherLayer",
        "images": "wlra_dist.instances.images.layer:ImagesFisher",
        "fisher_like": "wlra_dist.instances.fisher_like:FisherLike",
        "files": "wlra_dist.instances.from_files:Files",
    }
)
"""The kinds that a scenario may name."""


def __getattr__(name: str) -> Any:
    """The dataclass of a kind by its own name, whose module is loaded now."""
    return INSTANCES.attribute(name, __name__)
