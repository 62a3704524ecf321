"""Column subset selection on B = W∘A (Woodruff & Yasuda, Cor 1.3): a selector a file, one `select`."""

from wlra_dist.css.alone import ALONE
from wlra_dist.css.auto import Auto
from wlra_dist.css.selection import Selection as Selection
from wlra_dist.css.selection import Selector as Selector
from wlra_dist.css.selection import Stop as Stop
from wlra_dist.css.swaps import Swaps
from wlra_dist.css.until import BasisTooLargeError as BasisTooLargeError
from wlra_dist.css.until import select as select

SELECTORS: dict[str, type[Selector]] = {"auto": Auto, "swaps": Swaps, **ALONE}
"""A scenario's `selector` by name; the fields of the class are the selector's options."""
