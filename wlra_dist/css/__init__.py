"""Column subset selection on B = W∘A (Woodruff & Yasuda, Cor 1.3): a selector a file, one `select`."""

from wlra_dist.css.auto import Auto
from wlra_dist.css.greedy import Greedy
from wlra_dist.css.leverage import LeverageSampling
from wlra_dist.css.norm_sampling import NormSampling
from wlra_dist.css.selection import Selection as Selection
from wlra_dist.css.selection import Selector as Selector
from wlra_dist.css.selection import Stop as Stop
from wlra_dist.css.sketched_qr import SketchedQR
from wlra_dist.css.until import select as select

SELECTORS: dict[str, type[Selector]] = {
    "auto": Auto,
    "greedy": Greedy,
    "sketched_qr": SketchedQR,
    "norm": NormSampling,
    "leverage": LeverageSampling,
}
"""A scenario's `selector` by name; the fields of the class are the selector's options."""
