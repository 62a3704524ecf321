"""What the theorems say a run costs: upper and lower bounds, as functions of the public sizes.

n×d is A's shape, s the most nonzeros of a column, r the rank of W, k the target rank, m the number of servers,
ε the accuracy; K = rk. "Words" are the numbers of the paper's counts; each takes `word_bits` bits. A loss is a sum of
squares, and so are 1 + ε and κ factors of squares, as in Thm 1.2; Def 1.4's κ is of norms, the root of ours.
"""

from wlra_dist.protocols.bounds.exact import LARGEST_BLOCK as LARGEST_BLOCK
from wlra_dist.protocols.bounds.exact import ExactCost as ExactCost
from wlra_dist.protocols.bounds.exact import exact_bits as exact_bits
from wlra_dist.protocols.bounds.hypotheses import HELD_AGAINST as HELD_AGAINST
from wlra_dist.protocols.bounds.hypotheses import Bound as Bound
from wlra_dist.protocols.bounds.hypotheses import Promise as Promise
from wlra_dist.protocols.bounds.hypotheses import Rules as Rules
from wlra_dist.protocols.bounds.hypotheses import drawn_inputs as drawn_inputs
from wlra_dist.protocols.bounds.hypotheses import even_hard_instance as even_hard_instance
from wlra_dist.protocols.bounds.hypotheses import hard_instance as hard_instance
from wlra_dist.protocols.bounds.hypotheses import lower_bounds as lower_bounds
from wlra_dist.protocols.bounds.sizes import Sizes as Sizes
from wlra_dist.protocols.bounds.sizes import columns_for as columns_for
from wlra_dist.protocols.bounds.sizes import entry_power as entry_power
from wlra_dist.protocols.bounds.sizes import word_bits as word_bits
from wlra_dist.protocols.bounds.sketches import check_rows as check_rows
from wlra_dist.protocols.bounds.sketches import sketch_rows as sketch_rows
from wlra_dist.protocols.bounds.sketches import turned_rows as turned_rows
from wlra_dist.protocols.bounds.upper import SOURCES as SOURCES
from wlra_dist.protocols.bounds.upper import UPPER_BOUNDS as UPPER_BOUNDS
